// Decide, then write everything in one commit.
#include "core/withdrawal/withdrawal_change.hpp"

#include <algorithm>

#include "core/crypto/seal.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/withdrawal/refund.hpp"

namespace lntpay {
namespace {

constexpr Millis poll_interval_max = minutes(5);
constexpr unsigned poll_doublings_max = 9;
constexpr Millis review_poll_interval = hours(1);

std::optional<EventType> event_of(WithdrawalStatus status) {
  switch (status) {
    case WithdrawalStatus::dispatched: return EventType::withdrawal_dispatched;
    case WithdrawalStatus::unknown:
    case WithdrawalStatus::needs_review: return EventType::withdrawal_unknown;
    case WithdrawalStatus::succeeded: return EventType::withdrawal_succeeded;
    case WithdrawalStatus::failed: return EventType::withdrawal_failed;
    case WithdrawalStatus::claiming:
    case WithdrawalStatus::pending:
    case WithdrawalStatus::abandoned: return std::nullopt;
  }
}

/// Exponential backoff after a send; polling never stops.
UnixMillis next_poll(const Withdrawal& withdrawal, UnixMillis now) {
  if (withdrawal.status == WithdrawalStatus::needs_review || is_final(withdrawal.status)) return now + review_poll_interval;
  const auto interval = seconds(std::int64_t{1} << std::min(withdrawal.polls, poll_doublings_max));
  return now + std::min(interval, poll_interval_max);
}

void alarm(Context& cx, const Withdrawal& withdrawal, std::string_view name, std::string_view reason) {
  cx.alarms.push_back("withdrawal." + std::string(name) + ": " + withdrawal.id.text() + ", " + std::string(reason));
}

void note_payment(Context& cx, const TenantScope& tenant, Withdrawal& withdrawal, const Payment& payment) {
  withdrawal.fee = payment.fee;
  withdrawal.sealed_preimage = seal(cx.settings.seal, withdrawal_key(tenant, withdrawal.id), payment.preimage);
}

/// Applies the decision. Yields the transfer that ends it; nullopt while the lock is kept.
std::optional<Transfer> resolve(Context& cx, const TenantScope& tenant, Withdrawal& withdrawal, const Decision& decision) {
  switch (decision.action) {
    case Action::settle:
      withdrawal.status = WithdrawalStatus::succeeded;
      note_payment(cx, tenant, withdrawal, *decision.payment);
      withdrawal.reason = decision.reason;
      break;
    case Action::release:
      withdrawal.status = WithdrawalStatus::failed;
      withdrawal.reason = decision.reason;
      break;
    case Action::adjust:
      note_payment(cx, tenant, withdrawal, *decision.payment);
      withdrawal.reason = decision.reason;
      withdrawal.polled_until.reset();
      return late_payment_transfer(withdrawal);
    case Action::review:
      withdrawal.status = WithdrawalStatus::needs_review;
      withdrawal.reason = decision.reason;
      return std::nullopt;
    case Action::wait:
    case Action::send_again:
      if (withdrawal.status == WithdrawalStatus::unknown && !decision.reason.empty()) withdrawal.reason = decision.reason;
      // Under review: stored for the operator, who decides.
      if (decision.payment) note_payment(cx, tenant, withdrawal, *decision.payment);
      return std::nullopt;
  }
  withdrawal.ended_at = cx.now();
  withdrawal.ended_by = decision.by;
  withdrawal.stuck_since.reset();
  return decision.action == Action::settle ? settle_transfer(withdrawal, withdrawal.fee) : release_transfer(withdrawal);
}

}  // namespace

std::unexpected<Error> no_such_withdrawal() { return fail(ErrorCode::not_found, "There is no withdrawal with this id."); }

Task<Result<Withdrawal>> change_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Decide decide) {
  co_return co_await retry([&]() -> Task<Result<Withdrawal>> {
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, id));
    if (!stored || !is_visible(stored->record.status)) co_return no_such_withdrawal();
    const auto& before = stored->record;
    auto after = before;
    const auto decision = co_await decide(after);
    const auto transfer = resolve(cx, tenant, after, decision);
    if (to_row(after) == to_row(before) && decision.claim.empty()) co_return after;
    const bool paid_in_review = decision.action == Action::wait && after.sealed_preimage != before.sealed_preimage;
    const bool ends = transfer && decision.action != Action::adjust;
    co_await invariant(!ends || is_locked(before.status), "I7 a withdrawal resolves at most once");
    const bool moved = after.status != before.status;
    const bool over = !has_due_work(after);
    if (!over) after.due_at = next_poll(after, cx.now());

    WriteBatch rows;
    if (over || after.due_at != before.due_at) remove_due(cx, rows, due_work_of(tenant, id), before.due_at);
    if (!over) add_due(cx, rows, due_work_of(tenant, id), after.due_at);
    rows.replace(stored->entry, to_row(after));
    move_indexes(rows, tenant, before, after);
    const auto json = withdrawal_json(after, tenant);
    decision.claim.write(rows, json);
    if (decision.act) add_audit_note(cx, rows, tenant, *decision.act);
    if (!moved && !transfer) {  // neither the ledger nor an event is concerned
      co_await cx.store.commit(std::move(rows));
      if (paid_in_review) alarm(cx, after, "paid_in_review", "the node has paid; resolve it as succeeded");
      co_return after;
    }
    auto unit = co_await UnitOfWork::load(cx, tenant);
    unit.batch() = std::move(rows);
    if (transfer) {
      const auto posted = unit.post(*transfer);
      if (!posted) {
        // The account was read after the withdrawal: another commit may have resolved it in between.
        const auto again = co_await cx.store.get(stored->entry.key);
        if (!again || again->version != stored->entry.version) co_return fail(ErrorCode::conflict);
        co_return std::unexpected(posted.error());
      }
    }
    if (transfer && after.refunds && decision.action != Action::settle) {
      const auto charge = co_await load_refunded(cx, tenant, *after.refunds);
      const auto count = decision.action == Action::release ? uncount_refund : count_refund;
      count(unit.batch(), charge, after.reserved.amount);
    }
    if (const auto event = event_of(after.status); event && moved) unit.emit(*event, json);
    co_await unit.commit();
    if (after.status == WithdrawalStatus::needs_review) alarm(cx, after, "needs_review", after.reason);
    if (!moved) alarm(cx, after, "paid_late", after.reason);
    if (ends && transfer->suspense_msat != 0)
      alarm(cx, after, "fee_above_limit", "the node paid more than max_fee; the excess is in suspense");
    co_return after;
  });
}

}  // namespace lntpay
