// Asking for a withdrawal: the quote, and the three commits after which its money is locked (docs/money.md, "Withdrawals").
#pragma once
#include <optional>
#include <string>

#include "core/lightning/bolt11/invoice.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "core/withdrawal/withdrawal_limits.hpp"

namespace lntpay {

struct WithdrawalRequest {
  std::string bolt11;
  std::optional<Msat> amount;     ///< required exactly when the invoice states none
  std::optional<Msat> fee_limit;  ///< none: `default_fee_limit`
  std::string external_id;
  std::string metadata;  ///< a JSON object, as it came
  Spender spender{};
};

/// The larger of 5 sat and 1 %, rounded up to whole satoshi.
Msat default_fee_limit(Msat amount);

/// Whether the invoice could be paid now, and what would be locked for it. Nothing is written.
/// Fails with: bolt11_*, self_payment, node_unavailable.
Task<Result<std::string>> quote_withdrawal(Context& cx, TenantScope tenant, WithdrawalRequest asked);

struct RequestedWithdrawal {
  std::string json;
  bool duplicate = false;  ///< the workspace had a withdrawal for the invoice already: `json` is that one
};

/// Locks amount and fee limit; nothing is sent to the node here. Then the withdrawal is `pending`, and its lock entry, its event,
/// its due task and the stored answer are durable with it. Repeating it after any interruption ends with the same withdrawal.
/// Fails with: limit_exceeded, bolt11_*, self_payment, insufficient_funds, fee_limit_too_low (details say what is missing),
/// invalid_state (another withdrawal has the invoice), node_unavailable. Nothing is locked then.
Task<Result<RequestedWithdrawal>> request_withdrawal(Context& cx, TenantScope tenant, WithdrawalRequest asked,
                                                     IdempotencyClaim claim);

/// Ends a claim without a lock: nothing happened. The idempotency key is answered with `answer` from now on, or freed.
Task<Result<>> abandon_claim(Context& cx, TenantScope tenant, Withdrawal claimed, IdempotencyClaim claim,
                             std::optional<std::string> answer);

}  // namespace lntpay
