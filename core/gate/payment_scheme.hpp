// The "Payment" HTTP authentication scheme, method "lightning", intent "charge": draft-httpauth-payment-00 and
// draft-lightning-charge-00, as implemented by aperture and its clients.
//
//   WWW-Authenticate: Payment id="…", realm="…", method="lightning", intent="charge", request="…", expires="…", opaque="…"
//   Authorization:    Payment base64url({"challenge": {the same parameters}, "payload": {"preimage": "…"}})
//   Payment-Receipt:  base64url({"status":"success","method":"lightning","timestamp":…,"reference":…,"challengeId":…})
//
// `request` and `opaque` are base64url, without padding, of canonical JSON. The id authenticates the parameters: it is an
// HMAC over all of them except `description`.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/json_reader.hpp"
#include "core/base/units.hpp"

namespace lntpay {

/// Parameters of a challenge as text; empty = absent. In the order of the header.
struct PaymentChallenge {
  std::string id;
  std::string realm;
  std::string method;
  std::string intent;
  std::string request;
  std::string expires;
  std::string digest;
  std::string description;
  std::string opaque;
  bool operator==(const PaymentChallenge&) const = default;
};

/// The value of a WWW-Authenticate line.
std::string challenge_header(const PaymentChallenge& challenge);

/// Parses as a client: all complete offers of this scheme, in one or several lines joined by commas. Other schemes are skipped; the
/// first of a repeated parameter counts.
std::vector<PaymentChallenge> read_challenges(std::string_view www_authenticate);

/// base64url(HMAC-SHA-256(key, realm|method|intent|request|expires|digest|opaque)), with an empty slot for an absent one.
std::string challenge_id(ByteView key, const PaymentChallenge& challenge);

/// Verifies the id in constant time. False if a slot contains `|`, which is not escaped in the signed text, so that two challenges
/// could have the same id.
bool is_issued(ByteView key, const PaymentChallenge& challenge);

/// The decoded answer to a challenge.
struct PaymentCredential {
  PaymentChallenge challenge;
  std::string source;  ///< the payer, if given
  Json payload;        ///< an object; {"preimage": "<hex>"} for a charge

  [[nodiscard]] std::string_view preimage() const;
};

/// Parses the part of an Authorization line after `Payment`. Fails with unauthenticated and a reason.
Result<PaymentCredential> read_payment_credential(std::string_view token);

/// The value of a Payment-Receipt line. `reference` is the payment hash in hex; the challenge's id may be empty.
std::string payment_receipt(UnixMillis at, std::string_view reference, std::string_view challenge_id);

/// Strict base64url with optional padding.
std::optional<Bytes> payment_decode(std::string_view text);

}  // namespace lntpay
