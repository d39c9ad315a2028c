// API operations on existing withdrawals.
#pragma once
#include <optional>
#include <string>

#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/filtered_list.hpp"
#include "core/tenant/listing.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

using WithdrawalFilter = RecordFilter<WithdrawalStatus>;

/// In order of creation. By payment hash: the withdrawal that holds the hash, or held it last.
Task<Result<Listed<Withdrawal>>> list_withdrawals(Context& cx, TenantScope tenant, WithdrawalFilter filter, Page page);

/// The refunds of a charge, in order of creation.
Task<Result<Listed<Withdrawal>>> list_refunds(Context& cx, TenantScope tenant, ChargeId charge, Page page);

/// Long poll: returns when the withdrawal is final, and at the latest after `wait`. `with_preimage` adds the proof of payment.
/// Fails with not_found.
Task<Result<std::string>> get_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Millis wait, bool with_preimage);

/// Releases the lock of a withdrawal that was not sent. Fails with not_found, invalid_state.
Task<Result<std::string>> cancel_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, IdempotencyClaim claim);

/// Polls the node now. Fails with not_found, node_unavailable.
Task<Result<std::string>> reconcile_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, IdempotencyClaim claim);

/// An operator's decision on a withdrawal that needs review.
struct Resolution {
  bool succeeded = false;
  std::optional<Bytes32> preimage;  ///< succeeded: must hash to the payment hash; none: the one that a poll stored
  std::optional<Msat> fee;          ///< succeeded: of the route; none: the one that a poll stored, else 0
  std::string evidence;             ///< for the audit trail: what was checked, and by whom
};

/// Success needs the preimage, from the operator or stored by a poll. Failure needs that nothing was sent, or that the invoice has
/// expired by both clocks and the node's payment is neither in flight nor succeeded. Both are written to the audit trail. Fails
/// with not_found, invalid_state (not under review, or the condition does not hold), invalid_request (preimage), node_unavailable.
Task<Result<std::string>> resolve_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Resolution resolution,
                                             IdempotencyClaim claim);

}  // namespace lntpay
