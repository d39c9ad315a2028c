// The payment-hash lock: at most one withdrawal of an environment holds a payment hash.
//
// A commit touches one shard, and the workspaces that compete for a hash may be in different ones. So a withdrawal takes three
// commits: intent (own shard: `claiming`, attempt n), payment-hash lock (the hash's shard), lock (own shard, only if the intent is
// unchanged). A payment-hash lock is live unless its withdrawal has a later attempt, was abandoned or failed. A stale one stays
// stale, because attempts only increase: any withdrawal may replace it, and none is ever deleted. Model:
// tests/models/payment_hash_lock.pml.
#pragma once
#include <optional>

#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// `{hash's shard}/hash/{env}/{payment hash}/guard`
struct PaymentHashLock {
  static constexpr int row_version = 1;
  WorkspaceId workspace;
  std::uint32_t generation = 0;  ///< of its sandbox
  WithdrawalId withdrawal;
  std::uint32_t attempt = 0;

  auto fields(this auto& self) { return std::tie(self.workspace, self.generation, self.withdrawal, self.attempt); }
  bool operator==(const PaymentHashLock&) const = default;
};

std::string payment_hash_lock_key(Environment environment, const Bytes32& payment_hash);

/// Whether another withdrawal has been sent for this one's hash, so that the node's record may be that one's. Call it after the
/// poll.
Task<Result<bool>> is_taken_over(Context& cx, Environment environment, const Withdrawal& withdrawal);

/// Takes the payment-hash lock for this withdrawal and attempt. Yields nullopt on success, else the live lock of another
/// withdrawal.
Task<Result<std::optional<PaymentHashLock>>> lock_payment_hash(Context& cx, TenantScope tenant, Withdrawal withdrawal);

}  // namespace lntpay
