// Waiting and paying.
#include "core/charge/challenge_operations.hpp"

#include <algorithm>

#include "core/charge/challenge_settlement.hpp"
#include "core/lightning/node/sandbox_node.hpp"

namespace lntpay {
namespace {

constexpr Millis waiting_poll_min = seconds(1);
constexpr Millis waiting_poll_max = seconds(10);

/// The next poll while somebody waits: a sixteenth of the challenge's age, as for charges.
UnixMillis next_waiting_poll(const Charge& charge, UnixMillis now) {
  const auto age = now > charge.created_at ? now - charge.created_at : Millis{};
  return now + std::clamp(Millis{age.value / 16}, waiting_poll_min, waiting_poll_max);
}

}  // namespace

Task<Result<Charge>> get_challenge(Context& cx, TenantScope tenant, Bytes32 payment_hash, Millis wait) {
  const auto key = challenge_key(tenant, payment_hash);
  auto until = cx.now() + wait;
  for (;;) {
    co_await notice_payment(cx, tenant, payment_hash);
    const auto row = co_await cx.store.get(key);
    auto charge = co_await find_by_hash(cx, tenant, payment_hash);
    if (!charge) co_return fail(ErrorCode::not_found, "There is no open invoice with this link.");
    if (!row || is_final(charge->status) || cx.now() >= until) co_return std::move(*charge);
    const auto next = std::min(until, next_waiting_poll(*charge, cx.now()));
    if (!co_await cx.wait.until({{key, row->version}}, cx.on_host(next))) until = cx.now();
  }
}

Task<Result<Charge>> pay_challenge_in_sandbox(Context& cx, TenantScope tenant, Bytes32 payment_hash, SandboxPay pay,
                                              UnixMillis at) {
  const auto found = co_await find_by_hash(cx, tenant, payment_hash);
  if (!found) co_return fail(ErrorCode::not_found, "There is no open invoice with this link.");
  if (has_money(found->status)) co_return fail(ErrorCode::invalid_state, "This invoice is paid.");
  const auto amount = co_await amount_to_pay(*found, pay.amount);
  co_await require_room(cx, tenant, amount);
  co_await retry([&]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<ChallengeRow>(challenge_key(tenant, payment_hash));
    if (!stored || stored->record.state == ChallengeState::settled) co_return {};
    auto row = stored->record;
    const auto work = challenge_work(tenant, payment_hash);
    // The due row moves in the same commit, so after a crash the task credits it.
    const auto due_at = poll_of_payment(at, cx.now());
    WriteBatch batch;
    if (row.due_at != due_at) remove_due(cx, batch, work, row.due_at);
    add_due(cx, batch, work, due_at);
    row.due_at = due_at;
    batch.replace(stored->entry, to_row(row));
    SandboxNode node(cx, tenant);
    co_return co_await attempt(node.pay(payment_hash, {amount, at, pay.late}, std::move(batch)));
  });
  co_return co_await refresh_challenge(cx, tenant, payment_hash);
}

}  // namespace lntpay
