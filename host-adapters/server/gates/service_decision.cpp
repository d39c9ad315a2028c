// The order of the rules.
#include "host-adapters/server/gates/service_decision.hpp"

#include <algorithm>

#include "edge/http/request.hpp"

namespace lntpay::host {

ServiceDecision decide_at_service(const Service& service, const PriceList& prices, const Request& request,
                                  const std::optional<IpAddress>& client, FreeQuota& quota, UnixMillis now) {
  using enum ServiceDecision::Kind;
  const auto resource = request_match(request.method, split_target(request.target).first);
  if (!resource) return {.kind = ambiguous};
  const auto found = prices.find(*resource, request.headers);
  if (!found) return {.kind = not_offered};
  if (service.prices[*found].is_free()) return {.kind = unpriced, .price = *found};

  const auto user_agent = header(request, "user-agent").value_or("");
  const auto fits = [&](const ClientRule& rule) { return rule.fits(client, user_agent); };
  if (std::ranges::any_of(service.allow, fits)) return {.kind = allowed, .price = *found};

  const bool may_be_free = service.free_per_day > 0 && client && !presents_credential(request.headers) &&
                           !preflight_method(request.method, request.headers);
  const auto left = may_be_free ? quota.take(*client, service.free_per_day, now) : std::nullopt;
  if (left) return {.kind = within_free, .price = *found, .free_left = *left};
  return {.kind = priced, .price = *found};
}

}  // namespace lntpay::host
