// Secrets at rest: sealed under a key of the operator, bound to the place where they are stored, opened only there.
//
// ChaCha20-Poly1305 (RFC 8439), because it is additions, rotations and XORs only: AES without the processor's own
// instructions, as in WebAssembly, needs tables whose cache lines tell an observer about the key, and GCM's multiplication
// likewise; it is also the smaller code. The 192-bit synthetic nonce is an HMAC of context and plaintext, so a host that
// hands out the same entropy twice cannot make two plaintexts share a key stream. What that costs: sealing the same
// plaintext in the same context gives the same text, which tells that they are equal.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/secret.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay {

/// A key that seals. `id` is part of every text that it seals: 1 or more characters, no '.'. Ids in a ring differ. What is kept of
/// the key is what is made of it at each use; each copy wipes that when it goes.
class SealKey {
 public:
  SealKey(std::string named, ByteView key);

  std::string id;
  HmacSha256 encrypting;
  HmacSha256 nonces;
};

/// The first key seals, every key opens: to rotate, put a new one in front and drop the old one when nothing is under it.
using Keyring = std::span<const SealKey>;

/// `id.base64url(nonce 24 | ciphertext | tag 16)`, without padding. `context` names the place and is not stored: the key of
/// the row and the field. The ring must not be empty.
[[nodiscard]] std::string seal(Keyring ring, std::string_view context, ByteView plaintext);

/// The plaintext, or nullopt when the text was not sealed with this context by a key of this ring.
[[nodiscard]] std::optional<Secret> open(Keyring ring, std::string_view context, std::string_view sealed);

/// The id of the key that a text was sealed under: what a rotation looks for.
[[nodiscard]] std::optional<std::string_view> sealed_under(std::string_view sealed);

}  // namespace lntpay
