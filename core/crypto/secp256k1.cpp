// ECDSA over libsecp256k1 with its recovery module.
#include "core/crypto/secp256k1.hpp"

#include <secp256k1.h>
#include <secp256k1_preallocated.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "core/base/secret.hpp"

// With USE_EXTERNAL_DEFAULT_CALLBACKS the library calls these instead of printing to stderr, which the component does not have. A
// wrong argument is a defect of this file.
extern "C" {
void secp256k1_default_illegal_callback_fn(const char*, void*) { __builtin_trap(); }
void secp256k1_default_error_callback_fn(const char*, void*) { __builtin_trap(); }
}

namespace lntpay {
namespace {

// The library's static context serves everything except signing, which needs a created one; it is in static memory. It is not
// blinded: the signing path is constant-time, and blinding would need entropy at start-up.
const secp256k1_context* context() {
  alignas(std::max_align_t) static std::array<std::byte, 512> memory;
  static const secp256k1_context* const created = [] {
    if (secp256k1_context_preallocated_size(SECP256K1_CONTEXT_NONE) > memory.size()) __builtin_trap();
    return secp256k1_context_preallocated_create(memory.data(), SECP256K1_CONTEXT_NONE);
  }();
  return created;
}

// For calls that cannot fail: a SecretKey is always in range, a parsed key always serialises.
void must_succeed(int success) {
  if (success != 1) __builtin_trap();
}

std::optional<secp256k1_pubkey> parse(const PublicKey& key) {
  secp256k1_pubkey parsed;
  if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &parsed, key.bytes.data(), key.bytes.size()) != 1) return std::nullopt;
  return parsed;
}

PublicKey serialize(const secp256k1_pubkey& key) {
  PublicKey compressed;
  auto size = compressed.bytes.size();
  must_succeed(
      secp256k1_ec_pubkey_serialize(secp256k1_context_static, compressed.bytes.data(), &size, &key, SECP256K1_EC_COMPRESSED));
  return compressed;
}

}  // namespace

bool is_valid(const PublicKey& key) { return parse(key).has_value(); }

std::optional<SecretKey> SecretKey::from(const Bytes32& bytes) {
  if (secp256k1_ec_seckey_verify(secp256k1_context_static, bytes.data()) != 1) return std::nullopt;
  return SecretKey{bytes};
}

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    wipe(other.bytes_);
  }
  return *this;
}

SecretKey::~SecretKey() { wipe(bytes_); }

PublicKey public_key(const SecretKey& key) {
  secp256k1_pubkey point;
  must_succeed(secp256k1_ec_pubkey_create(context(), &point, key.reveal().data()));
  return serialize(point);
}

RecoverableSignature sign_recoverable(const SecretKey& key, const Bytes32& hash) {
  secp256k1_ecdsa_recoverable_signature raw;
  must_succeed(secp256k1_ecdsa_sign_recoverable(context(), &raw, hash.data(), key.reveal().data(), secp256k1_nonce_function_rfc6979,
                                                nullptr));
  RecoverableSignature signature;
  int recovery_id = 0;
  must_succeed(secp256k1_ecdsa_recoverable_signature_serialize_compact(secp256k1_context_static, signature.compact.data(),
                                                                       &recovery_id, &raw));
  signature.recovery_id = static_cast<std::uint8_t>(recovery_id);
  return signature;
}

std::optional<PublicKey> recover(const RecoverableSignature& signature, const Bytes32& hash) {
  if (signature.recovery_id > 3) return std::nullopt;
  secp256k1_ecdsa_recoverable_signature raw;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &raw, signature.compact.data(),
                                                          signature.recovery_id) != 1) {
    return std::nullopt;
  }
  secp256k1_pubkey point;
  if (secp256k1_ecdsa_recover(secp256k1_context_static, &point, &raw, hash.data()) != 1) return std::nullopt;
  return serialize(point);
}

bool verify(const PublicKey& key, const CompactSignature& signature, const Bytes32& hash, HighS high_s) {
  const auto point = parse(key);
  secp256k1_ecdsa_signature raw;
  if (!point || secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &raw, signature.data()) != 1) return false;
  // The library verifies low S only; normalizing first is its documented way to accept both.
  if (high_s == HighS::accept) secp256k1_ecdsa_signature_normalize(secp256k1_context_static, &raw, &raw);
  return secp256k1_ecdsa_verify(secp256k1_context_static, &raw, hash.data(), &*point) == 1;
}

bool has_high_s(const CompactSignature& signature) {
  static constexpr Bytes32 half_order{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
                                      0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0};
  return std::lexicographical_compare(half_order.begin(), half_order.end(), signature.begin() + 32, signature.end());
}

}  // namespace lntpay
