// GCRA, the generic cell rate algorithm: a limit on requests with one stored number, the theoretical arrival time.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/units.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay::ratelimit {

/// What a request was told.
struct RateState {
  bool allowed = true;
  std::uint32_t remaining = 0;        ///< requests that would pass right now
  Millis reset;                       ///< until all of the quota is there again
  std::optional<Millis> retry_after;  ///< when refused; absent where waiting does not help: it costs more than the quota
};

/// `arrival`: the number to store after the request. A refused request leaves it, unless the clock went back.
struct Decision {
  RateState state;
  UnixMillis arrival;
};

/// `arrival` is {0} for somebody new.
Decision decide(const RateLimit& limit, UnixMillis arrival, UnixMillis now, std::uint32_t cost = 1);

/// Whole seconds, rounded up: never earlier than the moment itself.
std::uint32_t seconds_up(Millis span);

/// `"default";q=100;w=60`
std::string policy_header(const RateLimit& limit);
/// `"default";r=42;t=17`: t is the wait until the request passes when it was refused, else until all of the quota is back.
std::string state_header(const RateState& state);

}  // namespace lntpay::ratelimit
