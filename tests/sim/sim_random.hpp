// The simulator's random numbers. Every step has its own generator, (seed, step), so that removing a step, which is how
// a failure is shrunk, does not change the numbers of the others.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/units.hpp"

namespace lntpay::sim {

/// SplitMix64.
class SimRandom {
 public:
  SimRandom(std::uint64_t seed, std::uint64_t stream) : state_(mix(seed * 0x9e3779b97f4a7c15ULL + stream)) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  /// Practically uniform in [0, n); n must not be 0.
  std::uint64_t below(std::uint64_t n) { return next() % n; }
  std::uint64_t from(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  bool per_mille(std::uint64_t n) { return below(1'000) < n; }
  Millis span(Millis low, Millis high) {
    return {static_cast<std::int64_t>(from(static_cast<std::uint64_t>(low.value), static_cast<std::uint64_t>(high.value)))};
  }
  template <class Range>
  const auto& pick(const Range& range) {
    return range[below(std::size(range))];
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace lntpay::sim
