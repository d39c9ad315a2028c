// SHA-256 and HMAC over mbedTLS's SHA-256.
#include "core/crypto/sha256.hpp"

#include <mbedtls/sha256.h>

#include <cstring>
#include <new>

#include "core/base/secret.hpp"

namespace lntpay {
namespace {

constexpr std::size_t block_size = 64;

template <class State>
mbedtls_sha256_context* context(State& state) {
  static_assert(sizeof(mbedtls_sha256_context) <= sizeof(state));
  static_assert(alignof(mbedtls_sha256_context) <= 8);
  return std::launder(reinterpret_cast<mbedtls_sha256_context*>(state.data()));
}

// mbedTLS's functions fail only with hardware acceleration; in software a non-zero code is a broken build.
void must_be_zero(int code) {
  if (code != 0) __builtin_trap();
}

}  // namespace

Sha256::Sha256() {
  new (state_.data()) mbedtls_sha256_context;
  mbedtls_sha256_init(context(state_));
  must_be_zero(mbedtls_sha256_starts(context(state_), 0));
}

Sha256::~Sha256() { mbedtls_sha256_free(context(state_)); }

Sha256::Sha256(const Sha256& other) = default;

Sha256& Sha256::operator=(const Sha256& other) = default;

Sha256& Sha256::update(ByteView bytes) {
  if (!bytes.empty()) must_be_zero(mbedtls_sha256_update(context(state_), bytes.data(), bytes.size()));
  return *this;
}

Bytes32 Sha256::finish() {
  Bytes32 digest;
  must_be_zero(mbedtls_sha256_finish(context(state_), digest.data()));
  return digest;
}

HmacSha256::HmacSha256(ByteView key) {
  std::array<std::uint8_t, block_size> pad{};
  if (key.size() > block_size) {
    Bytes32 digest = sha256(key);  // equivalent to the key
    std::memcpy(pad.data(), digest.data(), digest.size());
    wipe(digest);
  } else if (!key.empty()) {
    std::memcpy(pad.data(), key.data(), key.size());
  }
  for (auto& byte : pad) byte ^= 0x36;
  inner_.update(pad);
  for (auto& byte : pad) byte ^= 0x36 ^ 0x5c;
  outer_.update(pad);
  wipe(pad);
}

HmacSha256& HmacSha256::update(ByteView bytes) {
  inner_.update(bytes);
  return *this;
}

Bytes32 HmacSha256::finish() { return outer_.update(inner_.finish()).finish(); }

Bytes32 sha256(ByteView message) { return Sha256{}.update(message).finish(); }

Bytes32 hmac_sha256(ByteView key, ByteView message) { return HmacSha256{key}.update(message).finish(); }

Bytes32 hmac_sha256(ByteView key, std::span<const ByteView> parts) {
  HmacSha256 hmac{key};
  for (const auto part : parts) hmac.update(part);
  return hmac.finish();
}

Bytes32 hmac_sha256(ByteView key, std::initializer_list<ByteView> parts) {
  return hmac_sha256(key, std::span{parts.begin(), parts.size()});
}

}  // namespace lntpay
