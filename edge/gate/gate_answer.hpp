// The responses of a gate to a client: to one that is refused, and to a browser's preflight.
#pragma once
#include "edge/contract/contract.hpp"
#include "edge/gate/gate_check.hpp"

namespace lntpay {

/// 402, 401 or 409.
std::uint16_t status_of(const Refused& refused);

/// The challenge for a refused client. Fails as `challenge`.
Task<Result<Challenge>> challenge_for(Context& cx, const EnteredGate& at, const Visit& visit, const Refused& refused);

/// The response to a refused client (RFC 9457): 402 or 401 with a challenge, or 409. Fails as `challenge`.
Task<Result<Response>> refusal_answer(Context& cx, const EnteredGate& at, const Visit& visit, Refused refused);

/// The same without a challenge, for a proxy that answers the client itself.
Response plain_refusal(const Context& cx, const Refused& refused);

/// A browser asks whether a page of another origin may send a request: OPTIONS with Origin and Access-Control-Request-Method. It
/// has no credential and is never priced.
bool is_preflight(const Visit& visit);
/// 204, for the requested method and headers. Fails with invalid_request if the gate does not match the announced request.
Result<Response> preflight_answer(const EnteredGate& at, const Visit& visit);

/// The errors of a route that enters a gate and returns a challenge.
inline constexpr ErrorCode challenge_errors[] = {ErrorCode::not_found, ErrorCode::rate_limit_exceeded, ErrorCode::node_unavailable,
                                                 ErrorCode::price_unavailable};

}  // namespace lntpay
