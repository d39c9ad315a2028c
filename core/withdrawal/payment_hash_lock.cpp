// Read the row, then its owner, then replace the version that was read.
#include "core/withdrawal/payment_hash_lock.hpp"

#include "core/base/encoding.hpp"

namespace lntpay {
namespace {

std::string owner_key(Environment environment, const PaymentHashLock& hash_lock) {
  return withdrawal_key({environment, hash_lock.workspace, hash_lock.generation}, hash_lock.withdrawal);
}

/// In doubt, such as for an unreadable row, the lock is live.
Task<Result<bool>> is_live(Context& cx, TenantScope tenant, PaymentHashLock hash_lock) {
  // A reset of the sandbox ended its earlier withdrawals.
  if (hash_lock.workspace == tenant.workspace && hash_lock.generation != tenant.generation) co_return false;
  const auto row = co_await cx.store.get(owner_key(tenant.environment, hash_lock));
  if (!row) co_return true;
  const auto owner = from_row<Withdrawal>(*row);
  if (!owner) co_return true;
  const bool stale = owner->attempt > hash_lock.attempt || owner->status == WithdrawalStatus::abandoned ||
                     owner->status == WithdrawalStatus::failed;
  co_return !stale;
}

}  // namespace

std::string payment_hash_lock_key(Environment environment, const Bytes32& payment_hash) {
  std::string key(Shard::of_hash(payment_hash).text());
  return key.append("/hash/").append(name_of(environment)).append("/").append(hex(payment_hash)).append("/guard");
}

Task<Result<bool>> is_taken_over(Context& cx, Environment environment, const Withdrawal& withdrawal) {
  const auto hash_lock = co_await cx.store.load<PaymentHashLock>(payment_hash_lock_key(environment, withdrawal.payment_hash));
  if (!hash_lock || hash_lock->record.withdrawal == withdrawal.id) co_return false;
  const auto row = co_await cx.store.get(owner_key(environment, hash_lock->record));
  const auto owner = row ? from_row<Withdrawal>(*row) : fail(ErrorCode::not_found);
  co_return !owner || owner->dispatched_at.has_value();  // in doubt the record is the other's
}

Task<Result<std::optional<PaymentHashLock>>> lock_payment_hash(Context& cx, TenantScope tenant, Withdrawal withdrawal) {
  const PaymentHashLock ours{tenant.workspace, tenant.generation, withdrawal.id, withdrawal.attempt};
  co_return co_await retry([&cx, &tenant, &withdrawal, &ours]() -> Task<Result<std::optional<PaymentHashLock>>> {
    const auto stored = co_await cx.store.load<PaymentHashLock>(payment_hash_lock_key(tenant.environment, withdrawal.payment_hash));
    // Written by a commit whose outcome was unknown.
    if (stored && stored->record == ours) co_return std::nullopt;
    WriteBatch batch;
    if (!stored) {
      batch.create(payment_hash_lock_key(tenant.environment, withdrawal.payment_hash), to_row(ours));
    } else {
      const bool live = co_await is_live(cx, tenant, stored->record);
      if (live) co_return stored->record;
      batch.replace(stored->entry, to_row(ours));
    }
    co_await cx.store.commit(std::move(batch));
    co_return std::nullopt;
  });
}

}  // namespace lntpay
