// A challenge: an invoice for a gate's price, offered in two schemes. Its charge is an ordinary one with the gate's id as
// `external_id`, so `GET /v1/charges?external_id=gate_…` lists the gate's sales.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/charge/charge.hpp"
#include "core/gate/gate.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay {

/// An unpaid challenge is offered again if its invoice is valid for longer than this; a new one is for `challenge_expires_in_s`.
inline constexpr Millis challenge_left_min = seconds(60);
/// A paid credential is valid for at least this long after the invoice expires.
inline constexpr Millis credential_life_min = hours(1);

struct Challenge {
  Charge charge;
  std::vector<std::string> offers;  ///< values of WWW-Authenticate, one line each; L402 first, as deployed clients expect
};

/// The terms that this gate sells for this resource.
Terms terms_for(const EnteredGate& at, const RequestMatch& resource, UnixMillis invoice_expires_at);

/// A challenge that the client has presented.
struct HeldChallenge {
  Bytes32 payment_hash{};
  Millis left_min = challenge_left_min;
};

/// A challenge for this resource: the held one if it is unpaid, at the gate's current price and valid for long enough, else a new
/// invoice. The claim provides randomness and is not answered.
/// Fails with rate_limit_exceeded (of this client or of the gate; nothing was created), node_unavailable.
Task<Result<Challenge>> challenge(Context& cx, const EnteredGate& at, RequestMatch resource, std::optional<HeldChallenge> held,
                                  std::string client, IdempotencyClaim claim = {});

}  // namespace lntpay
