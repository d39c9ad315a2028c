// Credentials: parsing a client's proof of payment, and verifying that a gate issued it and that it is paid.
//
//   const auto credential = co_await read_credential(text);                  // L402, LSAT or Payment
//   (core/gate/credential_headers) const auto issued = co_await open_credential(credential, gate_secret);   // no store, no node:
//   HMACs is_paid(issued)                                                          // and one SHA-256
//
// All forms of a payment have the same payment hash, by which uses are counted (docs/gates.md, "Uses").
#pragma once
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/gate/credential_headers.hpp"
#include "core/gate/macaroon.hpp"
#include "core/gate/payment_scheme.hpp"
#include "core/gate/terms.hpp"

namespace lntpay {

/// `L402 <base64 macaroon>:<hex preimage>`
struct L402Credential {
  Macaroon macaroon;
  /// None: only in the macaroon's caveat. An error, of a malformed one, counts once the macaroon is known to be this gate's.
  Result<std::optional<Bytes32>> preimage;
};

using Credential = std::variant<L402Credential, PaymentCredential>;

/// Parses a credential. Accepts the scheme's word again, as one deployed client sends it, base64 of either alphabet with or without
/// padding, hex in either case. Fails with unauthenticated.
Result<Credential> read_credential(const CredentialText& shown);

/// Whether it names this gate in its terms: a signed one was issued by it.
bool names_gate(const Credential& credential, std::string_view gate);

/// The identifier of an L402 token, 66 bytes: version 0, two bytes; payment hash; 32 bytes of random.
std::string token_identifier(const Bytes32& payment_hash, const Bytes32& token_id);
/// The payment hash in it; nullopt if it is not in that format.
std::optional<Bytes32> identified_hash(std::string_view identifier);

/// The token of an L402 challenge: root key HMAC-SHA-256(gate secret, identifier).
Macaroon issue_macaroon(ByteView gate_secret, const Bytes32& payment_hash, const Bytes32& token_id, const Terms& terms);

/// The invoice of a challenge, shared by both schemes.
struct OfferedInvoice {
  Bytes32 payment_hash{};
  std::string bolt11;
  std::string_view network;  ///< "mainnet", "regtest", …
  UnixMillis expires_at;
};

/// The challenge of the "Payment" scheme; `realm` names the service. The price must be whole satoshi. The terms are in `request`
/// (methodDetails.terms) and not in `opaque`, because some clients (@getalby/lightning-tools 9) do not send `opaque` back.
PaymentChallenge issue_payment_challenge(ByteView gate_secret, std::string_view realm, const OfferedInvoice& invoice,
                                         const Terms& terms);

/// A verified payment: this hash was paid for these terms.
struct Proof {
  Bytes32 payment_hash{};
  Terms terms;
  std::string challenge_id;  ///< of the "Payment" scheme; else empty
};

/// A credential that this gate issued; it may be unpaid or expired.
struct IssuedCredential {
  Proof proof;                        ///< what it proves once verified
  std::optional<Bytes32> preimage{};  ///< as presented; none: not 32 bytes of hex
};

/// Verifies that this gate issued the credential and that it was not changed. A caveat `preimage=<hex>` must be the preimage that
/// is presented. Fails with unauthenticated.
Result<IssuedCredential> open_credential(const Credential& credential, ByteView gate_secret);

/// Verifies the preimage.
bool is_paid(const IssuedCredential& issued);

}  // namespace lntpay
