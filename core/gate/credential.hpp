// A credential: what a client presents of a payment, in whatever form, and whether a gate issued it and it was paid for.
//
//   const auto presented = co_await read_credential(request.headers);     // L402, LSAT or Payment; nothing, if none was sent
//   const auto proof = co_await verify(*presented, gate_secret, now);     // no store, no node: HMACs and one SHA-256
//
// Every form of one payment has one payment hash, and uses are counted by that (docs/gates.md, "Uses").
#pragma once
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "core/gate/macaroon.hpp"
#include "core/gate/payment_scheme.hpp"
#include "core/gate/terms.hpp"
#include "core/storage/effect.hpp"

namespace lntpay {

/// `Authorization: L402 <base64 macaroon>:<hex preimage>`
struct L402Credential {
  Macaroon macaroon;
  Bytes32 preimage{};
};

using Credential = std::variant<L402Credential, PaymentCredential>;

/// The credential of a request: one resolver for all forms. nullopt where there is none: no Authorization, or of another scheme.
/// Taken: `L402` or `LSAT` in any case, the word doubled as one deployed client sends it, base64 of either alphabet with padding or
/// without, hex in either case. Fails with unauthenticated for anything else, and for two Authorization lines.
Result<std::optional<Credential>> read_credential(const std::vector<Header>& headers);

/// The identifier of an L402 token, 66 bytes: version 0, two bytes; payment hash; 32 bytes of random.
std::string token_identifier(const Bytes32& payment_hash, const Bytes32& token_id);

/// The token of an L402 challenge: root key HMAC-SHA-256(gate secret, identifier).
Macaroon issue_macaroon(ByteView gate_secret, const Bytes32& payment_hash, const Bytes32& token_id, const Terms& terms);

/// The invoice of a challenge: both schemes are over the same one.
struct OfferedInvoice {
  Bytes32 payment_hash{};
  std::string bolt11;
  std::string_view network;  ///< "mainnet", "regtest", …
  UnixMillis expires_at;
};

/// The same for the "Payment" scheme; `realm` names the service that asks. The price must be whole satoshi. The terms are a part of
/// `request` (methodDetails.terms) and not the scheme's `opaque`: there are clients that do not send that back
/// (@getalby/lightning-tools 9), and without it nobody could tell what they paid for.
PaymentChallenge issue_payment_challenge(ByteView gate_secret, std::string_view realm, const OfferedInvoice& invoice,
                                         const Terms& terms);

/// What a good credential proves: this hash was paid, for these terms.
struct Proof {
  Bytes32 payment_hash{};
  Terms terms;
  std::string challenge_id;  ///< of the "Payment" scheme; else empty
};

/// What a credential would prove if it were paid for and in time: it was issued by this gate. Fails with unauthenticated.
Result<Proof> issued(const Credential& credential, ByteView gate_secret);

/// Fails with unauthenticated: not issued by this gate, changed, over, or with a preimage of another hash. The message says which,
/// and nothing that its sender does not know.
Result<Proof> verify(const Credential& credential, ByteView gate_secret, UnixMillis now);

}  // namespace lntpay
