// Requesting a withdrawal: the quote, and the three commits that lock its money (docs/money.md, "Withdrawals").
#pragma once
#include <optional>
#include <string>

#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "core/withdrawal/withdrawal_check.hpp"

namespace lntpay {

/// Checks that the invoice can be paid now, and returns the amounts that a withdrawal would lock. Nothing is written.
/// Fails with: bolt11_*, self_payment, node_unavailable.
Task<Result<std::string>> quote_withdrawal(Context& cx, TenantScope tenant, WithdrawalRequest asked);

struct RequestedWithdrawal {
  WithdrawalId id;
  std::string json;
  bool duplicate = false;  ///< the workspace already had a withdrawal for the invoice, which is `json`
};

/// Locks amount and fee limit; nothing is sent to the node here. Then: the withdrawal is `pending`, and its lock entry, its event,
/// its due row and the stored answer are durable with it. A retry after any interruption returns the same withdrawal.
/// Fails with: limit_exceeded, bolt11_*, self_payment, insufficient_funds, fee_limit_too_low (with the amounts as details),
/// invalid_state (another withdrawal has the invoice), node_unavailable. Nothing is locked then.
Task<Result<RequestedWithdrawal>> request_withdrawal(Context& cx, TenantScope tenant, WithdrawalRequest asked,
                                                     IdempotencyClaim claim);

/// Abandons a withdrawal that is still `claiming`. The idempotency key stores `answer`, or is released without one.
Task<Result<>> abandon_claim(Context& cx, TenantScope tenant, Withdrawal claimed, IdempotencyClaim claim,
                             std::optional<std::string> answer);

}  // namespace lntpay
