// Read the guard, then its owner, then write over the version that was read.
#include "core/withdrawal/guard.hpp"

#include "core/base/encoding.hpp"

namespace lntpay {
namespace {

std::string owner_key(Environment environment, const Guard& guard) {
  return withdrawal_key({environment, guard.workspace, guard.generation}, guard.withdrawal);
}

/// A row that cannot be read is live: when in doubt, nobody else gets the hash.
Task<Result<bool>> is_live(Context& cx, Realm realm, Guard guard) {
  // What the workspace had before its sandbox was reset is over.
  if (guard.workspace == realm.workspace && guard.generation != realm.generation) co_return false;
  const auto row = co_await cx.store.get(owner_key(realm.environment, guard));
  if (!row) co_return true;
  const auto owner = from_row<Withdrawal>(row->value);
  if (!owner) co_return true;
  const bool dead =
      owner->attempt > guard.attempt || owner->status == WithdrawalStatus::abandoned || owner->status == WithdrawalStatus::failed;
  co_return !dead;
}

}  // namespace

std::string guard_key(Environment environment, const Bytes32& payment_hash) {
  std::string key(Shard::of_hash(payment_hash).text());
  return key.append("/hash/").append(name_of(environment)).append("/").append(hex(payment_hash)).append("/guard");
}

Task<Result<bool>> is_taken_over(Context& cx, Environment environment, const Withdrawal& withdrawal) {
  const auto guard = co_await cx.store.load<Guard>(guard_key(environment, withdrawal.payment_hash));
  if (!guard || guard->record.withdrawal == withdrawal.id) co_return false;
  const auto row = co_await cx.store.get(owner_key(environment, guard->record));
  const auto owner = row ? from_row<Withdrawal>(row->value) : fail(ErrorCode::not_found);
  co_return !owner || owner->dispatched_at.has_value();  // when in doubt it is the other's
}

Task<Result<std::optional<Guard>>> claim_guard(Context& cx, Realm realm, Withdrawal withdrawal) {
  const Guard ours{realm.workspace, realm.generation, withdrawal.id, withdrawal.attempt};
  co_return co_await retry([&cx, &realm, &withdrawal, &ours]() -> Task<Result<std::optional<Guard>>> {
    const auto stored = co_await cx.store.load<Guard>(guard_key(realm.environment, withdrawal.payment_hash));
    // Ours already: the outcome of the commit was unknown, and it had been written.
    if (stored && stored->record == ours) co_return std::nullopt;
    Plan plan;
    if (!stored) {
      plan.create(guard_key(realm.environment, withdrawal.payment_hash), to_row(ours));
    } else {
      const bool live = co_await is_live(cx, realm, stored->record);
      if (live) co_return stored->record;
      plan.replace(stored->entry, to_row(ours));
    }
    co_await cx.store.commit(std::move(plan));
    co_return std::nullopt;
  });
}

}  // namespace lntpay
