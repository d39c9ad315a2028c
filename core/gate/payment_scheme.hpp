// The "Payment" HTTP authentication scheme, method "lightning", intent "charge": draft-httpauth-payment-00 and
// draft-lightning-charge-00, as aperture and its clients speak it.
//
//   WWW-Authenticate: Payment id="…", realm="…", method="lightning", intent="charge", request="…", expires="…", opaque="…"
//   Authorization:    Payment base64url({"challenge": {the same parameters}, "payload": {"preimage": "…"}})
//   Payment-Receipt:  base64url({"status":"success","method":"lightning","timestamp":…,"reference":…,"challengeId":…})
//
// `request` and `opaque` are base64url, without padding, of canonical JSON. The id proves that the parameters are ours: it is an
// HMAC over all of them but `description`.
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

/// Parameters of a challenge as text; empty = not there. In the order of the header.
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

/// What a client reads: all complete offers of this scheme in one or several lines joined by commas, others skipped; of a
/// parameter that is repeated the first counts. Empty without any.
std::vector<PaymentChallenge> read_challenges(std::string_view www_authenticate);

/// base64url(HMAC-SHA-256(key, realm|method|intent|request|expires|digest|opaque)), an absent slot being empty.
std::string challenge_id(ByteView key, const PaymentChallenge& challenge);

/// Whether the id is that of the other parameters under this key. Never where a slot holds a `|`: that is not escaped in what is
/// signed, so two challenges could have one id. Takes the same time for every id.
bool is_issued(ByteView key, const PaymentChallenge& challenge);

/// The decoded answer to a challenge.
struct PaymentCredential {
  PaymentChallenge challenge;
  std::string source;  ///< who pays, if they say so
  Json payload;        ///< an object; {"preimage": "<hex>"} for a charge

  [[nodiscard]] std::string_view preimage() const;
};

/// From what follows the word `Payment` in an Authorization line. Fails with unauthenticated; the message says what is wrong.
Result<PaymentCredential> read_payment_credential(std::string_view token);

/// The value of a Payment-Receipt line. `reference` is the payment hash in hex; the challenge's id may be empty.
std::string payment_receipt(UnixMillis at, std::string_view reference, std::string_view challenge_id);

/// base64url as the scheme reads it: with padding as well, which `base64` never writes here, but strict in everything else.
std::optional<Bytes> payment_decode(std::string_view text);

}  // namespace lntpay
