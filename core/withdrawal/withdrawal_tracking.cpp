// The dispatcher. A send is committed before its request leaves, and its answer is committed under the number of the send.
#include "core/withdrawal/withdrawal_tracking.hpp"

#include "core/crypto/sha256.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "core/tenant/due_work.hpp"
#include "core/withdrawal/payment_hash_lock.hpp"
#include "core/withdrawal/withdrawal_change.hpp"
#include "core/withdrawal/withdrawal_request.hpp"

namespace lntpay {
namespace {

/// Longer than a send with its polls.
constexpr Millis task_lease = minutes(5);
/// When other polls overtake one so often, the due task polls again.
constexpr int polls_in_a_row_max = 3;

/// The start of the reason of a withdrawal whose last poll failed; the node's words follow.
constexpr std::string_view poll_failed = "the node could not be polled: ";

/// The node's record of a hash, and its identity (core/lightning/node/node_instance.hpp).
struct NodePoll {
  UnixMillis begun;
  PaymentLookup payment;
  std::string node_before;  ///< before the poll
  std::string node;
};

bool is_same_node(const Withdrawal& withdrawal, const NodePoll& poll) {
  return instance_key(poll.node) == instance_key(withdrawal.node);
}
bool was_restored(const Withdrawal& withdrawal, const NodePoll& poll) { return poll.node != withdrawal.node; }

Task<Result<NodePoll>> poll_node(Context& cx, TenantScope tenant, Bytes32 payment_hash) {
  const auto begun = cx.now();
  const auto node = co_await require_node(cx, tenant);
  const auto identity = co_await node->identity();
  auto before = co_await node_instance_of(cx, tenant.environment, identity);
  const auto payment = co_await node->look_up_payment(payment_hash);
  co_return NodePoll{begun, payment, std::move(before), co_await node_instance_of(cx, tenant.environment, identity)};
}

/// After a failed poll: shows users why, and since when; nothing else changes but the time of the next one.
Task<Result<Withdrawal>> postpone_poll(Context& cx, TenantScope tenant, WithdrawalId id, Error error) {
  const auto reason =
      std::string(poll_failed).append(error.message.empty() ? info(error.code).sentence : std::string_view(error.message));
  bool is_new = false;
  auto postponed = co_await change_withdrawal(cx, tenant, id, [&](Withdrawal& withdrawal) -> Result<Decision> {
    ++withdrawal.polls;
    withdrawal.last_checked_at = cx.now();
    is_new = withdrawal.reason != reason && withdrawal.status != WithdrawalStatus::needs_review;
    if (is_final(withdrawal.status) || withdrawal.status == WithdrawalStatus::needs_review) return Decision{};
    withdrawal.reason = reason;
    if (!withdrawal.stuck_since) withdrawal.stuck_since = cx.now();
    return Decision{};
  });
  if (is_new) cx.alarms.push_back("withdrawal.poll_failed: " + id.text() + ", " + reason);
  co_return postponed;
}

/// After a poll that the node answered: an earlier failed one no longer explains anything.
void end_poll_failure(Withdrawal& withdrawal) {
  if (!withdrawal.reason.starts_with(poll_failed)) return;
  const bool unknown = withdrawal.status == WithdrawalStatus::unknown;
  withdrawal.reason = unknown ? "the outcome of the send is not known yet; polling the node" : "";
  if (!unknown) withdrawal.stuck_since.reset();
}

Decision decision_of(const FenceDecision& decided, const PaymentRecord& record) {
  Decision decision{.action = decided.action, .reason = std::string(decided.reason)};
  if (decided.action == Action::settle) decision.payment = Payment{record.preimage, record.fee};
  if (decided.action == Action::release && !record.failure.empty()) decision.reason = record.failure;
  return decision;
}

/// Keeps the lock, and shows users why and since when.
void mark_unknown(const Context& cx, Withdrawal& withdrawal, std::string reason) {
  withdrawal.status = WithdrawalStatus::unknown;
  withdrawal.reason = std::move(reason);
  withdrawal.stuck_since = cx.now();
}

void add_send(const Context& cx, const TenantScope& tenant, Withdrawal& withdrawal) {
  // Requests to the sandbox's node never leave the host, so no transport repeats them.
  const bool once = tenant.environment == Environment::test || cx.settings.send_once;
  withdrawal.sends.push_back(SendState::open);
  withdrawal.sends_once = withdrawal.sends_once && once;
  withdrawal.last_send_at = cx.now();
  withdrawal.polls = 0;
}

/// Applies the node's answer to send `number`.
Decision apply_answer(Context& cx, Withdrawal& withdrawal, std::size_t number, const SendResult& answer) {
  if (is_final(withdrawal.status)) return {};
  const auto noted = apply_send_answer(withdrawal, number, answer);
  if (noted.action == Action::review) return decision_of(noted, {});
  if (withdrawal.status == WithdrawalStatus::needs_review) return {};
  // A payment update counts as a poll without the node's time.
  const auto record = answer.seen.value_or(PaymentRecord{.index = withdrawal.base_index});
  const auto decision = answer.seen ? apply_payment_record(withdrawal, record, {cx.now(), cx.now(), {}}) : FenceDecision{};
  if (decision.action == Action::wait && answer.outcome != SendOutcome::refused &&
      withdrawal.status == WithdrawalStatus::dispatched) {
    mark_unknown(cx, withdrawal, answer.reason.empty() ? "the payment is in progress" : answer.reason);
  }
  if (decision.action == Action::wait && answer.outcome == SendOutcome::refused) withdrawal.reason = answer.reason;
  return decision_of(decision, record);
}

Task<Result<Withdrawal>> track_at_node(Context& cx, TenantScope tenant, WithdrawalId id);

/// Sends the request of send `number`, which is already committed.
Task<Result<Withdrawal>> send(Context& cx, TenantScope tenant, Withdrawal withdrawal, std::size_t number) {
  const auto node = co_await require_node(cx, tenant);
  const auto answer = co_await node->send_payment({
      .bolt11 = withdrawal.bolt11,
      .payment_hash = withdrawal.payment_hash,
      .amount = withdrawal.reserved.amount,
      .amount_stated = withdrawal.amount_stated,
      .fee_limit = withdrawal.reserved.fee_limit,
  });
  auto noted = co_await change_withdrawal(cx, tenant, withdrawal.id, [&](Withdrawal& current) -> Result<Decision> {
    return apply_answer(cx, current, number, answer);
  });
  // A refusal releases the money once a poll confirms that the node has no payment.
  if (answer.outcome == SendOutcome::refused && !is_final(noted.status))
    co_return co_await track_at_node(cx, tenant, withdrawal.id);
  co_return noted;
}

/// Marks a pending withdrawal as dispatched, unless the node already has a payment. Sets `marked` for the first send.
Decision decide_dispatch(const Context& cx, const TenantScope& tenant, Withdrawal& withdrawal, const NodePoll& seen, bool& marked) {
  const auto& record = seen.payment.record;
  marked = false;
  if (withdrawal.status != WithdrawalStatus::pending) return {};
  end_poll_failure(withdrawal);
  if (record.state == PaymentState::in_flight || record.state == PaymentState::succeeded) {
    return {Action::review, "the node already had a payment for this invoice"};
  }
  withdrawal.status = WithdrawalStatus::dispatched;
  withdrawal.dispatched_at = cx.now();
  // A restore reported during the poll is of the node that answered.
  withdrawal.node = seen.node_before;
  withdrawal.base_index = record.index;
  add_send(cx, tenant, withdrawal);
  marked = true;
  return {};
}

Task<Result<Withdrawal>> dispatch(Context& cx, TenantScope tenant, Withdrawal pending) {
  const auto seen = co_await attempt(poll_node(cx, tenant, pending.payment_hash));
  if (!seen) co_return co_await postpone_poll(cx, tenant, pending.id, seen.error());
  bool marked = false;
  auto sent = co_await change_withdrawal(cx, tenant, pending.id, [&](Withdrawal& withdrawal) -> Result<Decision> {
    return decide_dispatch(cx, tenant, withdrawal, *seen, marked);
  });
  if (!marked) co_return sent;
  co_return co_await send(cx, tenant, std::move(sent), 0);
}

/// Adjusts the ledger if the node paid a withdrawal that an operator resolved as failed. Polling ends after its time, or when
/// another withdrawal was sent for the hash, because the node's record is then that one's.
Decision decide_given_up(const Context& cx, Withdrawal& withdrawal, const NodePoll* seen, bool taken_over) {
  if (!withdrawal.polled_until) return {};
  ++withdrawal.polls;
  if (taken_over || cx.now() >= *withdrawal.polled_until) withdrawal.polled_until.reset();
  if (seen == nullptr || taken_over || !is_same_node(withdrawal, *seen)) return {};
  withdrawal.last_checked_at = cx.now();
  const auto& record = seen->payment.record;
  const bool paid = record.state == PaymentState::succeeded && record.index != withdrawal.base_index &&
                    sha256(record.preimage) == withdrawal.payment_hash;
  if (!paid) return {};
  return {.action = Action::adjust,
          .reason = "resolved as failed by the operator, then paid by the node; the amount is in suspense",
          .payment = Payment{record.preimage, record.fee}};
}

Task<Result<>> poll_given_up(Context& cx, TenantScope tenant, Withdrawal given_up) {
  const auto seen = co_await attempt(poll_node(cx, tenant, given_up.payment_hash));
  const bool taken_over = co_await is_taken_over(cx, tenant.environment, given_up);
  const auto changed = co_await attempt(change_withdrawal(cx, tenant, given_up.id, [&](Withdrawal& withdrawal) -> Result<Decision> {
    return decide_given_up(cx, withdrawal, seen ? &*seen : nullptr, taken_over);
  }));
  if (changed) co_return {};
  // Retried when the lease expires.
  if (changed.error().code != ErrorCode::insufficient_funds) co_return std::unexpected(changed.error());
  // The workspace has spent the released money, so no entry can be posted: the alarm repeats until it has the funds.
  cx.alarms.push_back("withdrawal.paid_late: " + given_up.id.text() + " cannot be recorded: " + changed.error().message);
  co_await postpone_poll(cx, tenant, given_up.id, changed.error());
  co_return {};
}

/// Whether the decision rests on evidence that has changed since the poll began. A proven payment always counts.
bool is_overtaken(const Withdrawal& withdrawal, const Evidence& known, Action action) {
  const bool ends = action == Action::release || action == Action::review || action == Action::send_again;
  return ends && evidence_of(withdrawal) != known;
}

/// What follows a poll.
struct AfterPoll {
  std::optional<std::size_t> next_send;  ///< the number of the send that is to follow
  bool overtaken = false;                ///< the answer was discarded: poll again
};

/// Applies a poll of a withdrawal that was sent; `known` is what was known when it began.
Decision decide_after_poll(const Context& cx, const TenantScope& tenant, Withdrawal& withdrawal, const NodePoll& seen,
                           const Evidence& known, AfterPoll& after) {
  after = {};
  if (is_final(withdrawal.status)) return {};
  const auto before = withdrawal;
  ++withdrawal.polls;
  end_poll_failure(withdrawal);
  if (!is_same_node(withdrawal, seen)) {
    withdrawal.reason = "the connected node is not the one that this withdrawal was sent to";
    return {};
  }
  const auto& record = seen.payment.record;
  auto decision = apply_payment_record(withdrawal, record, {seen.begun, cx.now(), seen.payment.node_time});
  if (is_overtaken(before, known, decision.action)) {
    withdrawal = before;
    after.overtaken = true;
    return {};
  }
  if (was_restored(withdrawal, seen) && decision.action != Action::settle) {
    decision = {Action::review, "the node was restored after the withdrawal was sent; only a proven payment counts"};
  }
  // Only an operator ends a review; a payment that the node proves is stored for them.
  if (withdrawal.status == WithdrawalStatus::needs_review) {
    if (decision.action == Action::review) withdrawal.reason = decision.reason;
    return decision.action == Action::settle ? Decision{.payment = Payment{record.preimage, record.fee}} : Decision{};
  }
  // After the timeout no answer to the send will come: its run has crashed.
  const bool kept = decision.action == Action::wait || decision.action == Action::send_again;
  if (kept && withdrawal.status == WithdrawalStatus::dispatched &&
      cx.now() >= withdrawal.last_send_at.value_or(UnixMillis{}) + send_timeout) {
    mark_unknown(cx, withdrawal, "the send was interrupted; polling the node for the outcome");
  }
  if (decision.action == Action::send_again) {
    after.next_send = withdrawal.sends.size();
    add_send(cx, tenant, withdrawal);
  }
  return decision_of(decision, record);
}

Task<Result<Withdrawal>> track_at_node(Context& cx, TenantScope tenant, WithdrawalId id) {
  const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, id));
  if (!stored || !is_visible(stored->record.status)) co_return no_such_withdrawal();
  const auto& found = stored->record;
  if (!found.dispatched_at || is_final(found.status)) co_return found;
  auto known = evidence_of(found);
  for (int polls = 1;; ++polls) {
    const auto seen = co_await poll_node(cx, tenant, found.payment_hash);
    AfterPoll after;
    auto changed = co_await change_withdrawal(cx, tenant, id, [&](Withdrawal& withdrawal) -> Result<Decision> {
      return decide_after_poll(cx, tenant, withdrawal, seen, known, after);
    });
    if (after.next_send) co_return co_await send(cx, tenant, std::move(changed), *after.next_send);
    if (!after.overtaken || polls == polls_in_a_row_max) co_return changed;
    known = evidence_of(changed);
  }
}

}  // namespace

Task<Result<Withdrawal>> track_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id) {
  auto tracked = co_await attempt(track_at_node(cx, tenant, id));
  const bool failed = !tracked && tracked.error().code == ErrorCode::node_unavailable;
  if (failed) co_await postpone_poll(cx, tenant, id, tracked.error());
  co_return std::move(tracked);
}

Task<Result<>> run_withdrawal(Context& cx, std::string key) {
  const auto [tenant, id, claimed] = co_await claim_record<WithdrawalId>(cx, std::move(key), task_lease);
  const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, id));
  co_await invariant(stored.has_value(), "a withdrawal's due row names an existing withdrawal");
  switch (stored->record.status) {
    case WithdrawalStatus::claiming: co_await abandon_claim(cx, tenant, stored->record, {}, std::nullopt); break;
    case WithdrawalStatus::pending: co_await dispatch(cx, tenant, stored->record); break;
    case WithdrawalStatus::dispatched:
    case WithdrawalStatus::unknown:
    case WithdrawalStatus::needs_review: {
      const auto tracked = co_await attempt(track_withdrawal(cx, tenant, id));
      if (tracked || tracked.error().code == ErrorCode::node_unavailable) break;
      // Nothing was written: the run is retried when its lease expires.
      co_return std::unexpected(tracked.error());
    }
    case WithdrawalStatus::failed:
      if (stored->record.polled_until) co_await poll_given_up(cx, tenant, stored->record);
      break;
    case WithdrawalStatus::succeeded:
    case WithdrawalStatus::abandoned: break;
  }
  co_return co_await attempt(finish_due(cx, claimed));
}

}  // namespace lntpay
