// Random values from the 256 fresh bits that a host passes with every step. The core has no other source: the same entropy gives
// the same values natively and in WebAssembly, so a failing test can be replayed.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {

/// The stream HMAC-SHA-256(key, counter), counter = 0, 1, 2, … in 8 bytes. key = HMAC-SHA-256(entropy, "lntpay random " | purpose),
/// or the entropy itself when the purpose is empty, as for most requests. A counter is shorter than any of those texts, so streams
/// of different purposes are independent, and indistinguishable from random without the entropy.
class Random {
 public:
  explicit Random(const std::array<std::uint64_t, 4>& entropy, std::string_view purpose = {});
  ~Random();
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;

  void fill(std::span<std::uint8_t> out);
  [[nodiscard]] Bytes32 bytes32();
  [[nodiscard]] std::uint64_t u64();

  /// Uniform in [0, n); n must not be 0.
  [[nodiscard]] std::uint64_t below(std::uint64_t n);

  /// `digits` base62 digits, each uniform: 5.95 bits per digit.
  [[nodiscard]] std::string base62(std::size_t digits);

 private:
  void refill();

  HmacSha256 keyed_;  ///< has absorbed the key, which halves the work of each block
  Bytes32 block_{};
  std::size_t used_ = 32;
  std::uint64_t counter_ = 0;
};

}  // namespace lntpay
