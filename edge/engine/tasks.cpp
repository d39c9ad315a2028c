// The kinds of due work, and scanning a shard for it.
#include "edge/engine/tasks.hpp"

#include <algorithm>

#include "core/charge/challenge_end.hpp"
#include "core/charge/charge_refresh.hpp"
#include "core/charge/invoice_stream.hpp"
#include "core/event/event_retention.hpp"
#include "core/gate/closing.hpp"
#include "core/operations/sandbox_operations.hpp"
#include "core/pay_link/pay_link.hpp"
#include "core/request/idempotency.hpp"
#include "core/request/request_log.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "core/webhook/attempt/deliver.hpp"
#include "core/webhook/recovery/recovery.hpp"
#include "core/webhook/retention/pruning.hpp"
#include "core/withdrawal/withdrawal_tracking.hpp"

namespace lntpay {
namespace {

struct TaskKind {
  std::string_view name;
  Task<Result<>> (*run)(Context&, std::string);
};

Task<Result<>> purge_answer(Context& cx, std::string key) { return idempotency::purge(cx, std::move(key), is_withdrawal_open); }

constexpr TaskKind kinds[] = {
    {"charge", run_charge},
    {deferred_credit_kind, retry_deferred_credit},
    {"withdrawal", run_withdrawal},
    {"webhook", deliver_due},
    {recovery_kind, run_recovery},
    {pruning_kind, run_pruning},
    {clock_kind, run_clock},
    {idempotency::purge_kind, purge_answer},
    {gate_end_kind, run_gate_end},
    {challenge_kind, run_challenge},
    {request_pruning_kind, prune_requests},
    {pay_link_kind, run_pay_link},
};

/// The share of a page that each kind has; unused shares go to kinds with more work.
constexpr std::size_t share = tasks_max / std::size(kinds);
constexpr std::uint32_t from_the_end_max = 8;
/// After a full page there may be more work: the delay lets the host start some of it.
constexpr Millis page_pause{50};
constexpr Millis scan_again_after = seconds(10);
/// Failed work is retried later, so that it does not block work that is due after it.
constexpr Millis retry_after = minutes(1);

bool is_run_elsewhere(ErrorCode code) { return code == ErrorCode::lease_elsewhere || code == ErrorCode::conflict; }

Task<Result<>> drop(Context& cx, std::string key) {
  WriteBatch batch;
  batch.erase(std::move(key));
  return cx.store.commit(std::move(batch));
}

Task<Result<>> run_kind(Context& cx, std::string key) {
  const auto work = parse_due_key(key);
  if (!work) co_return fail(ErrorCode::internal_error, "a task's key is not a due row's");
  const auto* kind = std::ranges::find(kinds, work->kind, &TaskKind::name);
  if (kind == std::ranges::end(kinds)) co_return fail(ErrorCode::internal_error, "no operation runs due work of this kind");
  const auto present = co_await enter_tenant(cx, work->tenant);
  // After a sandbox reset only the removal of stored secrets still runs.
  if (present != work->tenant && work->kind != idempotency::purge_kind) co_return co_await attempt(drop(cx, std::move(key)));
  co_return co_await attempt(kind->run(cx, std::move(key)));
}

}  // namespace

Task<Outcome> wake_shard(Context& cx, Shard shard) {
  Outcome outcome;
  if (shard < Shard::number(challenge_shard_count)) {  // hosts wake all of those, and most are empty
    const auto first = co_await attempt(cx.store.scan({due_prefix(shard), "", 1, false}));
    if (first && first->empty()) co_return outcome;
  }
  std::vector<Effect> scans;
  for (const auto& kind : kinds) scans.emplace_back(Range{due_prefix(shard).append(kind.name).append("/"), "", tasks_max, false});
  // The other end has what was planned by a clock that was far ahead.
  for (const auto& kind : kinds)
    scans.emplace_back(Range{due_prefix(shard).append(kind.name).append("/"), "", from_the_end_max, true});
  const auto replies = co_await cx.seam.perform(std::move(scans));
  bool more = false;
  std::optional<UnixMillis> next;
  std::vector<std::string> beyond_share;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const bool from_the_end = i >= std::size(kinds);
    const auto* found = std::get_if<Scanned>(&replies[i]);
    if (found == nullptr) {  // due work is unknown: scan again later
      co_return Outcome{.wake = {{std::string(shard.text()), cx.host_now() + scan_again_after}}};
    }
    std::size_t taken = 0;
    for (const auto& row : found->entries) {
      if (!is_due_row(cx, row)) continue;
      const auto at = due_time(row.key);
      const bool due = is_due(at, cx.host_now());
      if (!due && !from_the_end) next = std::min(at, next.value_or(at));
      if (!due || from_the_end != (at > cx.host_now())) break;
      (taken++ < share ? outcome.tasks : beyond_share).push_back(row.key);
    }
    more = more || taken == (from_the_end ? from_the_end_max : tasks_max);
  }
  for (auto& key : beyond_share) {
    if (outcome.tasks.size() < tasks_max) {
      outcome.tasks.push_back(std::move(key));
    } else {
      more = true;
    }
  }
  if (more) next = cx.host_now() + page_pause;
  if (next) outcome.wake.push_back({std::string(shard.text()), *next});
  co_return outcome;
}

Task<Result<>> run_task(Context& cx, std::string key) {
  const auto ran = co_await attempt(run_kind(cx, key));
  if (!ran && !is_run_elsewhere(ran.error().code)) co_await attempt(claim_due(cx, key, retry_after));
  co_return ran;
}

}  // namespace lntpay
