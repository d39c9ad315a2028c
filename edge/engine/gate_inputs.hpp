// `gate` and `redeemed` of the contract: a host asks for a request that it is about to hand on, and says afterwards how it went.
#pragma once
#include "core/storage/shard.hpp"
#include "core/tenant/context.hpp"
#include "edge/engine/contract.hpp"

namespace lntpay {

/// Ends with `pass`, or with the answer to send instead; an error is an answer.
Task<Outcome> run_gate(Context& cx, Request request);
/// Commits the use, or releases it. A failure is for the operator: the lease ends in any case.
Task<Outcome> run_redeemed(Context& cx, input::Redeemed redeemed);

/// The shard of the gate that the header `lntpay-gate` names, or of the redemption; "00" without.
Shard place_gate(const Request& request);
Shard place_redeemed(const input::Redeemed& redeemed);

}  // namespace lntpay
