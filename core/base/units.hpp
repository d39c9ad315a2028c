// Units of money and time. Amounts are millisatoshi, times Unix milliseconds; arithmetic that could leave the range is
// checked by the caller through `checked_add` and `checked_sub`.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>

namespace lntpay {

/// An amount in millisatoshi.
struct Msat {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Msat&) const = default;
};

/// 21 million bitcoin, the largest amount.
inline constexpr Msat msat_max{21'000'000ULL * 100'000'000ULL * 1'000ULL};

constexpr std::optional<Msat> checked_add(Msat a, Msat b) {
  if (a.value > UINT64_MAX - b.value) return std::nullopt;
  return Msat{a.value + b.value};
}

constexpr std::optional<Msat> checked_sub(Msat a, Msat b) {
  if (a < b) return std::nullopt;
  return Msat{a.value - b.value};
}

constexpr Msat operator""_sat(unsigned long long sats) { return Msat{sats * 1'000}; }
constexpr Msat operator""_msat(unsigned long long msats) { return Msat{msats}; }

/// A duration.
struct Millis {
  std::int64_t value = 0;
  constexpr auto operator<=>(const Millis&) const = default;
};

constexpr Millis seconds(std::int64_t n) { return {n * 1'000}; }
constexpr Millis minutes(std::int64_t n) { return seconds(n * 60); }
constexpr Millis hours(std::int64_t n) { return minutes(n * 60); }
constexpr Millis days(std::int64_t n) { return hours(n * 24); }

/// A point in time, up to the end of the year 9999; sums saturate there.
struct UnixMillis {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const UnixMillis&) const = default;
};

inline constexpr UnixMillis unix_millis_max{253'402'300'799'999ULL};

constexpr UnixMillis operator+(UnixMillis at, Millis by) {
  if (by.value < 0) {
    const auto back = static_cast<std::uint64_t>(-by.value);
    return {at.value > back ? at.value - back : 0};
  }
  const auto sum = at.value + static_cast<std::uint64_t>(by.value);
  return {sum < unix_millis_max.value ? sum : unix_millis_max.value};
}
constexpr UnixMillis operator-(UnixMillis at, Millis by) { return at + Millis{-by.value}; }
constexpr Millis operator-(UnixMillis later, UnixMillis earlier) {
  return {static_cast<std::int64_t>(later.value) - static_cast<std::int64_t>(earlier.value)};
}
constexpr Millis operator*(Millis span, std::int64_t times) { return {span.value * times}; }

/// The beginning of its hour.
constexpr UnixMillis hour_of(UnixMillis at) { return {at.value - at.value % 3'600'000}; }

/// Whether a lease until then holds. Leases last minutes: one that ends more than a day ahead was taken by a clock that was far
/// ahead and has come back. It has ended, so that nothing waits for years.
constexpr bool is_leased(UnixMillis until, UnixMillis now) { return until > now && until - now <= days(1); }

}  // namespace lntpay
