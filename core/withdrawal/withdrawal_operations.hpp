// What users and operators do with withdrawals that exist.
#pragma once
#include <optional>
#include <string>

#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

struct WithdrawalFilter {
  std::optional<WithdrawalStatus> status;
  std::string external_id;  ///< empty: any
  std::optional<UnixMillis> created_gte;
  std::optional<UnixMillis> created_lt;
};

/// Withdrawals in the order of their creation.
Task<Result<Listed<Withdrawal>>> list_withdrawals(Context& cx, TenantScope tenant, WithdrawalFilter filter, Page page);

/// Long-poll: answers at once when the withdrawal is over or `wait` is none, else when it changes or the time is over. With the
/// preimage, the proof of payment, where it is asked for. Fails with not_found.
Task<Result<std::string>> get_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Millis wait, bool with_preimage);

/// Before anything was sent: releases the lock. Fails with not_found, invalid_state.
Task<Result<std::string>> cancel_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, IdempotencyClaim claim);

/// Asks the node now instead of when it is due. Fails with not_found, node_unavailable.
Task<Result<std::string>> reconcile_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, IdempotencyClaim claim);

/// An operator's word on a withdrawal that needs review.
struct Resolution {
  bool succeeded = false;
  std::optional<Bytes32> preimage;  ///< succeeded: must hash to the payment hash; none: the one that the node told while it waited
  std::optional<Msat> fee;          ///< succeeded: what the route took; none: as the node told, else nothing
  std::string evidence;             ///< for people: what was looked at, by whom
};

/// Success needs the preimage, from the operator or from the node, which is asked while the withdrawal waits. Failure needs that
/// nothing was ever sent, or that the invoice has expired by both clocks and the node neither has the payment in flight nor paid
/// it. Either is written to the audit trail with its evidence. Fails with not_found, invalid_state (not under review, or the
/// condition does not hold), invalid_request (preimage), node_unavailable.
Task<Result<std::string>> resolve_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Resolution resolution,
                                             IdempotencyClaim claim);

}  // namespace lntpay
