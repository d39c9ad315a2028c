// A request at a gate: whether it passes, and the response if it does not. Shared by proxies (/gate/{id}/…), hosts and edge
// functions (`gate` in the contract), and services that use the API.
#pragma once
#include "core/gate/challenge.hpp"
#include "core/gate/redemption.hpp"
#include "edge/contract/contract.hpp"

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
/// What a refused client presented. Without a credential, a browser is shown the checkout page and given a cookie.
enum class Presented : std::uint8_t {
  nothing,     ///< 402
  cookie,      ///< of a paid invoice, with no use left: 401
  credential,  ///< 401
};
struct Refused {
  Error why;  ///< unauthenticated; redemption_in_progress
  Presented presented = Presented::credential;
  std::optional<HeldChallenge> held{};   ///< an unpaid challenge of this gate, for this resource, that the client holds
  std::vector<std::string> cookies{};    ///< values of Set-Cookie that delete a browser's invalid cookies
  std::optional<Charge> paid_in_vain{};  ///< of a browser's cookie: it was paid too late or too little
};
using Verdict = std::variant<Passed, Refused>;

/// Decides on the visit and claims a use. The idempotency claim is written only if it passes. Fails with invalid_request if the
/// gate does not match this resource; storage_unavailable.
Task<Result<Verdict>> check_visit(Context& cx, const EnteredGate& at, const Visit& visit, ClaimMode how,
                                  IdempotencyClaim claim = {});

/// `lntpay-redemption-id` and `lntpay-reservation` for the service, empty where no use is counted (a proxy replaces the client's
/// headers of these names), and `payment-receipt` for the client.
std::vector<Header> pass_headers(const Passed& passed);

/// 402, 401 or 409.
std::uint16_t status_of(const Refused& refused);

/// The response to a refused client (RFC 9457): 402 or 401 with a challenge, or 409. Fails as `challenge`.
Task<Result<Response>> refusal_answer(Context& cx, const EnteredGate& at, const Visit& visit, Refused refused);

/// The same without a challenge, for a proxy that answers the client itself.
Response plain_refusal(const Refused& refused);

/// The errors of a route that enters a gate and returns a challenge.
inline constexpr ErrorCode challenge_errors[] = {ErrorCode::not_found, ErrorCode::rate_limit_exceeded, ErrorCode::node_unavailable};

}  // namespace lntpay
