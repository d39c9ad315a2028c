// The hash_lock of a payment hash: at most one withdrawal may hold a lock for it, in all workspaces of an environment.
//
// A commit touches one shard, and two workspaces that want one hash may live in different ones. So a withdrawal claims its hash in
// three commits: intent (own shard: `claiming`, attempt n), hash_lock (the hash's shard, here), lock (own shard, only while the
// intent is unchanged). A hash_lock is live unless its withdrawal's attempt has grown, or it was abandoned, or it failed. Dead is
// for ever, because attempts only grow: anybody may replace a dead hash_lock, and nothing ever has to delete one.
// tests/models/hash_lock.pml checks it.
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

/// Whether another withdrawal has been sent for this one's hash since: what the node says of the hash from then on is that one's.
/// To be read after what the node said. One that has the hash and was never sent has nothing at the node.
Task<Result<bool>> is_taken_over(Context& cx, Environment environment, const Withdrawal& withdrawal);

/// Takes the hash_lock for this withdrawal and attempt. Yields the withdrawal that holds it where it is a live one of another;
/// nullopt: it is ours.
Task<Result<std::optional<PaymentHashLock>>> lock_payment_hash(Context& cx, TenantScope tenant, Withdrawal withdrawal);

}  // namespace lntpay
