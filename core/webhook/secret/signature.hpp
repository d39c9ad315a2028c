// Signatures of webhooks: Standard Webhooks 1.0, and the plain HMAC header of the published quickstarts.
//
// A secret is shown as `whsec_` and the base64 of its key. `webhook-signature` is HMAC-SHA-256 over `id.timestamp.body` under
// the decoded key: "v1,<base64>", one for each secret during a rotation, separated by spaces. `X-Signature` and
// `X-LNTPay-Signature` are hex HMAC-SHA-256 of the raw body under the whole text of the active secret, `whsec_` included.
#pragma once
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/secret.hpp"
#include "core/base/units.hpp"
#include "core/crypto/random.hpp"
#include "core/storage/effect.hpp"

namespace lntpay {

/// A new secret in its displayed form. 24 random bytes: their base64 needs no padding.
Secret generate_signing_secret(Random& random);

/// "v1,<base64>". Empty when the secret is empty or not base64. The prefix and padding of the secret are optional.
std::string webhook_signature(std::string_view shown_secret, std::string_view id, std::uint64_t timestamp_s, std::string_view body);
/// The value of X-Signature.
std::string body_signature(std::string_view shown_secret, std::string_view body);

/// webhook-id, webhook-timestamp, webhook-signature, x-signature, x-lntpay-signature. Secrets: at least one, newest first;
/// `active`: the position of the one that signs the last two.
std::vector<Header> signed_headers(std::span<const Secret> secrets, std::size_t active, std::string_view id, UnixMillis at,
                                   std::string_view body);

inline constexpr Millis signature_tolerance = minutes(5);

/// Verification as a receiver does it. Header names are lower case. Fails with a description: a header is missing, the timestamp is
/// not a plain decimal number or further than `tolerance` from now, or no signature matches.
std::expected<void, std::string> verify_webhook(std::string_view shown_secret, std::span<const Header> headers,
                                                std::string_view body, UnixMillis now, Millis tolerance = signature_tolerance);

}  // namespace lntpay
