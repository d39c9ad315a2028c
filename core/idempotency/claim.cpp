// Claim, release, purge.
#include "core/idempotency/claim.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/crypto/seal.hpp"
#include "core/crypto/sha256.hpp"
#include "core/effects/due.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay::idempotency {
namespace {

/// `{realm}/idem/{hash}`
std::string row_key(const Realm& realm, std::string_view hash) { return realm.key("idem", hash); }

Error in_progress() { return {.code = ErrorCode::idempotency_in_progress, .retry_after_s = 1}; }

/// The answer of a row that is done.
Result<StoredAnswer> answer_of(const Settings& settings, const Stored<Row>& stored) {
  const auto body = open(settings.seal, sealed_in(stored.entry.key, State::done), stored.record.sealed);
  if (!body) return fail(ErrorCode::internal_error, "a stored answer cannot be opened");
  return StoredAnswer{stored.record.status, std::string(body->reveal_text())};
}

/// The receipt of a row that is ours.
Result<Receipt> receipt_of(const Settings& settings, const Realm& realm, Stored<Row>& stored) {
  const auto seed = open(settings.seal, sealed_in(stored.entry.key, State::running), stored.record.sealed);
  if (!seed || seed->size() != sizeof(Bytes32)) return fail(ErrorCode::internal_error, "a stored seed cannot be opened");
  Bytes32 bytes{};
  std::ranges::copy(seed->reveal(), bytes.begin());
  return Receipt(settings, realm, std::move(stored.entry), std::move(stored.record), bytes);
}

/// Whether what the request made is still under way: a repeat must go on being answered with it. Nothing is in a sandbox that was
/// reset.
Task<Result<bool>> is_under_way(Context& cx, Realm realm, Row row) {
  if (row.withdrawal.empty() || realm.generation != cx.sandbox.generation) co_return false;
  const auto made = co_await cx.store.load<Withdrawal>(row.withdrawal);
  co_return made && !is_over(made->record.status);
}

}  // namespace

Task<Result<std::variant<Receipt, StoredAnswer>>> claim(Context& cx, Realm realm, std::string key, Bytes32 fingerprint,
                                                        std::uint16_t success_status, Millis retention) {
  const auto hash = hex(sha256(bytes_of(key)));
  const auto at = row_key(realm, hash);
  const auto holder = cx.random.u64();
  const auto seed = cx.random.bytes32();
  // A commit tells no version, so the row is read again after it: by then it is ours (that also settles an unknown outcome), or
  // somebody else was faster.
  co_return co_await retry([&]() -> Task<Result<std::variant<Receipt, StoredAnswer>>> {
    auto stored = co_await cx.store.load<Row>(at);
    Plan plan;
    if (!stored) {
      const Row fresh{.fingerprint = fingerprint,
                      .state = State::running,
                      .holder = holder,
                      .lease_until = cx.host_now() + lease,
                      .status = success_status,
                      .sealed = seal(cx.settings.seal, sealed_in(at, State::running), seed),
                      .created_at = cx.now(),
                      .purge_at = cx.host_now() + retention};
      plan.create(at, to_row(fresh));
      plan_due_on_host(cx, plan, purge_work(realm, at), fresh.purge_at);
    } else {
      const auto& row = stored->record;
      if (row.fingerprint != fingerprint) co_return fail(ErrorCode::idempotency_key_reused);
      if (row.state == State::done) co_return co_await answer_of(cx.settings, *stored);
      if (row.holder == holder) co_return co_await receipt_of(cx.settings, realm, *stored);
      if (cx.host_now() < row.lease_until) co_return std::unexpected(in_progress());
      auto resumed = row;
      resumed.holder = holder;
      resumed.lease_until = cx.host_now() + lease;
      plan.replace(stored->entry, to_row(resumed));
    }
    co_await cx.store.commit(std::move(plan));
    co_return fail(ErrorCode::conflict);
  });
}

namespace {

/// Somebody else has the row by now, or it is done: then there is nothing to do.
Task<Result<>> commit_if_ours(Context& cx, Plan plan) {
  if (plan.empty()) co_return {};
  const auto written = co_await attempt(cx.store.commit(std::move(plan)));
  if (!written && written.error().code == ErrorCode::conflict) co_return {};
  co_return written;
}

}  // namespace

Task<Result<>> pause(Context& cx, Receipt receipt) {
  Plan plan;
  receipt.pause(plan);
  co_return co_await attempt(commit_if_ours(cx, std::move(plan)));
}

Task<Result<>> release(Context& cx, Receipt receipt) {
  Plan plan;
  receipt.release(plan);
  co_return co_await attempt(commit_if_ours(cx, std::move(plan)));
}

Task<Result<>> purge(Context& cx, std::string task_key) {
  const auto work = parse_due_key(task_key);
  co_await invariant(work && work->kind == purge_kind, "a purge is named by an idem row's due key");
  co_await retry([&]() -> Task<Result<>> {
    const auto due = co_await cx.store.get(task_key);
    if (!due) co_return fail(ErrorCode::lease_elsewhere);
    const auto stored = co_await cx.store.load<Row>(row_key(work->realm, work->id));
    Plan plan;
    plan.remove(*due);
    if (stored && stored->record.purge_at > cx.host_now()) {
      // Freed and claimed anew meanwhile: that row has a due row of its own.
    } else if (stored && stored->record.state == State::running && cx.host_now() < stored->record.lease_until) {
      plan_due_on_host(cx, plan, *work, stored->record.lease_until);
    } else if (stored && co_await is_under_way(cx, work->realm, stored->record)) {
      plan_due_on_host(cx, plan, *work, cx.host_now() + retention_default);
    } else if (stored) {
      plan.remove(stored->entry);
    }
    co_await cx.store.commit(std::move(plan));
    co_return {};
  });
  co_return {};
}

}  // namespace lntpay::idempotency
