// ChaCha20-Poly1305 with a synthetic nonce.
//
//   enc, mac   = HMAC(key, "lntpay seal 1 encrypt"), HMAC(key, "lntpay seal 1 nonce")
//   nonce      = first 24 bytes of HMAC(mac, size of context (8 bytes) | context | plaintext)
//   cipher key = HMAC(enc, nonce): the nonce has 192 bits, not ChaCha20's 96
//   sealed     = ChaCha20-Poly1305(cipher key, 96 zero bits, additional data = context, plaintext)
#include "core/crypto/seal.hpp"

#include <mbedtls/chachapoly.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/encoding.hpp"

namespace lntpay {
namespace {

constexpr std::size_t nonce_size = 24;
constexpr std::size_t tag_size = 16;
constexpr std::array<std::uint8_t, 12> zero_iv{};

class Cipher {
 public:
  Cipher(const SealKey& key, ByteView nonce) {
    auto message_key = HmacSha256(key.encrypting).update(nonce).finish();
    mbedtls_chachapoly_init(&context_);
    if (mbedtls_chachapoly_setkey(&context_, message_key.data()) != 0) __builtin_trap();
    wipe(message_key);
  }
  ~Cipher() { mbedtls_chachapoly_free(&context_); }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  void seal(ByteView additional, ByteView plaintext, std::uint8_t* ciphertext, std::uint8_t* tag) {
    if (mbedtls_chachapoly_encrypt_and_tag(&context_, plaintext.size(), zero_iv.data(), additional.data(), additional.size(),
                                           plaintext.data(), ciphertext, tag) != 0) {
      __builtin_trap();
    }
  }

  bool open(ByteView additional, ByteView ciphertext, const std::uint8_t* tag, std::uint8_t* plaintext) {
    return mbedtls_chachapoly_auth_decrypt(&context_, ciphertext.size(), zero_iv.data(), additional.data(), additional.size(), tag,
                                           ciphertext.data(), plaintext) == 0;
  }

 private:
  mbedtls_chachapoly_context context_;
};

Bytes32 synthetic_nonce(const SealKey& key, std::string_view context, ByteView plaintext) {
  return HmacSha256(key.nonces).update(big_endian(context.size())).update(bytes_of(context)).update(plaintext).finish();
}

/// An HMAC under a key that is derived for one use.
HmacSha256 derived(ByteView key, std::string_view use) {
  auto subkey = hmac_sha256(key, bytes_of(use));
  const HmacSha256 keyed(subkey);
  wipe(subkey);
  return keyed;
}

}  // namespace

SealKey::SealKey(std::string named, ByteView key)
    : id(std::move(named)), encrypting(derived(key, "lntpay seal 1 encrypt")), nonces(derived(key, "lntpay seal 1 nonce")) {}

std::string seal(Keyring ring, std::string_view context, ByteView plaintext) {
  if (ring.empty()) __builtin_trap();
  const auto& key = ring.front();
  const auto nonce = synthetic_nonce(key, context, plaintext);
  Bytes sealed(nonce_size + plaintext.size() + tag_size);
  std::memcpy(sealed.data(), nonce.data(), nonce_size);
  Cipher{key, ByteView{nonce}.first(nonce_size)}.seal(bytes_of(context), plaintext, sealed.data() + nonce_size,
                                                      sealed.data() + sealed.size() - tag_size);
  return key.id + '.' + base64(Base64::url_unpadded, sealed);
}

std::optional<std::string_view> sealed_under(std::string_view sealed) {
  const auto dot = sealed.find('.');
  if (dot == 0 || dot == std::string_view::npos) return std::nullopt;
  return sealed.substr(0, dot);
}

std::optional<Secret> open(Keyring ring, std::string_view context, std::string_view sealed) {
  const auto id = sealed_under(sealed);
  if (!id) return std::nullopt;
  const auto key = std::ranges::find(ring, *id, &SealKey::id);
  if (key == ring.end()) return std::nullopt;
  const auto bytes = base64_decode(Base64::url_unpadded, sealed.substr(id->size() + 1));
  if (!bytes || bytes->size() < nonce_size + tag_size) return std::nullopt;
  const auto nonce = ByteView{*bytes}.first(nonce_size);
  const auto ciphertext = ByteView{*bytes}.subspan(nonce_size, bytes->size() - nonce_size - tag_size);
  const auto* tag = bytes->data() + bytes->size() - tag_size;
  Bytes plaintext(ciphertext.size());
  if (!Cipher{*key, nonce}.open(bytes_of(context), ciphertext, tag, plaintext.data())) return std::nullopt;
  return Secret{std::move(plaintext)};
}

}  // namespace lntpay
