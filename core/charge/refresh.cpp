// Positive evidence only: SETTLED credits, CANCELED ends, and anything else leaves the charge as it is.
#include "core/charge/refresh.hpp"

#include <algorithm>

#include "core/charge/create.hpp"
#include "core/crypto/sha256.hpp"
#include "core/effects/due.hpp"
#include "core/ledger/book.hpp"

namespace lntpay {
namespace {

constexpr Millis watch_lease = minutes(2);
constexpr Millis look_again_min = seconds(1);

/// What the node's word makes of the charge; pure.
struct Verdict {
  ChargeStatus status{};
  std::optional<EventType> event;
  bool credits = false;
};

Verdict judge(const Charge& charge, const NodeInvoice& seen, UnixMillis now) {
  if (seen.state == InvoiceState::open) return {.status = charge.status};
  if (seen.state == InvoiceState::canceled) {
    if (charge.status != ChargeStatus::pending) return {.status = charge.status};
    if (now < seen.expires_at) return {.status = ChargeStatus::canceled, .event = EventType::charge_canceled};
    return {.status = ChargeStatus::expired, .event = EventType::charge_expired};
  }
  switch (charge.status) {
    case ChargeStatus::paid:
    case ChargeStatus::paid_late: return {.status = charge.status};
    case ChargeStatus::expired:
    case ChargeStatus::canceled: return {.status = ChargeStatus::paid_late, .event = EventType::charge_paid_late, .credits = true};
    case ChargeStatus::creating:
    case ChargeStatus::pending: break;
  }
  // Less than was asked, which no node should take: the money is the workspace's, but nothing is unlocked by it.
  if (seen.paid < charge.amount) return {.status = charge.status, .credits = true};
  return {.status = ChargeStatus::paid, .event = EventType::charge_paid, .credits = true};
}

Transfer credit(const Charge& charge, Msat paid) {
  return {
      .id = credit_transfer_id(charge.payment_hash),
      .type = EntryType::charge_credit,
      .available_msat = static_cast<std::int64_t>(paid.value),
      .reference = charge.id.text(),
  };
}

Task<Result<Charge>> apply(Context& cx, Realm realm, ChargeId id, NodeInvoice seen) {
  return retry([&cx, realm, id, seen]() -> Task<Result<Charge>> {
    const auto stored = co_await cx.store.load<Charge>(charge_key(realm, id));
    if (!stored) co_return fail(ErrorCode::not_found);
    auto charge = stored->record;
    auto verdict = judge(charge, seen, cx.now());
    if (verdict.credits) {
      // An underpaid charge stays pending; its money is credited once all the same.
      const auto credited = co_await cx.store.get(transfer_key(realm, credit_transfer_id(charge.payment_hash)));
      if (credited) verdict = {.status = charge.status};
    }
    const bool over = seen.state != InvoiceState::open;
    if (!over) charge.due_at = std::max(seen.look_again, cx.now() + look_again_min);
    const bool same_time = over || charge.due_at == stored->record.due_at;
    if (verdict.status == charge.status && !verdict.credits && same_time) co_return charge;
    if (verdict.credits) {
      charge.settled = seen.paid;
      charge.paid_at = seen.settled_at.value_or(cx.now());
    }
    charge.status = verdict.status;

    auto book = co_await Book::load(cx, realm);
    auto& plan = book.plan();
    const DueWork watch{"charge", realm, id.text()};
    plan.erase(due_key(watch, stored->record.due_at));
    if (!over) plan_due(cx, plan, watch, charge.due_at);
    plan.replace(stored->entry, to_row(charge));
    if (charge.status != stored->record.status) move_indexes(plan, realm, stored->record, charge);
    if (verdict.credits) co_await book.post(credit(charge, seen.paid));
    if (verdict.event) book.emit(*verdict.event, charge_json(charge, realm));
    co_await book.commit();
    co_return charge;
  });
}

/// The one who created it is gone: publish what the node has, or forget what it never got.
Task<Result<>> finish_creating(Context& cx, Realm realm, Stored<Charge> left) {
  const auto node = co_await require_node(cx, realm);
  const auto& charge = left.record;
  const auto invoice = co_await node->lookup(charge.payment_hash);
  if (invoice) {
    co_await publish_charge(cx, realm, charge.id, *invoice, idempotency::Receipt{});
    co_return {};
  }
  Plan plan;
  plan.remove(left.entry);
  plan.erase(due_key({"charge", realm, charge.id.text()}, charge.due_at));
  co_return co_await attempt(cx.store.commit(std::move(plan)));
}

}  // namespace

Task<Result<Charge>> refresh_charge(Context& cx, Realm realm, ChargeId id) {
  const auto stored = co_await cx.store.load<Charge>(charge_key(realm, id));
  if (!stored) co_return fail(ErrorCode::not_found);
  const auto node = co_await require_node(cx, realm);
  const auto seen = co_await node->lookup(stored->record.payment_hash);
  if (!seen) co_return stored->record;
  co_return co_await apply(cx, realm, id, *seen);
}

Task<Result<>> watch_charge(Context& cx, std::string key) {
  const auto work = parse_due_key(key);
  const auto id = work ? ChargeId::parse(work->id) : std::nullopt;
  co_await invariant(id.has_value(), "a charge's due row names the charge");
  const auto claimed = co_await claim_due(cx, key, watch_lease);
  const auto& realm = work->realm;
  if (const auto left = co_await cx.store.load<Charge>(new_charge_key(realm, *id))) {
    co_await finish_creating(cx, realm, *left);
  } else {
    const auto refreshed = co_await attempt(refresh_charge(cx, realm, *id));
    if (!refreshed && refreshed.error().code != ErrorCode::not_found) co_return std::unexpected(refreshed.error());
  }
  Plan plan;
  plan.remove(claimed);
  const auto removed = co_await attempt(cx.store.commit(std::move(plan)));
  if (!removed && removed.error().code == ErrorCode::conflict) co_return {};
  co_return removed;
}

}  // namespace lntpay
