// Get, cancel, and the sandbox's payer.
#include "core/charge/operations.hpp"

#include <algorithm>

#include "core/charge/refresh.hpp"
#include "core/node/sandbox.hpp"

namespace lntpay {
namespace {

Task<Result<Stored<Charge>>> load_charge(Context& cx, Realm realm, ChargeId id) {
  auto stored = co_await cx.store.load<Charge>(charge_key(realm, id));
  if (!stored) co_return fail(ErrorCode::not_found, "There is no charge with this id.");
  co_return std::move(*stored);
}

/// Longer than it takes to ask the node for something and look at the answer.
constexpr Millis look_soon = seconds(10);

/// Has the due task look at the charge soon: what is asked of the node now is written down even if we die before we can.
Task<Result<>> watch_soon(Context& cx, Realm realm, ChargeId id) {
  return retry([&cx, realm, id]() -> Task<Result<>> {
    const auto stored = co_await load_charge(cx, realm, id);
    auto charge = stored.record;
    if (is_final(charge.status)) co_return {};
    Plan plan;
    move_watch(cx, plan, realm, charge, std::min(charge.due_at, cx.now() + look_soon));
    plan.replace(stored.entry, to_row(charge));
    co_return co_await attempt(cx.store.commit(std::move(plan)));
  });
}

Task<Result<std::string>> refreshed_json(Context& cx, Realm realm, ChargeId id) {
  co_return charge_json(co_await refresh_charge(cx, realm, id), realm);
}

}  // namespace

Task<Result<std::string>> get_charge(Context& cx, Realm realm, ChargeId id, Millis wait) {
  auto until = cx.now() + wait;
  for (;;) {
    const auto stored = co_await load_charge(cx, realm, id);
    if (is_final(stored.record.status) || cx.now() >= until) co_return charge_json(stored.record, realm);
    if (!co_await cx.wait.until({{stored.entry.key, stored.entry.version}}, until)) until = cx.now();
  }
}

Task<Result<std::string>> cancel_charge(Context& cx, Realm realm, ChargeId id) {
  const auto stored = co_await load_charge(cx, realm, id);
  if (stored.record.status == ChargeStatus::canceled) co_return charge_json(stored.record, realm);
  if (is_final(stored.record.status)) {
    co_return fail(ErrorCode::invalid_state,
                   "Only a pending charge can be canceled; this one is " + std::string(name_of(stored.record.status)) + ".");
  }
  const auto node = co_await require_node(cx, realm);
  co_await watch_soon(cx, realm, id);
  co_await node->cancel(stored.record.payment_hash);
  co_return co_await refreshed_json(cx, realm, id);
}

Task<Result<std::string>> pay_in_sandbox(Context& cx, Realm realm, ChargeId id, SandboxPay pay) {
  const auto at = cx.now() + pay.delay;
  co_await retry([&cx, realm, id, pay, at]() -> Task<Result<>> {
    const auto stored = co_await load_charge(cx, realm, id);
    auto charge = stored.record;
    // The due row moves to the payment's time in the same commit: should we die now, the task credits it.
    Plan plan;
    move_watch(cx, plan, realm, charge, at);
    plan.replace(stored.entry, to_row(charge));
    SandboxNode node(cx, realm);
    co_return co_await attempt(node.pay(charge.payment_hash, {pay.amount.value_or(charge.amount), at}, std::move(plan)));
  });
  co_return co_await refreshed_json(cx, realm, id);
}

Task<Result<std::string>> expire_in_sandbox(Context& cx, Realm realm, ChargeId id) {
  const auto stored = co_await load_charge(cx, realm, id);
  SandboxNode node(cx, realm);
  co_await node.expire(stored.record.payment_hash);
  co_return co_await refreshed_json(cx, realm, id);
}

}  // namespace lntpay
