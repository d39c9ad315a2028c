// Random numbers for mutators and generators: small, fast, and reproducible by seed (SplitMix64).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace lntpay::fuzz {

class Rng {
 public:
  explicit Rng(std::uint64_t seed) : state_(seed) {}

  std::uint64_t u64() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
  }
  /// In [0, n); n is not 0.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(u64() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  std::uint8_t group() { return static_cast<std::uint8_t>(u64() & 31); }

  template <class T, std::size_t size>
  const T& pick(const T (&from)[size]) {
    return from[below(size)];
  }

 private:
  std::uint64_t state_;
};

}  // namespace lntpay::fuzz
