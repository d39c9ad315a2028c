// The state of lnd for /readyz.
#include "core/lightning/node/lnd.hpp"
#include "core/lightning/node/lnd_report_objects.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t state_timeout_ms = 2'000;
constexpr std::uint32_t state_bytes_max = 64U << 10;
constexpr std::size_t state_depth = 3;  // {"chains":[{"network":…}]}

struct State {
  std::string_view status;
  std::string reason{};
};

State unreachable(const Reply& reply) {
  if (const auto* none = std::get_if<NotSent>(&reply)) return {"unavailable", none->reason};
  if (const auto* none = std::get_if<NoAnswer>(&reply)) return {"unavailable", none->reason};
  if (const auto* broken = std::get_if<Broken>(&reply)) return {"unavailable", broken->reason};
  return {"unavailable", "the response is not lnd's"};
}

/// By our name of the network.
std::string_view network_in(const Json& info) {
  const auto* chains = info.find("chains");
  if (chains == nullptr || chains->items.empty()) return {};
  const auto network = lnd::text_in(chains->items.front(), "network");
  return network == "mainnet" ? "bitcoin" : network;
}

State state_from(const Reply& reply, std::string_view network) {
  const auto* answered = std::get_if<Answered>(&reply);
  const auto info = read_json(answered != nullptr ? answered->response.body : std::string{}, state_depth);
  if (!info || info->kind != Json::Kind::object) return unreachable(reply);
  if (const auto refusal = lnd::refusal_in(*info)) {
    return {"unavailable", std::string(lnd::definite_reason(*refusal).value_or("the node refuses to identify itself"))};
  }
  const auto there = network_in(*info);
  if (there.empty()) return unreachable(reply);
  if (there != network)
    return {"another_network", "the node is on " + std::string(there) + ", but live_network is " + std::string(network)};
  const auto* synced = info->find("synced_to_chain");
  if (synced == nullptr || !synced->flag) return {"behind", "the node is not synced to its chain"};
  return {"ready"};
}

}  // namespace

Task<std::string> LndNode::state() {
  auto request = lnd::request_for(lnd::receive, "/v1/getinfo");
  request.timeout_ms = state_timeout_ms;
  request.body_limit = state_bytes_max;
  const auto reply = co_await fetch(std::move(request));
  const auto [status, reason] = state_from(reply, cx_.settings.live_network);
  co_return node_state_object.text({status, reason});
}

}  // namespace lntpay
