// The arithmetic of GCRA.
#include "core/request/gcra.hpp"

#include <algorithm>

namespace lntpay::ratelimit {

Decision decide(const RateLimit& limit, UnixMillis arrival, UnixMillis now, std::uint32_t cost) {
  const std::int64_t emission = std::max<std::int64_t>(1, std::int64_t{limit.window_s} * 1'000 / std::max(limit.quota, 1U));
  const std::int64_t burst = emission * limit.quota;
  // A stored time further ahead than a full burst comes from a clock that has gone back, or from a larger limit. It counts as an
  // exhausted quota that refills from now on.
  const std::int64_t ahead = std::clamp<std::int64_t>((arrival - now).value, 0, burst);
  const std::int64_t wanted = ahead + emission * cost;

  Decision decision;
  decision.state.allowed = wanted <= burst;
  const std::int64_t used = decision.state.allowed ? wanted : ahead;
  decision.arrival = now + Millis{used};
  decision.state.remaining = static_cast<std::uint32_t>((burst - used) / emission);
  decision.state.reset = {used};
  if (!decision.state.allowed && cost <= limit.quota) decision.state.retry_after = Millis{wanted - burst};
  return decision;
}

std::uint32_t seconds_up(Millis span) { return static_cast<std::uint32_t>((std::max<std::int64_t>(span.value, 0) + 999) / 1'000); }

std::string policy_header(std::string_view policy, const RateLimit& limit) {
  return "\"" + std::string(policy) + "\";q=" + std::to_string(limit.quota) + ";w=" + std::to_string(limit.window_s);
}

std::string state_header(std::string_view policy, const RateState& state) {
  const auto until = state.allowed ? state.reset : state.retry_after.value_or(state.reset);
  return "\"" + std::string(policy) + "\";r=" + std::to_string(state.remaining) + ";t=" + std::to_string(seconds_up(until));
}

}  // namespace lntpay::ratelimit
