// A request at a gate: whether it passes. Shared by proxies (/gate/{id}/…), hosts and edge functions (`gate` in the contract), and
// services that use the API. The responses: gate_answer (refused), passage (passes).
#pragma once
#include "core/gate/challenge.hpp"
#include "core/gate/redemption.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay {

/// A request that wants to pass.
struct Visit {
  RequestMatch asked;
  std::vector<Header> headers;  ///< those of credentials, Accept and X-Forwarded-Proto are read
  GateClientId client;
};
/// The client of a request to a host.
GateClientId gate_client_of(const Request& request);
/// The request as the gate prices and sells it.
RequestMatch resource_of(const EnteredGate& at, const Visit& visit);

struct Passed {
  Admission admission;
  Bytes32 payment_hash{};
  std::string challenge_id;  ///< of the "Payment" scheme; else empty
  Millis good_for{};         ///< how long the same request passes again, if its credential is limited by time only
};
/// What a refused client presented.
enum class Presented : std::uint8_t {
  nothing,  ///< no credential of this gate: 402. A browser is shown the checkout page and given a cookie
  cookie,   ///< a browser's, of a payment that opens this request no more: 402, as above
  payment,  ///< a credential that proves a payment to this gate but does not open this request: 402
  failing,  ///< a credential that names this gate and proves nothing: 401
};
struct Refused {
  Error why;  ///< unauthenticated; redemption_in_progress
  Presented presented = Presented::failing;
  std::optional<HeldChallenge> held{};   ///< an unpaid challenge of this gate, for this resource, that the client holds
  std::vector<std::string> cookies{};    ///< values of Set-Cookie that delete a browser's invalid cookies
  std::optional<Charge> paid_in_vain{};  ///< of a browser's cookie: it was paid too late or too little
};
using Verdict = std::variant<Passed, Refused>;

/// Decides on the visit and claims a use. The idempotency claim is written only if it passes. Fails with invalid_request if the
/// gate does not match this resource; storage_unavailable.
Task<Result<Verdict>> check_visit(Context& cx, const EnteredGate& at, const Visit& visit, ClaimMode how,
                                  IdempotencyClaim claim = {});

}  // namespace lntpay
