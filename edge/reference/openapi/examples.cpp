// Finding an example.
#include "edge/reference/openapi/examples.hpp"

#include <algorithm>

namespace lntpay::openapi {

const Exchange* Examples::find(const Route& route, std::uint16_t status) const {
  const auto fits = [&](const Exchange& each) { return each.route == &route && each.response.status == status; };
  const auto found = std::ranges::find_if(exchanges, fits);
  return found != exchanges.end() ? &*found : nullptr;
}

const Exchange* Examples::find_error(std::string_view code) const {
  const auto begin = R"({"error":{"code":")" + std::string(code) + '"';
  const auto found = std::ranges::find_if(exchanges, [&](const Exchange& each) { return each.response.body.starts_with(begin); });
  return found != exchanges.end() ? &*found : nullptr;
}

const Outgoing* Examples::find_webhook(EventType type) const {
  const auto named = R"("type":")" + std::string(name_of(type)) + '"';
  const auto found = std::ranges::find_if(webhooks, [&](const Outgoing& each) { return each.body.contains(named); });
  return found != webhooks.end() ? &*found : nullptr;
}

}  // namespace lntpay::openapi
