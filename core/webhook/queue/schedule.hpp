// The retry schedule of deliveries, and the outcome of an attempt.
#pragma once
#include <array>
#include <optional>
#include <string>

#include "core/base/units.hpp"
#include "core/crypto/random.hpp"
#include "core/storage/effect.hpp"

namespace lntpay {

/// The delay before each attempt: as many attempts as entries, about 75 hours from first to last.
inline constexpr std::array<Millis, 11> delivery_delays{Millis{0}, seconds(5), seconds(30), minutes(5), minutes(30), hours(2),
                                                        hours(5),  hours(10),  hours(14),   hours(20),  hours(24)};
inline constexpr Millis retry_after_max = hours(24);
inline constexpr Millis retry_after_jitter_max = minutes(5);
inline constexpr std::size_t stored_body_bytes_max = 2'048;

enum class AttemptResult : std::uint8_t {
  delivered,
  failed,
  gone,      ///< 410: the endpoint is disabled
  not_tried  ///< the host had no capacity or was stopping: no attempt, and the schedule stays where it is
};

struct AttemptOutcome {
  AttemptResult result = AttemptResult::failed;
  std::uint16_t code = 0;               ///< 0: no response
  std::string reason{};                 ///< why it failed, for people; else empty
  std::string body{};                   ///< the first 2 KB of the response
  std::optional<Millis> retry_after{};  ///< as the receiver requested
};

/// Only a complete 2xx response is a success; redirects are failures and are not followed.
AttemptOutcome outcome_of(const Reply& reply, UnixMillis now);
/// A failed attempt for which no request was sent.
AttemptOutcome unsent_attempt(std::string reason);

/// The delay after an attempt that the host could not make, for a delivery that has waited so long: 2 to 6 s at first, then longer,
/// up to about a minute, so that a host without capacity is not kept busy with postponing.
Millis capacity_delay(Millis waited, Random& random);

/// The delay after `tries` failed attempts: the schedule's, 20 % more or less; or the receiver's Retry-After clamped to [the
/// schedule's delay, 24 h] and up to 20 %, at most five minutes, more, so that what it sent away does not return in one moment.
/// nullopt: the schedule is exhausted.
std::optional<Millis> next_delay(std::uint32_t tries, std::optional<Millis> retry_after, Random& random);

}  // namespace lntpay
