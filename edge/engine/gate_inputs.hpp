// The inputs `gate` and `redeemed` of the contract: a host checks a request before it forwards it, and reports afterwards what the
// service responded.
#pragma once
#include "core/storage/shard.hpp"
#include "core/tenant/context.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay {

/// The outcome has `pass`, or the response to send instead; an error is a response.
Task<Outcome> run_gate(Context& cx, Request request);
/// Commits or releases the use. A failure is logged: the lease expires in any case, and the host asks again.
Task<Outcome> run_redeemed(Context& cx, ProtectedResponse response);

/// The shard of the gate that the header `lntpay-gate` names, or of the redemption; default: "00".
Shard place_gate(const Request& request);
Shard place_redeemed(const ProtectedResponse& response);

}  // namespace lntpay
