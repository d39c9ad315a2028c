// Secrets at rest: sealed under a key of the operator and bound to the place where they are stored.
//
// ChaCha20-Poly1305 (RFC 8439), because it needs only additions, rotations and XORs: without AES instructions, as in WebAssembly,
// AES and GCM need tables whose cache lines leak the key. It is also less code. The 192-bit synthetic nonce is an HMAC of context
// and plaintext, so repeated entropy cannot make two plaintexts share a key stream. The cost: the same plaintext in the same
// context gives the same sealed text, which reveals that they are equal.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/secret.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {

/// A sealing key. `id` is part of every text that it seals: 1 or more characters, no '.', unique in a ring. Only the derived HMAC
/// states are kept; each copy wipes them on destruction.
class SealKey {
 public:
  SealKey(std::string named, ByteView key);

  std::string id;
  HmacSha256 encrypting;
  HmacSha256 nonces;
};

/// The first key seals, every key opens. To rotate, put a new key in front, and remove the old one when no text is sealed under it.
using Keyring = std::span<const SealKey>;

/// `id.base64url(nonce 24 | ciphertext | tag 16)`, without padding. `context` names the place (the row's key and the field) and is
/// not stored. The ring must not be empty.
[[nodiscard]] std::string seal(Keyring ring, std::string_view context, ByteView plaintext);

/// The plaintext; nullopt unless the text was sealed with this context by a key of this ring.
[[nodiscard]] std::optional<Secret> open(Keyring ring, std::string_view context, std::string_view sealed);

/// The id of the key that a text was sealed under, for a rotation.
[[nodiscard]] std::optional<std::string_view> sealed_under(std::string_view sealed);

}  // namespace lntpay
