// Changes the controls' row; after a clock change, moves the due rows, each in a commit of its own.
#include "core/operations/sandbox_operations.hpp"

#include <functional>

#include "core/operations/sandbox_object.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {
namespace {

/// Longer than any session that may still write due rows by the old clock.
constexpr Millis session_duration_max = minutes(2);

using Change = std::function<Result<>(SandboxControls&, WriteBatch&)>;

/// Changes the controls, in the row and in this session.
Task<Result<std::string>> change_controls(Context& cx, TenantScope tenant, Change change, IdempotencyClaim claim) {
  const auto change_id = cx.random.u64();
  auto json = co_await retry([&]() -> Task<Result<std::string>> {
    const auto stored = co_await cx.store.load<SandboxControls>(sandbox_controls_key(tenant));
    const bool written = stored && stored->record.change == change_id;  // by a commit with an unknown outcome
    cx.sandbox = stored ? stored->record : SandboxControls{};
    if (written) co_return sandbox_json(cx);
    WriteBatch batch;
    co_await change(cx.sandbox, batch);
    cx.sandbox.change = change_id;
    batch.replace_or_create(stored ? &stored->entry : nullptr, sandbox_controls_key(tenant), to_row(cx.sandbox));
    const auto json = sandbox_json(cx);
    claim.write(batch, json);
    if (cx.sandbox.generation != tenant.generation) {
      claim.write_for_next_generation(cx, batch, {tenant.environment, tenant.workspace, cx.sandbox.generation}, json);
    }
    co_await cx.store.commit(std::move(batch));
    co_return json;
  });
  if (cx.cache != nullptr) cx.cache->clear();  // its contents were read under the former controls
  co_return json;
}

/// Moves every due row of the tenant to its time by the new clock. Rows that another session changes meanwhile are skipped.
Task<Result<>> move_due_rows(Context& cx, TenantScope tenant) {
  std::vector<Entry> rows;
  do {
    const auto after = rows.empty() ? std::string{} : rows.back().key;
    rows = co_await cx.store.scan({.prefix = due_prefix(tenant.shard()), .after = after});
    for (const auto& row : rows) {
      const auto work = parse_due_key(row.key);
      WriteBatch batch;
      if (!work || work->tenant != tenant || !reschedule_due(cx, batch, *work, row)) continue;
      const auto moved = co_await attempt(cx.store.commit(std::move(batch)));
      if (!moved && moved.error().code != ErrorCode::conflict) co_return moved;
    }
  } while (rows.size() == scan_limit_max);
  co_return {};
}

}  // namespace

std::string sandbox_json(const Context& cx) { return sandbox_object.text(cx); }

Task<Result<std::string>> advance_clock(Context& cx, TenantScope tenant, Millis by, IdempotencyClaim claim) {
  const auto json = co_await change_controls(
      cx, tenant,
      [&](SandboxControls& controls, WriteBatch& batch) -> Result<> {
        controls.ahead.value += by.value;
        if (controls.ahead > clock_ahead_max) {
          return fail(ErrorCode::invalid_request, "The clock can be at most ten years ahead. Reset the sandbox to set it back.",
                      "ms");
        }
        // After a crash, or if another session still writes rows by the old clock, this task moves the rest.
        add_due_on_host(cx, batch, {std::string(clock_kind), tenant, "advance"}, cx.host_now() + session_duration_max);
        return {};
      },
      claim);
  co_await attempt(move_due_rows(cx, tenant));
  co_return json;
}

Task<Result<>> run_clock(Context& cx, std::string key) {
  const auto work = parse_due_key(key);
  co_await invariant(work.has_value(), "a task is named by a due row's key");
  const auto claimed = co_await claim_due(cx, key, session_duration_max);
  co_await move_due_rows(cx, work->tenant);
  WriteBatch batch;
  batch.remove(claimed);
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

Task<Result<std::string>> set_faults(Context& cx, TenantScope tenant, std::vector<SandboxFault> faults, IdempotencyClaim claim) {
  return change_controls(
      cx, std::move(tenant),
      [faults = std::move(faults)](SandboxControls& controls, WriteBatch&) -> Result<> {
        controls.faults = faults;
        return {};
      },
      std::move(claim));
}

Task<Result<std::string>> reset_sandbox(Context& cx, TenantScope tenant, IdempotencyClaim claim) {
  return change_controls(
      cx, std::move(tenant),
      [](SandboxControls& controls, WriteBatch&) -> Result<> {
        controls = {.generation = controls.generation + 1};
        return {};
      },
      std::move(claim));
}

}  // namespace lntpay
