// An HMAC counter stream, and unbiased values from it.
#include "core/crypto/random.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/encoding.hpp"
#include "core/base/secret.hpp"

namespace lntpay {
namespace {

/// The purpose is bound once, into the key of the stream.
HmacSha256 key_of(const std::array<std::uint64_t, 4>& entropy, std::string_view purpose) {
  std::array<std::uint8_t, 32> seed;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto word = big_endian(entropy[i]);
    std::memcpy(seed.data() + 8 * i, word.data(), word.size());
  }
  auto key = purpose.empty() ? seed : hmac_sha256(seed, {bytes_of("lntpay random "), bytes_of(purpose)});
  const HmacSha256 keyed(key);
  wipe(seed);
  wipe(key);
  return keyed;
}

}  // namespace

Random::Random(const std::array<std::uint64_t, 4>& entropy, std::string_view purpose) : keyed_(key_of(entropy, purpose)) {}

Random::~Random() { wipe(block_); }

void Random::refill() {
  block_ = HmacSha256(keyed_).update(big_endian(counter_++)).finish();
  used_ = 0;
}

void Random::fill(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    if (used_ == block_.size()) refill();
    const auto size = std::min(out.size(), block_.size() - used_);
    std::memcpy(out.data(), block_.data() + used_, size);
    used_ += size;
    out = out.subspan(size);
  }
}

Bytes32 Random::bytes32() {
  Bytes32 bytes;
  fill(bytes);
  return bytes;
}

std::uint64_t Random::u64() {
  std::array<std::uint8_t, 8> bytes;
  fill(bytes);
  return from_big_endian(bytes);
}

std::uint64_t Random::below(std::uint64_t n) {
  if (n == 0) __builtin_trap();
  // Rejection sampling: the lowest 2^64 mod n values would make small remainders more likely.
  const std::uint64_t skipped = (0 - n) % n;
  for (;;) {
    const auto value = u64();
    if (value >= skipped) return value % n;
  }
}

std::string Random::base62(std::size_t digits) {
  std::string text(digits, '0');
  for (auto& digit : text) {
    std::uint8_t byte = 0;
    do fill({&byte, 1});
    while (byte >= 4 * 62);  // 248 = the largest multiple of 62 in a byte
    digit = base62_alphabet[byte % 62];
  }
  return text;
}

}  // namespace lntpay
