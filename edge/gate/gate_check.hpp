// A request at a gate: whether it passes, and the response if it does not. Shared by proxies (/gate/{id}/…), hosts and edge
// functions
// (`gate` in the contract), and services that use the API.
#pragma once
#include "core/gate/challenge.hpp"
#include "core/gate/redemption.hpp"
#include "edge/engine/contract.hpp"

namespace lntpay {

/// A request that wants to pass.
struct Visit {
  RequestMatch resource;
  std::vector<Header> headers;  ///< Authorization, Cookie, Accept and X-Forwarded-Proto are read
  std::string client;           ///< its address
};

struct Passed {
  Admission admission;
  std::string receipt;  ///< the value of Payment-Receipt
  Millis good_for{};    ///< how long the same request passes again, if its credential is limited by time only
};
struct Refused {
  Error why;                             ///< unauthenticated; redemption_in_progress
  bool showed_nothing = false;           ///< no credential at all: 402 rather than 401
  std::optional<HeldChallenge> held{};   ///< an unpaid challenge of this gate, for this resource, that the client holds
  bool no_credential = false;            ///< a browser may be shown the page and given a cookie
  std::vector<std::string> cookies{};    ///< values of Set-Cookie that delete a browser's invalid cookies
  std::optional<Charge> paid_in_vain{};  ///< of a browser's cookie: it was paid too late or too little
};
using Verdict = std::variant<Passed, Refused>;

/// Decides on the visit and claims a use. The idempotency claim is written only if it passes. Fails with invalid_request if the
/// gate does not guard this resource; storage_unavailable.
Task<Result<Verdict>> judge(Context& cx, const EnteredGate& at, const Visit& visit, ClaimMode how, IdempotencyClaim claim = {});

/// `lntpay-redemption-id` and `lntpay-reservation` for the service, empty where no use is counted (a proxy replaces the client's
/// headers of these names), and `payment-receipt` for the client.
std::vector<Header> pass_headers(const Passed& passed);

/// 402, 401 or 409.
std::uint16_t status_of(const Refused& refused);

/// The response to a refused client (RFC 9457): 402 or 401 with a challenge, or 409. Fails as `challenge`.
Task<Result<Response>> refusal_answer(Context& cx, const EnteredGate& at, const Visit& visit, Refused refused);

/// The same without a challenge, for a proxy that answers the client itself.
Response plain_refusal(const Refused& refused);

}  // namespace lntpay
