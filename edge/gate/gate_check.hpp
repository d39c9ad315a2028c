// A request at a gate: whether it passes. Shared by proxies (/gate/{id}/…), hosts and edge functions (`gate` in the contract), and
// services that use the API. The responses: gate_answer (refused), passage (passes).
#pragma once
#include "core/gate/challenge.hpp"
#include "core/gate/redemption.hpp"
#include "edge/contract/contract.hpp"
#include "edge/gate/sold_while.hpp"

namespace lntpay {

/// The header in which a host that knows it names the size of the request's body in bytes, in place of the client's.
inline constexpr std::string_view body_size_header = "lntpay-body-size";

/// A request that wants to pass.
struct Visit {
  RequestMatch asked;
  std::string query;            ///< as received, without the "?"
  std::vector<Header> headers;  ///< those of credentials, Accept and X-Forwarded-Proto are read
  GateClientId client;
  std::optional<std::uint64_t> size{};  ///< of the body in bytes; nullopt: unknown
  std::optional<SoldWhile> sold{};  ///< only what the gate sold in that time passes, and its terms alone decide about the request
};
/// The client with this address, or of this name.
GateClientId gate_client_of(std::string_view client);
/// The request as the gate prices and sells it.
RequestMatch resource_of(const EnteredGate& at, const Visit& visit);

struct Passed {
  Admission admission;
  Bytes32 payment_hash{};
  std::string challenge_id;  ///< of the "Payment" scheme; else empty
  std::string cookie{};      ///< `movable_cookie` of the browser's that passed; else empty
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
