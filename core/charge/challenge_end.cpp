// Positive evidence only, as for charges: a failed poll decides nothing, and one poll without an invoice does not either.
#include "core/charge/challenge_end.hpp"

#include <algorithm>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/charge/challenge_settlement.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "core/lightning/node/sandbox_node.hpp"

namespace lntpay {
namespace {

/// Longer than four requests to the node.
constexpr Millis challenge_task_lease = minutes(2);
constexpr Millis next_poll_min = minutes(1);
constexpr Millis next_poll_max = hours(1);
constexpr Millis other_node_poll = hours(24);
constexpr Millis never_made_apart = minutes(1);
constexpr Millis forgotten_apart = hours(24);

/// A sixteenth of the challenge's age.
UnixMillis poll_later(const ChallengeRow& challenge, UnixMillis now) {
  const auto age = now > challenge.created_at ? now - challenge.created_at : Millis{};
  return now + std::clamp(Millis{age.value / 16}, next_poll_min, next_poll_max);
}

/// The node has no such invoice.
ChallengeDecision decide_missing(const ChallengeRow& challenge, const ChallengePoll& poll) {
  const bool issuing = challenge.state == ChallengeState::issuing;
  const auto over = issuing ? challenge.expires_at + challenge_poll_after : challenge.expires_at;
  const bool is_over = poll.now >= over && (!issuing || poll.seen.node_time >= over);
  if (!is_over) return {ChallengeStep::wait, std::max(over, poll_later(challenge, poll.now))};
  const auto apart = issuing ? never_made_apart : forgotten_apart;
  const auto since = challenge.missing_since.value_or(poll.now);
  if (challenge.missing_since && poll.now >= since + apart) return {.step = ChallengeStep::remove};
  return {ChallengeStep::wait, std::max(since + apart, poll.now + next_poll_min), since};
}

/// Moves the claimed due row, and notes since when the node has no invoice. A poll is no evidence about an invoice that was issued
/// after it.
Task<Result<>> poll_again(Context& cx, TenantScope tenant, ChallengeRow polled, Entry claimed, UnixMillis at,
                          std::optional<UnixMillis> missing_since) {
  const auto work = challenge_work(tenant, polled.payment_hash);
  return retry([&cx, tenant, polled, claimed, at, missing_since, work]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<ChallengeRow>(challenge_key(tenant, polled.payment_hash));
    if (!stored || stored->record.state == ChallengeState::settled) co_return co_await attempt(finish_due(cx, claimed));
    auto row = stored->record;
    row.missing_since = row.state == polled.state ? missing_since : std::nullopt;
    row.due_at = at;
    WriteBatch batch;
    batch.replace(stored->entry, to_row(row));
    // A commit changes a key once.
    if (due_key(work, cx.on_host(at)) != claimed.key) batch.erase(claimed.key);
    add_due(cx, batch, work, at);
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

/// Deletes the challenge, its due row and, in the sandbox, the node's invoice. A conflict means that it was settled.
Task<Result<>> remove_challenge(Context& cx, TenantScope tenant, Stored<ChallengeRow> challenge, Entry claimed) {
  WriteBatch batch;
  batch.remove(challenge.entry);
  batch.erase(claimed.key);
  if (tenant.environment == Environment::test) batch.erase(sandbox_invoice_key(tenant, challenge.record.payment_hash));
  return cx.store.commit(std::move(batch));
}

/// Whether another record has the hash: this challenge came from repeated randomness, and the invoice is not its own.
Task<Result<bool>> is_of_a_charge(Context& cx, const TenantScope& tenant, const ChallengeRow& challenge) {
  if (challenge.state != ChallengeState::issuing) co_return false;
  co_return (co_await cx.store.get(finder_key(tenant.environment, challenge.payment_hash))).has_value();
}

Task<Result<ChallengePoll>> poll_node(Context& cx, const TenantScope& tenant, Node& node, const ChallengeRow& challenge) {
  const auto before = co_await receiving_instance(cx, tenant.environment);
  auto seen = co_await node.look_up_invoice(challenge.payment_hash);
  const auto after = co_await receiving_instance(cx, tenant.environment);
  co_return ChallengePoll{std::move(seen), before == challenge.node && after == challenge.node, cx.now()};
}

Task<Result<>> follow(Context& cx, TenantScope tenant, Stored<ChallengeRow> stored, Entry claimed) {
  const auto& challenge = stored.record;
  const auto payment_hash = challenge.payment_hash;
  const auto node = co_await require_node(cx, tenant);
  const auto poll = co_await poll_node(cx, tenant, *node, challenge);
  const auto next = decide_challenge(challenge, poll);
  switch (next.step) {
    case ChallengeStep::settle:
      co_await settle(cx, tenant, {settlement_of(tenant, challenge, *poll.seen.invoice)});
      co_return co_await attempt(finish_due(cx, std::move(claimed)));
    case ChallengeStep::remove:
      if (!poll.seen.invoice && challenge.state == ChallengeState::issued) {
        cx.alarms.push_back(std::string(challenge_forgotten) + ": the node no longer has the invoice of " + hex(payment_hash) +
                            "; deleted");
      }
      co_return co_await attempt(remove_challenge(cx, tenant, std::move(stored), std::move(claimed)));
    case ChallengeStep::cancel: co_await attempt(node->cancel(payment_hash)); break;
    case ChallengeStep::wait: break;
  }
  co_return co_await attempt(poll_again(cx, tenant, challenge, std::move(claimed), next.next_poll, next.missing_since));
}

}  // namespace

ChallengeDecision decide_challenge(const ChallengeRow& challenge, const ChallengePoll& poll) {
  const auto& invoice = poll.seen.invoice;
  if (invoice && invoice->state == InvoiceState::settled) return {.step = ChallengeStep::settle};
  if (!poll.same_node) return {ChallengeStep::wait, poll.now + other_node_poll, challenge.missing_since};
  if (!invoice) return decide_missing(challenge, poll);
  if (invoice->state == InvoiceState::canceled) return {.step = ChallengeStep::remove};
  // Open: nobody has the invoice of an `issuing` one, and one that has expired stays open only where lnd was down.
  const auto over = invoice->expires_at + challenge_poll_after;
  if (challenge.state == ChallengeState::issued && poll.now < over) return {ChallengeStep::wait, over};
  return {ChallengeStep::cancel, poll_later(challenge, poll.now)};
}

Task<Result<>> run_challenge(Context& cx, std::string due_key) {
  const auto work = parse_due_key(due_key);
  const auto payment_hash = work ? hex_decode32(work->id) : std::nullopt;
  co_await invariant(payment_hash.has_value(), "the due row of a challenge names its payment hash");
  const auto claimed = co_await claim_due(cx, std::move(due_key), challenge_task_lease);
  const auto& tenant = work->tenant;
  const auto stored = co_await cx.store.load<ChallengeRow>(challenge_key(tenant, *payment_hash));
  if (!stored || stored->record.state == ChallengeState::settled) co_return co_await attempt(finish_due(cx, claimed));
  if (co_await is_of_a_charge(cx, tenant, stored->record)) {
    WriteBatch batch;
    batch.remove(stored->entry);
    batch.erase(claimed.key);
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  }
  const auto followed = co_await attempt(follow(cx, tenant, *stored, claimed));
  if (!followed && followed.error().code == ErrorCode::node_unavailable) {
    const auto at = poll_later(stored->record, cx.now());
    co_await poll_again(cx, tenant, stored->record, claimed, at, stored->record.missing_since);
  }
  co_return followed;
}

}  // namespace lntpay
