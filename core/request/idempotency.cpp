// Claim, release, purge.
#include "core/request/idempotency.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/crypto/seal.hpp"
#include "core/crypto/sha256.hpp"
#include "core/tenant/due_work.hpp"

namespace lntpay::idempotency {
namespace {

/// `{tenant}/idem/{hash}`
std::string row_key(const TenantScope& tenant, std::string_view hash) { return tenant.key("idem", hash); }

Error in_progress() { return {.code = ErrorCode::idempotency_in_progress, .retry_after_s = 1}; }

Error answer_of_another_key() {
  return {.code = ErrorCode::insufficient_scopes,
          .message = "Another API key made this request, and its response contains a secret. Repeat the request with that key."};
}

/// A row is removed when its time has passed twice, this far apart: a clock that jumps ahead and comes back removes none.
constexpr Millis purge_confirmed_after = hours(1);
bool is_confirmed(const Row& row, UnixMillis now) {
  return row.purge_seen_at && *row.purge_seen_at <= now && now - *row.purge_seen_at >= purge_confirmed_after;
}

/// The stored answer of a row in state done.
Result<StoredAnswer> answer_of(const Settings& settings, const Stored<Row>& stored) {
  const auto body = open(settings.seal, sealed_in(stored.entry.key, State::done), stored.record.sealed);
  if (!body) return fail(ErrorCode::internal_error, "a stored answer cannot be opened");
  return StoredAnswer{stored.record.status, std::string(body->reveal_text())};
}

/// The claim of a row that this session holds.
Result<IdempotencyClaim> claim_of(const Settings& settings, const TenantScope& tenant, Stored<Row>& stored) {
  const auto seed = open(settings.seal, sealed_in(stored.entry.key, State::running), stored.record.sealed);
  if (!seed || seed->size() != sizeof(Bytes32)) return fail(ErrorCode::internal_error, "a stored seed cannot be opened");
  Bytes32 bytes{};
  std::ranges::copy(seed->reveal(), bytes.begin());
  return IdempotencyClaim(settings, tenant, std::move(stored.entry), std::move(stored.record), bytes);
}

}  // namespace

Task<Result<std::variant<IdempotencyClaim, StoredAnswer>>> claim_key(Context& cx, TenantScope tenant, Claiming asked) {
  const auto at = row_key(tenant, hex(sha256(bytes_of(asked.key))));
  const auto holder = cx.random.u64();
  const auto seed = cx.random.bytes32();
  // A commit does not return the row's version, so the row is read again: it is ours, which also settles an unknown outcome, or
  // another request was faster.
  co_return co_await retry([&]() -> Task<Result<std::variant<IdempotencyClaim, StoredAnswer>>> {
    auto stored = co_await cx.store.load<Row>(at);
    WriteBatch batch;
    if (!stored) {
      const Row fresh{.fingerprint = asked.fingerprint,
                      .state = State::running,
                      .holder = holder,
                      .lease_until = cx.host_now() + lease,
                      .status = asked.success_status,
                      .sealed = seal(cx.settings.seal, sealed_in(at, State::running), seed),
                      .created_at = cx.now(),
                      .purge_at = cx.host_now() + asked.retention,
                      .requester = asked.requester};
      batch.create(at, to_row(fresh));
      add_due_on_host(cx, batch, purge_work(tenant, at), fresh.purge_at);
    } else {
      const auto& row = stored->record;
      if (row.fingerprint != asked.fingerprint) co_return fail(ErrorCode::idempotency_key_reused);
      // A resumed operation would show the secret as well.
      if (asked.answer_is_secret && row.requester != asked.requester) co_return std::unexpected(answer_of_another_key());
      if (row.state == State::done) co_return co_await answer_of(cx.settings, *stored);
      if (row.holder == holder) co_return co_await claim_of(cx.settings, tenant, *stored);
      if (is_leased(row.lease_until, cx.host_now())) co_return std::unexpected(in_progress());
      auto resumed = row;
      resumed.holder = holder;
      resumed.lease_until = cx.host_now() + lease;
      batch.replace(stored->entry, to_row(resumed));
    }
    co_await cx.store.commit(std::move(batch));
    co_return fail(ErrorCode::conflict);
  });
}

namespace {

/// A conflict means that another session holds the row by now, or that it is done: not an error.
Task<Result<>> commit_unless_lost(Context& cx, WriteBatch batch) {
  if (batch.empty()) co_return {};
  const auto written = co_await attempt(cx.store.commit(std::move(batch)));
  if (!written && written.error().code == ErrorCode::conflict) co_return {};
  co_return written;
}

}  // namespace

Task<Result<>> pause(Context& cx, IdempotencyClaim claim) {
  WriteBatch batch;
  claim.pause(batch);
  co_return co_await attempt(commit_unless_lost(cx, std::move(batch)));
}

Task<Result<>> refuse(Context& cx, IdempotencyClaim claim, Error error) {
  if (!claim.answers()) co_return {};
  co_await retry([&]() -> Task<Result<>> {
    if (co_await cx.store.get(claim.entry().key) != claim.entry()) co_return {};
    WriteBatch batch;
    claim.refuse(cx, batch, error);
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
  co_return {};
}

Task<Result<>> release(Context& cx, IdempotencyClaim claim) {
  WriteBatch batch;
  claim.release(batch);
  co_return co_await attempt(commit_unless_lost(cx, std::move(batch)));
}

Task<Result<>> purge(Context& cx, std::string task_key, IsUnderWay is_under_way) {
  const auto work = parse_due_key(task_key);
  co_await invariant(work && work->kind == purge_kind, "a purge is named by an idem row's due key");
  co_await retry([&]() -> Task<Result<>> {
    const auto due = co_await cx.store.get(task_key);
    if (!due) co_return fail(ErrorCode::lease_elsewhere);
    const auto stored = co_await cx.store.load<Row>(row_key(work->tenant, work->id));
    WriteBatch batch;
    batch.remove(*due);
    const auto now = cx.host_now();
    if (!stored) {
      // Released.
    } else if (stored->record.purge_at > now) {
      // Claimed again meanwhile, or the clock has come back.
      add_due_on_host(cx, batch, *work, stored->record.purge_at);
    } else if (stored->record.state == State::running && is_leased(stored->record.lease_until, now)) {
      add_due_on_host(cx, batch, *work, stored->record.lease_until);
    } else if (!is_confirmed(stored->record, now)) {
      auto row = stored->record;
      row.purge_seen_at = now;
      batch.replace(stored->entry, to_row(row));
      add_due_on_host(cx, batch, *work, now + purge_confirmed_after);
    } else if (!stored->record.withdrawal.empty() && work->tenant.generation == cx.sandbox.generation &&
               co_await is_under_way(cx, stored->record.withdrawal)) {
      add_due_on_host(cx, batch, *work, now + retention_default);
    } else {
      batch.remove(stored->entry);
    }
    co_await cx.store.commit(std::move(batch));
    co_return {};
  });
  co_return {};
}

}  // namespace lntpay::idempotency
