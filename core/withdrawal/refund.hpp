// Refunds: withdrawals that pay a charge back. A refund is locked only if it and the other refunds of the charge that have not
// failed are at most what was paid: the commits that lock a refund and that release one change `Charge::refunded` too. Together
// they can exceed it where the node pays one after an operator resolved it as failed.
#pragma once
#include <optional>

#include "core/charge/charge.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// Why the charge cannot pay back that much: invalid_state, with the amount that is left as details.
std::optional<Error> refund_refusal(const Charge& charge, Msat amount);

/// The charge of a refund as it is now. Fails with not_found.
Task<Result<Stored<Charge>>> load_refunded(Context& cx, TenantScope tenant, ChargeId id);

/// Adds to the commit that locks the refund, and to that of one that was paid after all: the charge has paid back that much more.
void count_refund(WriteBatch& batch, Stored<Charge> charge, Msat amount);
/// Adds to the commit that releases it: that much less.
void uncount_refund(WriteBatch& batch, Stored<Charge> charge, Msat amount);

}  // namespace lntpay
