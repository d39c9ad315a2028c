// Random values out of the 256 fresh bits that a host gives with every step. The core has no other source: the same entropy
// gives the same values natively and in WebAssembly, which is what lets a failing test replay.
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

/// The stream HMAC-SHA-256(key, counter), counter = 0, 1, 2 and so on in 8 bytes, with key = HMAC-SHA-256(entropy, "lntpay random "
/// and the purpose); without a purpose, as most requests draw, the entropy is the key. A counter is shorter than any of those
/// texts, so that all streams are independent, and whoever does not know the entropy cannot tell them from random. With the same
/// entropy and purpose they are equal.
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

  /// `digits` base62 digits, each uniform: 5.95 bits a digit.
  [[nodiscard]] std::string base62(std::size_t digits);

 private:
  void refill();

  HmacSha256 keyed_;  ///< the key taken in once: half the work of each block
  Bytes32 block_{};
  std::size_t used_ = 32;
  std::uint64_t counter_ = 0;
};

}  // namespace lntpay
