// Due work: a row for a task and its time, written in the commit that causes the task.
//
// Key: `{shard}/due/{kind}/{ms}/{environment}/{workspace}/{id}`. A task claims its row by moving it to now + a lease longer than
// its longest call; its last commit removes the claimed row or moves it to the next time. So a crashed task is retried when its
// lease expires.
//
// Keys contain the host's time, which wakes the host. The value of work that is due by the workspace's clock is how far ahead of
// the host that clock was (empty: 0 ms), so that the row can be moved with the clock; "host" for work and leases by the host's
// clock.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

struct DueWork {
  std::string kind;  ///< "charge", "webhook", "idem", …: edge/engine/tasks maps it to an operation
  TenantScope tenant;
  std::string id;
  std::optional<Shard> shard{};  ///< of the row, if it is not the tenant's

  [[nodiscard]] Shard place() const { return shard.value_or(tenant.shard()); }
};

std::string due_key(const DueWork& work, UnixMillis at);
/// nullopt unless it is a due row's key.
std::optional<DueWork> parse_due_key(std::string_view key);
/// The time in a due row's key.
UnixMillis due_time(std::string_view key);
/// Whether a scan for due work can use the row. A damaged one would be due forever, or hide the rows after it: it is skipped, and
/// raises an alarm.
bool is_due_row(Context& cx, const Entry& row);
/// Whether work at that time may run. No work is planned further ahead than the horizon: such a time comes from a clock that was
/// far ahead and has come back, and the work is due.
inline constexpr Millis due_horizon = days(400);
constexpr bool is_due(UnixMillis at, UnixMillis now) { return at <= now || at > now + due_horizon; }
/// All due rows of a shard.
std::string due_prefix(Shard shard);

/// Adds the due row to the batch and the hint to the context; `at` is by the workspace's clock.
void add_due(Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at);
/// Removes the row that `add_due` wrote.
void remove_due(const Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at);
/// As `add_due`, by the host's clock.
void add_due_on_host(Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at);

/// Moves a due row to its time by the workspace's present clock. False if it is there already.
bool reschedule_due(Context& cx, WriteBatch& batch, const DueWork& work, const Entry& due);

/// Moves the row to now + lease and yields the moved row, to be removed in the task's last commit. Fails with lease_elsewhere if
/// it is not due yet or gone: another session runs it, or it is done.
Task<Result<Entry>> claim_due(Context& cx, std::string key, Millis lease);

/// The last commit of a task whose work is done: removes its claimed row. A row that is gone was removed by another session.
Task<Result<>> finish_due(Context& cx, Entry claimed);

/// The due row of one record, claimed.
template <class Id>
struct ClaimedWork {
  TenantScope tenant;
  Id id;
  Entry row;
};
/// As `claim_due`, for a kind whose rows name a record by its id.
template <class Id>
Task<Result<ClaimedWork<Id>>> claim_record(Context& cx, std::string key, Millis lease) {
  auto work = parse_due_key(key);
  auto id = work ? Id::parse(work->id) : std::nullopt;
  co_await invariant(id.has_value(), "the due row of a record names it");
  auto row = co_await claim_due(cx, std::move(key), lease);
  co_return ClaimedWork<Id>{std::move(work->tenant), std::move(*id), std::move(row)};
}

}  // namespace lntpay
