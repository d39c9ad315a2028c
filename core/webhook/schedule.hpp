// When a delivery is tried again, and what an answer means.
#pragma once
#include <array>
#include <optional>
#include <string>

#include "core/base/units.hpp"
#include "core/crypto/random.hpp"
#include "core/storage/effect.hpp"

namespace lntpay {

/// Before the first attempt, the second, and so on: as many attempts as entries, about 75 hours from first to last.
inline constexpr std::array<Millis, 11> delivery_delays{Millis{0}, seconds(5), seconds(30), minutes(5), minutes(30), hours(2),
                                                        hours(5),  hours(10),  hours(14),   hours(20),  hours(24)};
inline constexpr Millis retry_after_max = hours(24);
/// An endpoint that failed at every attempt for so long is disabled.
inline constexpr Millis failing_max = days(5);
inline constexpr std::size_t stored_body_bytes_max = 2'048;

enum class AttemptResult : std::uint8_t {
  delivered,
  failed,
  gone  ///< 410: the receiver wants no more; the endpoint is disabled
};

/// What came of one attempt.
struct AttemptOutcome {
  AttemptResult result = AttemptResult::failed;
  std::uint16_t code = 0;               ///< 0: no answer
  std::string reason{};                 ///< why it failed, for people; empty when it did not
  std::string body{};                   ///< the first 2 KB of the answer
  std::optional<Millis> retry_after{};  ///< as the receiver asked, from now
};

/// Only a whole answer with 2xx is a success; a redirect is a failure and is not followed.
AttemptOutcome outcome_of(const Reply& reply, UnixMillis now);
/// An attempt that was refused before anything was sent.
AttemptOutcome unsent_attempt(std::string reason);

/// From a failed attempt to the next, after `tries` attempts: the schedule's delay, up to 20 % longer or shorter, or the
/// receiver's wish clamped to [the schedule's delay, 24 h]. nullopt: that was the last one.
std::optional<Millis> next_delay(std::uint32_t tries, std::optional<Millis> retry_after, Random& random);

}  // namespace lntpay
