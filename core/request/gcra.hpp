// GCRA, the generic cell rate algorithm: a rate limit that stores one number, the theoretical arrival time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/units.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay::ratelimit {

/// The limit as a request sees it.
struct RateState {
  bool allowed = true;
  std::uint32_t remaining = 0;        ///< requests that would pass right now
  Millis reset;                       ///< until the whole quota is available again
  std::optional<Millis> retry_after;  ///< when refused; nullopt if waiting does not help: the cost exceeds the quota
};

/// `arrival`: the time to store after the request. A refused request does not change it, unless the clock went back.
struct Decision {
  RateState state;
  UnixMillis arrival;
};

/// `arrival` is {0} for a new client.
Decision decide(const RateLimit& limit, UnixMillis arrival, UnixMillis now, std::uint32_t cost = 1);

/// Whole seconds, rounded up.
std::uint32_t seconds_up(Millis span);

/// `"default";q=100;w=60`
std::string policy_header(std::string_view policy, const RateLimit& limit);
/// `"default";r=42;t=17`: t is the time until the request passes if it was refused, else until the whole quota is available.
std::string state_header(std::string_view policy, const RateState& state);

}  // namespace lntpay::ratelimit
