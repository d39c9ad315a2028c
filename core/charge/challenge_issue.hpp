// Issuing a challenge: its row, the node's invoice, and the row again. Rules: docs/money.md, "Challenges of gates".
#pragma once
#include <string>

#include "core/charge/charge.hpp"
#include "core/charge/open_challenges.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

struct ChallengeRequest {
  GateId gate;
  Msat amount;
  std::string description;
  std::string gate_terms;
  LatePolicy late_policy{};
  GateClientId client{};
};

/// An invoice for `challenge_expires_in_s`, as the charge that its payment will make: without an id, which nobody knows before. A
/// retry after any interruption, with the same random seed, returns the same. Fails with node_unavailable and with what a store
/// fails with: then nobody has the invoice, and its due task ends it; invalid_request when the node rejects it.
Task<Result<Charge>> issue_challenge(Context& cx, TenantScope tenant, ChallengeRequest asked, IdempotencyClaim claim);

}  // namespace lntpay
