// Due rows and their leases.
#include "core/tenant/due_work.hpp"

namespace lntpay {
namespace {

constexpr std::string_view by_host = "host";

std::string clock_offset(const Context& cx) { return cx.sandbox.ahead.value == 0 ? "" : std::to_string(cx.sandbox.ahead.value); }

void put_row(Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at, std::string value) {
  batch.put(due_key(work, at), std::move(value));
  cx.due.push_back({work.place(), at});
}

/// "ws_….2"
bool read_workspace(std::string_view name, TenantScope& tenant) {
  auto workspace = WorkspaceId::parse(row::cut(name, '.'));
  if (!workspace || (!name.empty() && !row::read(name, tenant.generation))) return false;
  tenant.workspace = std::move(*workspace);
  return true;
}

}  // namespace

std::string due_key(const DueWork& work, UnixMillis at) {
  std::string key(work.place().text());
  key.append("/due/").append(work.kind).append("/").append(padded(at.value));
  key.append("/").append(name_of(work.tenant.environment)).append("/").append(work.tenant.name());
  return key.append("/").append(work.id);
}

std::optional<DueWork> parse_due_key(std::string_view key) {
  const auto next = [&key] { return row::cut(key, '/'); };
  const auto shard = Shard::parse(next());
  if (!shard || next() != "due") return std::nullopt;
  DueWork work;
  work.kind = next();
  const auto time = next();
  UnixMillis at;
  if (time.size() != padded(0).size() || !row::read(time, at)) return std::nullopt;
  const auto environment = from_name<Environment>(next());
  if (!environment || !read_workspace(next(), work.tenant) || key.empty()) return std::nullopt;
  work.tenant.environment = *environment;
  if (*shard != work.tenant.shard()) work.shard = *shard;
  work.id = key;
  return work;
}

UnixMillis due_time(std::string_view key) {
  for (int parts = 0; parts < 3; ++parts) row::cut(key, '/');  // shard, "due", kind
  UnixMillis at;
  return row::read(row::cut(key, '/'), at) ? at : unix_millis_max;
}

bool is_due_row(Context& cx, const Entry& row) {
  Millis ahead;
  const bool good = row.value.empty() || row.value == by_host || row::read(row.value, ahead.value);
  if (good && parse_due_key(row.key)) return true;
  cx.alarms.push_back(damage_report(row.key));
  return false;
}

std::string due_prefix(Shard shard) { return std::string(shard.text()) + "/due/"; }

void add_due(Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at) {
  put_row(cx, batch, work, cx.on_host(at), clock_offset(cx));
}

void remove_due(const Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at) {
  batch.erase(due_key(work, cx.on_host(at)));
}

void add_due_on_host(Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis at) {
  put_row(cx, batch, work, at, std::string(by_host));
}

bool reschedule_due(Context& cx, WriteBatch& batch, const DueWork& work, const Entry& due) {
  Millis was_ahead;
  const bool by_workspace = due.value.empty() || row::read(due.value, was_ahead.value);
  if (!by_workspace || was_ahead == cx.sandbox.ahead) return false;
  batch.remove(due);
  add_due(cx, batch, work, due_time(due.key) + was_ahead);
  return true;
}

Task<Result<Entry>> claim_due(Context& cx, std::string key, Millis lease) {
  const auto work = parse_due_key(key);
  co_await invariant(work.has_value(), "a task is named by a due row's key");
  const auto row = co_await cx.store.get(key);
  if (!row || !is_due(due_time(key), cx.host_now())) co_return fail(ErrorCode::lease_elsewhere);
  const auto until = cx.host_now() + lease;
  WriteBatch batch;
  batch.remove(*row);
  add_due_on_host(cx, batch, *work, until);
  const auto moved = co_await attempt(cx.store.commit(std::move(batch)));
  if (!moved && moved.error().code == ErrorCode::conflict) co_return fail(ErrorCode::lease_elsewhere);
  co_await Result<>(moved);
  auto claimed = co_await cx.store.get(due_key(*work, until));
  if (!claimed) co_return fail(ErrorCode::lease_elsewhere);
  co_return std::move(*claimed);
}

Task<Result<>> finish_due(Context& cx, Entry claimed) {
  WriteBatch batch;
  batch.remove(claimed);
  const auto removed = co_await attempt(cx.store.commit(std::move(batch)));
  if (!removed && removed.error().code == ErrorCode::conflict) co_return {};
  co_return removed;
}

}  // namespace lntpay
