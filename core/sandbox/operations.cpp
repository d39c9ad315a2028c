// One row is changed; for the clock the due rows follow, each in a commit of its own.
#include "core/sandbox/operations.hpp"

#include <functional>

#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/effects/due.hpp"
#include "core/gate/cache.hpp"

namespace lntpay {
namespace {

/// Longer than any session that may still write due rows by the clock as it was.
constexpr Millis sessions_last = minutes(2);

std::string controls_key(const Realm& realm) { return realm.lasting().key("sandbox", "controls"); }

using Change = std::function<Result<>(SandboxControls&, Plan&)>;

/// Changes the controls, in the row and in this session.
Task<Result<std::string>> change_controls(Context& cx, Realm realm, Change change, idempotency::Receipt receipt) {
  const auto mine = cx.random.u64();
  auto json = co_await retry([&]() -> Task<Result<std::string>> {
    const auto stored = co_await cx.store.load<SandboxControls>(controls_key(realm));
    const bool written = stored && stored->record.change == mine;  // by a commit whose outcome nobody knew
    cx.sandbox = stored ? stored->record : SandboxControls{};
    if (written) co_return sandbox_json(cx);
    Plan plan;
    co_await change(cx.sandbox, plan);
    cx.sandbox.change = mine;
    if (stored) {
      plan.replace(stored->entry, to_row(cx.sandbox));
    } else {
      plan.create(controls_key(realm), to_row(cx.sandbox));
    }
    const auto json = sandbox_json(cx);
    receipt.write(plan, json);
    if (cx.sandbox.generation != realm.generation) {
      receipt.write_beyond(cx, plan, {realm.environment, realm.workspace, cx.sandbox.generation}, json);
    }
    co_await cx.store.commit(std::move(plan));
    co_return json;
  });
  if (cx.gates != nullptr) cx.gates->clear();  // they are known with the controls as they were
  co_return json;
}

/// Brings every due row of the realm to where its clock puts it. Whoever else changes a row meanwhile knows better.
Task<Result<>> move_due_rows(Context& cx, Realm realm) {
  std::vector<Entry> rows;
  do {
    const auto after = rows.empty() ? std::string{} : rows.back().key;
    rows = co_await cx.store.scan({.prefix = due_prefix(realm.shard()), .after = after});
    for (const auto& row : rows) {
      const auto work = parse_due_key(row.key);
      Plan plan;
      if (!work || work->realm != realm || !follow_clock(cx, plan, *work, row)) continue;
      const auto moved = co_await attempt(cx.store.commit(std::move(plan)));
      if (!moved && moved.error().code != ErrorCode::conflict) co_return moved;
    }
  } while (rows.size() == scan_limit_max);
  co_return {};
}

}  // namespace

Task<Result<Realm>> enter_realm(Context& cx, Realm realm) {
  if (realm.environment != Environment::test) co_return realm;
  const auto stored = co_await cx.store.load<SandboxControls>(controls_key(realm));
  if (stored) cx.sandbox = stored->record;
  realm.generation = cx.sandbox.generation;
  co_return realm;
}

std::string sandbox_json(const Context& cx) {
  JsonArray faults;
  for (const auto fault : cx.sandbox.faults) faults.add(name_of(fault));
  return JsonObject{}
      .add("object", "sandbox")
      .add("now", rfc3339(cx.now()))
      .add("clock_ahead_ms", cx.sandbox.ahead.value)
      .add("generation", cx.sandbox.generation)
      .raw("faults", faults.text())
      .text();
}

Task<Result<std::string>> advance_clock(Context& cx, Realm realm, Millis by, idempotency::Receipt receipt) {
  const auto json = co_await change_controls(
      cx, realm,
      [&](SandboxControls& controls, Plan& plan) -> Result<> {
        controls.ahead.value += by.value;
        if (controls.ahead > clock_ahead_max) {
          return fail(ErrorCode::invalid_request, "The clock goes ten years ahead, no further; a reset puts it back.", "ms");
        }
        // Should we die before all rows are moved, or should others still write some: this moves the rest.
        plan_due_on_host(cx, plan, {std::string(clock_kind), realm, "advance"}, cx.host_now() + sessions_last);
        return {};
      },
      receipt);
  co_await attempt(move_due_rows(cx, realm));
  co_return json;
}

Task<Result<>> run_clock(Context& cx, std::string key) {
  const auto work = parse_due_key(key);
  co_await invariant(work.has_value(), "a task is named by a due row's key");
  const auto claimed = co_await claim_due(cx, key, sessions_last);
  co_await move_due_rows(cx, work->realm);
  Plan plan;
  plan.remove(claimed);
  co_return co_await attempt(cx.store.commit(std::move(plan)));
}

Task<Result<std::string>> set_faults(Context& cx, Realm realm, std::vector<SandboxFault> faults, idempotency::Receipt receipt) {
  return change_controls(
      cx, std::move(realm),
      [faults = std::move(faults)](SandboxControls& controls, Plan&) -> Result<> {
        controls.faults = faults;
        return {};
      },
      std::move(receipt));
}

Task<Result<std::string>> reset_sandbox(Context& cx, Realm realm, idempotency::Receipt receipt) {
  return change_controls(
      cx, std::move(realm),
      [](SandboxControls& controls, Plan&) -> Result<> {
        controls = {.generation = controls.generation + 1};
        return {};
      },
      std::move(receipt));
}

}  // namespace lntpay
