// A challenge: an invoice for a gate's price, offered in two schemes. It is no charge until it is paid (core/charge/challenge_row).
// Its charge is an ordinary one then, with the gate's id as `external_id`, so `GET /v1/charges?external_id=gate_…` lists the gate's
// sales.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/charge/charge.hpp"
#include "core/charge/open_challenges.hpp"
#include "core/gate/gate.hpp"
#include "core/gate/sold_terms.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay {

/// An unpaid challenge is offered again if its invoice is valid for longer than this; a new one is for `challenge_expires_in_s`.
inline constexpr Millis challenge_left_min = seconds(60);

struct Challenge {
  Charge charge;                    ///< as its payment will make it, without an id
  Terms terms;                      ///< that its payment buys
  std::vector<std::string> offers;  ///< values of WWW-Authenticate, one line each; L402 first, as deployed clients expect
};

/// A challenge that the client has presented.
struct HeldChallenge {
  Bytes32 payment_hash{};
  Millis left_min = challenge_left_min;
};

/// A challenge for this request: the held one if it is unpaid, sells the same at the same price, and is valid for long
/// enough; else a new invoice. The claim provides randomness and is not answered.
/// Fails with rate_limit_exceeded (of this client or of the gate; nothing was created), node_unavailable; not_found when the gate
/// is closed.
Task<Result<Challenge>> challenge(Context& cx, const EnteredGate& at, Quote quote, std::optional<HeldChallenge> held,
                                  GateClientId client, IdempotencyClaim claim = {});

}  // namespace lntpay
