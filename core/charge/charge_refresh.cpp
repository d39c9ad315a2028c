// Positive evidence only: SETTLED credits, CANCELED ends, and anything else leaves the charge as it is.
#include "core/charge/charge_refresh.hpp"

#include <algorithm>

#include "core/charge/challenge_settlement.hpp"
#include "core/charge/charge_creation.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "core/tenant/due_work.hpp"

namespace lntpay {
namespace {

constexpr Millis charge_task_lease = minutes(2);
constexpr Millis poll_interval_min = seconds(1);
constexpr Millis poll_interval_max = hours(1);
/// A missing invoice is polled until this long after its expiry.
constexpr Millis missing_max = hours(24);

/// A sixteenth of the charge's age: seconds for a new charge, hourly for an old one.
Millis poll_backoff(const Charge& charge, UnixMillis now) {
  const auto age = now > charge.created_at ? now - charge.created_at : Millis{};
  return std::clamp(Millis{age.value / 16}, poll_interval_min, poll_interval_max);
}

/// The change that follows from the node's invoice. Pure.
struct Transition {
  ChargeStatus status{};
  std::optional<EventType> event{};  ///< of a change of the status
  std::optional<UnixMillis> next_poll{};
};

Transition unchanged(const Charge& charge) { return {.status = charge.status}; }

Transition transition_if_open(const Charge& charge, const NodeInvoice& seen, UnixMillis now) {
  const auto soonest = now + (seen.next_poll_at > now ? poll_interval_min : poll_backoff(charge, now));
  return {.status = charge.status, .next_poll = std::max(seen.next_poll_at, soonest)};
}

/// A missing invoice proves nothing: the charge stays unchanged and is polled again.
Transition transition_if_missing(const Charge& charge, UnixMillis now) {
  if (now >= charge.expires_at + missing_max) return unchanged(charge);
  return {.status = charge.status, .next_poll = now + poll_backoff(charge, now)};
}

Transition transition_if_canceled(const NodeInvoice& seen, UnixMillis now) {
  if (now < seen.expires_at) return {.status = ChargeStatus::canceled, .event = EventType::charge_canceled};
  return {.status = ChargeStatus::expired, .event = EventType::charge_expired};
}

Transition transition_if_settled(const Charge& charge, const NodeInvoice& seen) {
  // No node should settle less than the amount, but a payer who chooses it may: the money is credited, but does not unlock.
  if (seen.paid < least_of(charge)) return {.status = ChargeStatus::underpaid, .event = EventType::charge_underpaid};
  if (is_final(charge.status)) return {.status = ChargeStatus::paid_late, .event = EventType::charge_paid_late};
  return {.status = ChargeStatus::paid, .event = EventType::charge_paid};
}

Transition transition_of(const Charge& charge, const std::optional<NodeInvoice>& seen, UnixMillis now) {
  if (has_money(charge.status)) return unchanged(charge);
  if (seen && seen->state == InvoiceState::settled) return transition_if_settled(charge, *seen);
  if (is_final(charge.status)) return unchanged(charge);  // CANCELED is final at the node
  if (!seen) return transition_if_missing(charge, now);
  return seen->state == InvoiceState::canceled ? transition_if_canceled(*seen, now) : transition_if_open(charge, *seen, now);
}

Transfer credit(const Charge& charge) {
  return {
      .id = credit_transfer_id(charge.payment_hash),
      .type = EntryType::charge_credit,
      .available_msat = static_cast<std::int64_t>(charge.settled.value),
      .reference = charge.id.text(),
  };
}

Task<Result<>> schedule_poll(Context& cx, TenantScope tenant, Stored<Charge> stored, UnixMillis at) {
  // Also if the time is the same: the row may be claimed, and is removed with the claim.
  WriteBatch batch;
  move_due_row(cx, batch, tenant, stored.record, at);
  batch.replace(stored.entry, to_row(stored.record));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

/// Adds the transition to the unit. Yields the changed charge.
Result<Charge> apply_transition(Context& cx, UnitOfWork& unit, const TenantScope& tenant, const Stored<Charge>& stored,
                                const Transition& transition, const std::optional<NodeInvoice>& seen) {
  auto charge = stored.record;
  charge.status = transition.status;
  auto& batch = unit.batch();
  if (has_money(charge.status)) {
    charge.settled = seen->paid;
    charge.paid_at = seen->settled_at.value_or(cx.now());
    if (auto posted = unit.post(credit(charge)); !posted) return std::unexpected(std::move(posted.error()));
  }
  remove_due_row(cx, batch, tenant, charge);
  batch.replace(stored.entry, to_row(charge));
  move_indexes(batch, tenant, stored.record, charge);
  unit.emit(*transition.event, charge_json(cx.settings, charge, tenant), charge.webhook_url);
  return charge;
}

void alarm_if_underpaid(Context& cx, const Charge& charge) {
  if (charge.status != ChargeStatus::underpaid) return;
  cx.alarms.push_back("charge.underpaid: " + charge.id.text() + ", " + std::to_string(charge.settled.value) + " of " +
                      std::to_string(least_of(charge).value) + " msat");
}

ChargeStatus status_when_paid(const ChallengeRow& challenge, const NodeInvoice& seen) {
  if (seen.paid < challenge.amount) return ChargeStatus::underpaid;
  return seen.settled_at > challenge.expires_at ? ChargeStatus::paid_late : ChargeStatus::paid;
}

EventType event_of(ChargeStatus status) {
  if (status == ChargeStatus::underpaid) return EventType::charge_underpaid;
  return status == ChargeStatus::paid_late ? EventType::charge_paid_late : EventType::charge_paid;
}

/// Adds the charge of a paid challenge to the unit, with its credit and event.
Result<Charge> make_paid_charge(Context& cx, UnitOfWork& unit, const TenantScope& tenant, const Settlement& settled) {
  const auto& challenge = *settled.challenge;
  auto charge = unpaid_charge(challenge, cx.now());
  charge.id = settled.charge;
  charge.status = status_when_paid(challenge, settled.invoice);
  charge.bolt11 = settled.invoice.bolt11;
  charge.settled = settled.invoice.paid;
  charge.paid_at = settled.invoice.settled_at;
  charge.created_at = *charge.paid_at;
  charge.due_at = *charge.paid_at;
  // The charge has the preimage under its own key. One that cannot be opened is no reason to keep the money waiting.
  const auto preimage = open(cx.settings.seal, challenge_key(tenant, challenge.payment_hash), challenge.sealed_preimage);
  if (preimage) charge.sealed_preimage = seal(cx.settings.seal, charge_key(tenant, charge.id), preimage->reveal());
  if (auto posted = unit.post(credit(charge)); !posted) return std::unexpected(std::move(posted.error()));
  unit.batch().create(charge_key(tenant, charge.id), to_row(charge));
  put_indexes(unit.batch(), tenant, charge);
  unit.emit(event_of(charge.status), charge_json(cx.settings, charge, tenant));
  return charge;
}

/// For a `creating` charge whose run has crashed: publishes it if the node has the invoice, else removes it.
Task<Result<>> finish_creating(Context& cx, TenantScope tenant, Stored<Charge> left) {
  const auto node = co_await require_node(cx, tenant);
  const auto& charge = left.record;
  const auto invoice = co_await node->lookup(charge.payment_hash);
  if (!invoice) co_return co_await attempt(remove_new_charge(cx, tenant, std::move(left)));
  co_await publish_charge(cx, tenant, charge.id, *invoice, IdempotencyClaim{});
  co_return {};
}

/// After a failed poll: schedules the next one soon, because there may be a payment.
Task<Result<>> schedule_retry(Context& cx, TenantScope tenant, ChargeId id) {
  return retry([&cx, tenant, id]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<Charge>(charge_key(tenant, id));
    if (!stored || is_final(stored->record.status)) co_return {};
    co_return co_await attempt(schedule_poll(cx, tenant, *stored, cx.now() + poll_backoff(stored->record, cx.now())));
  });
}

}  // namespace

Task<Result<Charge>> apply_invoice(Context& cx, TenantScope tenant, ChargeId id, std::optional<NodeInvoice> seen) {
  return retry([&cx, tenant, id, seen]() -> Task<Result<Charge>> {
    auto unit = co_await UnitOfWork::load(cx, tenant, {charge_key(tenant, id)});
    const auto stored = co_await unit.about<Charge>();
    if (!stored) co_return fail(ErrorCode::not_found);
    const auto transition = transition_of(stored->record, seen, cx.now());
    if (transition.status == stored->record.status) {
      if (transition.next_poll) co_await schedule_poll(cx, tenant, *stored, *transition.next_poll);
      if (!transition.next_poll && !is_final(transition.status)) {
        cx.alarms.push_back("charge.missing: the node has no invoice of " + id.text() + "; polling has stopped");
      }
      co_return stored->record;
    }
    const auto charge = co_await apply_transition(cx, unit, tenant, *stored, transition, seen);
    co_await unit.commit();
    alarm_if_underpaid(cx, charge);
    co_return charge;
  });
}

Task<Result<>> credit_settled(Context& cx, TenantScope tenant, std::vector<Settlement> settled) {
  return retry([&cx, tenant, settled]() -> Task<Result<>> {
    std::vector<std::string> keys;
    for (const auto& each : settled) keys.push_back(charge_key(tenant, each.charge));
    auto unit = co_await UnitOfWork::load(cx, tenant, std::move(keys));
    std::vector<Charge> changed;
    for (std::size_t i = 0; i < settled.size(); ++i) {
      const auto stored = co_await unit.about<Charge>(i);
      if (!stored && !settled[i].challenge) continue;  // still `creating`: its due task finds the payment
      if (!stored) {
        if (!std::ranges::contains(changed, settled[i].charge, &Charge::id))
          changed.push_back(co_await make_paid_charge(cx, unit, tenant, settled[i]));
        continue;
      }
      const auto transition = transition_of(stored->record, settled[i].invoice, cx.now());
      // For two lines of one charge the second one would credit it again.
      const bool again = std::ranges::contains(changed, settled[i].charge, &Charge::id);
      if (transition.status == stored->record.status || again) continue;
      changed.push_back(co_await apply_transition(cx, unit, tenant, *stored, transition, settled[i].invoice));
    }
    if (changed.empty()) co_return {};
    co_await unit.commit();
    for (const auto& charge : changed) alarm_if_underpaid(cx, charge);
    co_return {};
  });
}

Task<Result<Charge>> refresh_charge(Context& cx, TenantScope tenant, ChargeId id) {
  return retry([&cx, tenant, id]() -> Task<Result<Charge>> {
    const auto stored = co_await cx.store.load<Charge>(charge_key(tenant, id));
    if (!stored) co_return fail(ErrorCode::not_found);
    const auto& payment_hash = stored->record.payment_hash;
    const auto node = co_await require_node(cx, tenant);
    const auto seen = co_await node->lookup(payment_hash);
    auto applied = co_await attempt(apply_invoice(cx, tenant, id, seen));
    const bool too_much = !applied && applied.error().code == ErrorCode::balance_limit_exceeded;
    if (!too_much || tenant.environment != Environment::test) co_return applied;
    // A delayed payment for which there is no room by now: it fails, and the invoice is as if it had never been paid.
    WriteBatch unchanged;
    unchanged.keep(stored->entry);
    co_await SandboxNode(cx, tenant).return_payment(payment_hash, std::move(unchanged));
    const auto unpaid = co_await node->lookup(payment_hash);
    co_return co_await attempt(apply_invoice(cx, tenant, id, unpaid));
  });
}

Task<Result<>> run_charge(Context& cx, std::string key) {
  const auto [tenant, id, claimed] = co_await claim_record<ChargeId>(cx, std::move(key), charge_task_lease);
  Result<> polled;
  const auto refreshed = co_await attempt(refresh_charge(cx, tenant, id));
  if (!refreshed && refreshed.error().code == ErrorCode::node_unavailable) {
    co_await schedule_retry(cx, tenant, id);
    polled = std::unexpected(refreshed.error());
  } else if (!refreshed && refreshed.error().code != ErrorCode::not_found) {
    co_return std::unexpected(refreshed.error());
  } else if (!refreshed) {
    if (const auto left = co_await cx.store.load<Charge>(new_charge_key(tenant, id))) co_await finish_creating(cx, tenant, *left);
  }
  co_await finish_due(cx, claimed);
  co_return polled;
}

}  // namespace lntpay
