// Changes the controls' row; after a clock change, moves the due rows, each in a commit of its own.
#include "core/operations/sandbox_operations.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "core/operations/sandbox_object.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/enter_tenant.hpp"

namespace lntpay {
namespace {

/// Longer than any session that may still write due rows by the old clock.
constexpr Millis session_duration_max = minutes(2);

using Change = std::function<Result<>(SandboxControls&, WriteBatch&)>;

/// Changes the controls, in the row and in this session.
Task<Result<std::string>> change_controls(Context& cx, TenantScope tenant, Act act, Change change, IdempotencyClaim claim) {
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
    add_audit_note(cx, batch, tenant, act);
    if (cx.sandbox.generation != tenant.generation) {
      claim.write_for_next_generation(cx, batch, {tenant.environment, tenant.workspace, cx.sandbox.generation}, json);
    }
    co_await cx.store.commit(std::move(batch));
    co_return json;
  });
  if (cx.cache != nullptr) cx.cache->clear();  // its contents were read under the former controls
  co_return json;
}

/// `{tenant}/sandbox/clock_move`: how far the clock task has come.
struct ClockMove {
  static constexpr int row_version = 1;
  std::string after;   ///< the last due row of its last page
  bool again = false;  ///< the second pass, for rows that other sessions wrote by the old clock
  auto fields(this auto& self) { return std::tie(self.after, self.again); }
};
std::string clock_move_key(const TenantScope& tenant) { return tenant.key("sandbox", "clock_move"); }

DueWork clock_work(const TenantScope& tenant) { return {std::string(clock_kind), tenant, "advance"}; }

/// Due rows that one commit moves. Few, because other sessions wait for it.
constexpr std::uint32_t moved_max = 40;

/// Moves the tenant's among the next due rows of the shard after `after` to their time by the new clock, in one commit. Yields the
/// last of them, or nothing if it was the shard's last.
Task<Result<std::optional<std::string>>> move_page(Context& cx, TenantScope tenant, std::string after, std::uint32_t rows_read) {
  return retry([&cx, tenant, after, rows_read]() -> Task<Result<std::optional<std::string>>> {
    const auto rows = co_await cx.store.scan({.prefix = due_prefix(tenant.shard()), .after = after, .limit = rows_read});
    WriteBatch batch;
    for (const auto& row : rows) {
      const auto work = parse_due_key(row.key);
      if (work && work->tenant == tenant) reschedule_due(cx, batch, *work, row);
    }
    if (!batch.empty()) co_await cx.store.commit(std::move(batch));
    co_return rows.size() == rows_read ? std::optional(rows.back().key) : std::nullopt;
  });
}

/// Whether the tenant's due rows are more than one commit moves, or the shard's more than one page.
Task<Result<bool>> has_many_due_rows(Context& cx, TenantScope tenant) {
  const auto rows = co_await cx.store.scan({.prefix = due_prefix(tenant.shard()), .after = {}});
  const auto is_own = [&](const Entry& row) {
    const auto work = parse_due_key(row.key);
    return work && work->tenant == tenant;
  };
  co_return rows.size() == scan_limit_max || std::ranges::count_if(rows, is_own) >= std::ptrdiff_t{moved_max};
}

Task<Result<>> end_moving(Context& cx, TenantScope tenant) {
  return retry([&cx, tenant]() -> Task<Result<>> {
    auto stored = co_await cx.store.load<SandboxControls>(sandbox_controls_key(tenant));
    if (!stored || !stored->record.moving) co_return {};
    stored->record.moving = false;
    WriteBatch batch;
    batch.replace(stored->entry, to_row(stored->record));
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

}  // namespace

std::string sandbox_json(const Context& cx) { return sandbox_object.text(cx); }

Task<Result<std::string>> advance_clock(Context& cx, TenantScope tenant, Millis by, IdempotencyClaim claim) {
  const bool many = co_await has_many_due_rows(cx, tenant);
  Act act{"sandbox.clock.advance", tenant.workspace.text(), std::to_string(by.value) + " ms"};
  const auto json = co_await change_controls(
      cx, tenant, std::move(act),
      [&](SandboxControls& controls, WriteBatch& batch) -> Result<> {
        controls.ahead.value += by.value;
        if (controls.ahead > clock_ahead_max) {
          return fail(ErrorCode::invalid_request, "The clock can be at most ten years ahead. Reset the sandbox to set it back.",
                      "ms");
        }
        controls.moving = many;
        // This task moves what this session does not: after a crash, many rows, and rows that others still write by the old clock.
        batch.put(clock_move_key(tenant), to_row(ClockMove{}));
        add_due_on_host(cx, batch, clock_work(tenant), cx.host_now() + (many ? Millis{} : session_duration_max));
        return {};
      },
      claim);
  if (!many) co_await attempt(move_page(cx, tenant, {}, scan_limit_max));
  co_return json;
}

Task<Result<>> run_clock(Context& cx, std::string key) {
  const auto work = parse_due_key(key);
  co_await invariant(work.has_value(), "a task is named by a due row's key");
  const auto& tenant = work->tenant;
  const auto claimed = co_await claim_due(cx, key, session_duration_max);
  const auto stored = co_await cx.store.load<ClockMove>(clock_move_key(tenant));
  const auto from = stored ? stored->record : ClockMove{};
  const auto last = co_await move_page(cx, tenant, from.after, moved_max);
  if (!last) co_await end_moving(cx, tenant);
  WriteBatch batch;
  batch.remove(claimed);
  if (last || !from.again) {
    const ClockMove next{.after = last.value_or(""), .again = !last || from.again};
    batch.replace_or_create(stored ? &stored->entry : nullptr, clock_move_key(tenant), to_row(next));
    // Never at the time of the claimed row: a commit changes a key once.
    add_due_on_host(cx, batch, clock_work(tenant), cx.host_now() + (last ? Millis{} : session_duration_max) + Millis{1});
  } else if (stored) {
    batch.remove(stored->entry);
  }
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

Task<Result<std::string>> set_faults(Context& cx, TenantScope tenant, std::vector<SandboxFault> faults,
                                     std::optional<ErrorCode> error, IdempotencyClaim claim) {
  Act act{"sandbox.faults", tenant.workspace.text()};
  for (const auto fault : faults) act.detail.append(act.detail.empty() ? "" : " ").append(name_of(fault));
  if (error) act.detail.append(act.detail.empty() ? "" : " ").append(name_of(*error));
  return change_controls(
      cx, std::move(tenant), std::move(act),
      [faults = std::move(faults), error](SandboxControls& controls, WriteBatch&) -> Result<> {
        controls.faults = faults;
        controls.error = error;
        return {};
      },
      std::move(claim));
}

Task<Result<std::string>> reset_sandbox(Context& cx, TenantScope tenant, IdempotencyClaim claim) {
  Act act{"sandbox.reset", tenant.workspace.text()};
  return change_controls(
      cx, std::move(tenant), std::move(act),
      [](SandboxControls& controls, WriteBatch&) -> Result<> {
        controls = {.generation = controls.generation + 1};
        return {};
      },
      std::move(claim));
}

}  // namespace lntpay
