// Positive evidence only: SETTLED credits, CANCELED ends, and anything else leaves the charge as it is.
#include "core/charge/charge_refresh.hpp"

#include <algorithm>

#include "core/charge/charge_creation.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/tenant/due_work.hpp"

namespace lntpay {
namespace {

constexpr Millis watch_lease = minutes(2);
constexpr Millis look_again_min = seconds(1);
constexpr Millis look_again_max = hours(1);
/// So long after its expiry an invoice that the node does not know any more is looked for.
constexpr Millis missing_max = hours(24);

/// A sixteenth of the charge's age: a look that brings nothing comes again soon while the charge is young, and hourly later.
Millis back_off(const Charge& charge, UnixMillis now) {
  const auto age = now > charge.created_at ? now - charge.created_at : Millis{};
  return std::clamp(Millis{age.value / 16}, look_again_min, look_again_max);
}

/// What the node's word makes of the charge; pure.
struct Verdict {
  ChargeStatus status{};
  std::optional<EventType> event{};  ///< of a change; money is credited with each that tells of a payment
  std::optional<UnixMillis> next_poll_at{};
};

Verdict unchanged(const Charge& charge) { return {.status = charge.status}; }

Verdict judge_open(const Charge& charge, const NodeInvoice& seen, UnixMillis now) {
  const auto soonest = now + (seen.next_poll_at > now ? look_again_min : back_off(charge, now));
  return {.status = charge.status, .next_poll_at = std::max(seen.next_poll_at, soonest)};
}

/// A node that forgot the invoice has said nothing about it: the charge stays as it is, and the look is repeated.
Verdict judge_missing(const Charge& charge, UnixMillis now) {
  if (now >= charge.expires_at + missing_max) return unchanged(charge);
  return {.status = charge.status, .next_poll_at = now + back_off(charge, now)};
}

Verdict judge_canceled(const NodeInvoice& seen, UnixMillis now) {
  if (now < seen.expires_at) return {.status = ChargeStatus::canceled, .event = EventType::charge_canceled};
  return {.status = ChargeStatus::expired, .event = EventType::charge_expired};
}

Verdict judge_settled(const Charge& charge, const NodeInvoice& seen) {
  // Less than was asked, which no node should take: the money is the workspace's, but nothing is unlocked by it.
  if (seen.paid < charge.amount) return {.status = ChargeStatus::underpaid, .event = EventType::charge_underpaid};
  if (is_final(charge.status)) return {.status = ChargeStatus::paid_late, .event = EventType::charge_paid_late};
  return {.status = ChargeStatus::paid, .event = EventType::charge_paid};
}

Verdict judge(const Charge& charge, const std::optional<NodeInvoice>& seen, UnixMillis now) {
  if (has_money(charge.status)) return unchanged(charge);
  if (seen && seen->state == InvoiceState::settled) return judge_settled(charge, *seen);
  if (is_final(charge.status)) return unchanged(charge);  // CANCELED is the node's last word
  if (!seen) return judge_missing(charge, now);
  return seen->state == InvoiceState::canceled ? judge_canceled(*seen, now) : judge_open(charge, *seen, now);
}

Transfer credit(const Charge& charge) {
  return {
      .id = credit_transfer_id(charge.payment_hash),
      .type = EntryType::charge_credit,
      .available_msat = static_cast<std::int64_t>(charge.settled.value),
      .reference = charge.id.text(),
  };
}

Task<Result<>> look_later(Context& cx, TenantScope tenant, Stored<Charge> stored, UnixMillis at) {
  // Also where it is the time that stands there: the row may be claimed, and gone with the claim.
  WriteBatch batch;
  move_watch(cx, batch, tenant, stored.record, at);
  batch.replace(stored.entry, to_row(stored.record));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

/// Puts into the unit what the verdict makes of the charge; yields it as it then is.
Result<Charge> enter(Context& cx, UnitOfWork& unit, const TenantScope& tenant, const Stored<Charge>& stored, const Verdict& verdict,
                     const std::optional<NodeInvoice>& seen) {
  auto charge = stored.record;
  charge.status = verdict.status;
  auto& batch = unit.batch();
  if (has_money(charge.status)) {
    charge.settled = seen->paid;
    charge.paid_at = seen->settled_at.value_or(cx.now());
    if (auto posted = unit.post(credit(charge)); !posted) return std::unexpected(std::move(posted.error()));
  }
  end_watch(cx, batch, tenant, charge);
  batch.replace(stored.entry, to_row(charge));
  move_indexes(batch, tenant, stored.record, charge);
  unit.emit(*verdict.event, charge_json(cx.settings, charge, tenant));
  return charge;
}

void alarm_if_underpaid(Context& cx, const Charge& charge) {
  if (charge.status != ChargeStatus::underpaid) return;
  cx.alarms.push_back("charge.underpaid: " + charge.id.text() + ", " + std::to_string(charge.settled.value) + " of " +
                      std::to_string(charge.amount.value) + " msat");
}

/// The one who created it is gone: publish what the node has, or forget what it never got.
Task<Result<>> finish_creating(Context& cx, TenantScope tenant, Stored<Charge> left) {
  const auto node = co_await require_node(cx, tenant);
  const auto& charge = left.record;
  const auto invoice = co_await node->lookup(charge.payment_hash);
  if (!invoice) co_return co_await attempt(forget_new_charge(cx, tenant, std::move(left)));
  co_await publish_charge(cx, tenant, charge.id, *invoice, IdempotencyClaim{});
  co_return {};
}

/// The node did not answer: it is asked again soon, for what it would have said may be a payment.
Task<Result<>> look_soon(Context& cx, TenantScope tenant, ChargeId id) {
  return retry([&cx, tenant, id]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<Charge>(charge_key(tenant, id));
    if (!stored || is_final(stored->record.status)) co_return {};
    co_return co_await attempt(look_later(cx, tenant, *stored, cx.now() + back_off(stored->record, cx.now())));
  });
}

}  // namespace

Task<Result<Charge>> note_invoice(Context& cx, TenantScope tenant, ChargeId id, std::optional<NodeInvoice> seen) {
  return retry([&cx, tenant, id, seen]() -> Task<Result<Charge>> {
    auto unit = co_await UnitOfWork::load(cx, tenant, {charge_key(tenant, id)});
    const auto stored = co_await unit.about<Charge>();
    if (!stored) co_return fail(ErrorCode::not_found);
    const auto verdict = judge(stored->record, seen, cx.now());
    if (verdict.status == stored->record.status) {
      if (verdict.next_poll_at) co_await look_later(cx, tenant, *stored, *verdict.next_poll_at);
      if (!verdict.next_poll_at && !is_final(verdict.status)) {
        cx.alarms.push_back("charge.missing: the node has no invoice of " + id.text() + ", which is not looked for any more");
      }
      co_return stored->record;
    }
    const auto charge = co_await enter(cx, unit, tenant, *stored, verdict, seen);
    co_await unit.commit();
    alarm_if_underpaid(cx, charge);
    co_return charge;
  });
}

Task<Result<>> note_settled(Context& cx, TenantScope tenant, std::vector<Settlement> settled) {
  return retry([&cx, tenant, settled]() -> Task<Result<>> {
    std::vector<std::string> keys;
    for (const auto& each : settled) keys.push_back(charge_key(tenant, each.charge));
    auto unit = co_await UnitOfWork::load(cx, tenant, std::move(keys));
    std::vector<Charge> changed;
    for (std::size_t i = 0; i < settled.size(); ++i) {
      const auto stored = co_await unit.about<Charge>(i);
      if (!stored) continue;  // still being made: its own task finds the payment
      const auto verdict = judge(stored->record, settled[i].invoice, cx.now());
      // Two lines of one charge: the second finds it as it was read, and would credit it again.
      const bool again = std::ranges::contains(changed, settled[i].charge, &Charge::id);
      if (verdict.status == stored->record.status || again) continue;
      changed.push_back(co_await enter(cx, unit, tenant, *stored, verdict, settled[i].invoice));
    }
    if (changed.empty()) co_return {};
    co_await unit.commit();
    for (const auto& charge : changed) alarm_if_underpaid(cx, charge);
    co_return {};
  });
}

Task<Result<Charge>> refresh_charge(Context& cx, TenantScope tenant, ChargeId id) {
  const auto stored = co_await cx.store.load<Charge>(charge_key(tenant, id));
  if (!stored) co_return fail(ErrorCode::not_found);
  const auto node = co_await require_node(cx, tenant);
  const auto seen = co_await node->lookup(stored->record.payment_hash);
  co_return co_await note_invoice(cx, tenant, id, seen);
}

Task<Result<>> watch_charge(Context& cx, std::string key) {
  const auto work = parse_due_key(key);
  const auto id = work ? ChargeId::parse(work->id) : std::nullopt;
  co_await invariant(id.has_value(), "a charge's due row names the charge");
  const auto claimed = co_await claim_due(cx, key, watch_lease);
  const auto& tenant = work->tenant;
  Result<> looked;
  const auto refreshed = co_await attempt(refresh_charge(cx, tenant, *id));
  if (!refreshed && refreshed.error().code == ErrorCode::node_unavailable) {
    co_await look_soon(cx, tenant, *id);
    looked = std::unexpected(refreshed.error());
  } else if (!refreshed && refreshed.error().code != ErrorCode::not_found) {
    co_return std::unexpected(refreshed.error());
  } else if (!refreshed) {
    if (const auto left = co_await cx.store.load<Charge>(new_charge_key(tenant, *id))) co_await finish_creating(cx, tenant, *left);
  }
  WriteBatch batch;
  batch.remove(claimed);
  const auto removed = co_await attempt(cx.store.commit(std::move(batch)));
  if (!removed && removed.error().code != ErrorCode::conflict) co_return removed;
  co_return looked;
}

}  // namespace lntpay
