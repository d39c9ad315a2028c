// A challenge: the invoice that a gate asks a client to pay, and the two schemes over it. Its charge is one like any other, with
// the gate's id as `external_id`, so that `GET /v1/charges?external_id=gate_…` lists what a gate sold.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/charge/charge.hpp"
#include "core/gate/gate.hpp"
#include "core/tenant/settings.hpp"

namespace lntpay {

/// An unpaid one, which can be paid for `challenge_expires_in_s`, is offered again while it can be paid for longer than this.
inline constexpr Millis challenge_left_min = seconds(60);
/// What was paid for is good for so long after the invoice's last second, at least.
inline constexpr Millis credential_life_min = hours(1);

struct Challenge {
  Charge charge;
  std::vector<std::string> offers;  ///< values of WWW-Authenticate, a line each: L402 first, which is what deployed clients take
};

/// What paying this gate's invoice entitles to, for this resource.
Terms terms_for(const EnteredGate& at, const RequestMatch& resource, UnixMillis invoice_expires_at);

/// One that a client showed to hold.
struct HeldChallenge {
  Bytes32 payment_hash{};
  Millis left_min = challenge_left_min;
};

/// A challenge for this resource. One that the client holds for it is offered again as long as it is unpaid, at the gate's
/// present price, and can still be paid for long enough; otherwise a new invoice is made. The claim is drawn from, and not
/// answered. Fails with rate_limit_exceeded: nothing was made, for this client or for the whole gate; node_unavailable.
Task<Result<Challenge>> challenge(Context& cx, const EnteredGate& at, RequestMatch resource, std::optional<HeldChallenge> held,
                                  std::string client, IdempotencyClaim claim = {});

}  // namespace lntpay
