// Due rows and their leases.
#include "core/effects/due.hpp"

namespace lntpay {
namespace {

constexpr std::string_view by_host = "host";

std::string stamp(const Context& cx) { return cx.sandbox.ahead.value == 0 ? "" : std::to_string(cx.sandbox.ahead.value); }

void plan_row(Context& cx, Plan& plan, const DueWork& work, UnixMillis at, std::string value) {
  plan.put(due_key(work, at), std::move(value));
  cx.due.push_back({work.realm.shard(), at});
}

/// "ws_….2"
bool read_workspace(std::string_view name, Realm& realm) {
  auto workspace = WorkspaceId::parse(row::cut(name, '.'));
  if (!workspace || (!name.empty() && !row::read(name, realm.generation))) return false;
  realm.workspace = std::move(*workspace);
  return true;
}

}  // namespace

std::string due_key(const DueWork& work, UnixMillis at) {
  std::string key(work.realm.shard().text());
  key.append("/due/").append(work.kind).append("/").append(padded(at.value));
  key.append("/").append(name_of(work.realm.environment)).append("/").append(work.realm.name());
  return key.append("/").append(work.id);
}

std::optional<DueWork> parse_due_key(std::string_view key) {
  const auto next = [&key] { return row::cut(key, '/'); };
  const auto shard = next();
  if (!Shard::parse(shard) || next() != "due") return std::nullopt;
  DueWork work;
  work.kind = next();
  next();  // the time
  const auto environment = from_name<Environment>(next());
  if (!environment || !read_workspace(next(), work.realm) || key.empty()) return std::nullopt;
  work.realm.environment = *environment;
  work.id = key;
  return work;
}

UnixMillis due_time(std::string_view key) {
  for (int parts = 0; parts < 3; ++parts) row::cut(key, '/');  // shard, "due", kind
  UnixMillis at;
  return row::read(row::cut(key, '/'), at) ? at : unix_millis_max;
}

std::string due_prefix(Shard shard) { return std::string(shard.text()) + "/due/"; }

void plan_due(Context& cx, Plan& plan, const DueWork& work, UnixMillis at) { plan_row(cx, plan, work, cx.on_host(at), stamp(cx)); }

void drop_due(const Context& cx, Plan& plan, const DueWork& work, UnixMillis at) { plan.erase(due_key(work, cx.on_host(at))); }

void plan_due_on_host(Context& cx, Plan& plan, const DueWork& work, UnixMillis at) {
  plan_row(cx, plan, work, at, std::string(by_host));
}

bool follow_clock(Context& cx, Plan& plan, const DueWork& work, const Entry& due) {
  Millis was_ahead;
  const bool moves = due.value.empty() || row::read(due.value, was_ahead.value);
  if (!moves || was_ahead == cx.sandbox.ahead) return false;
  plan.remove(due);
  plan_due(cx, plan, work, due_time(due.key) + was_ahead);
  return true;
}

Task<Result<Entry>> claim_due(Context& cx, std::string key, Millis lease) {
  const auto work = parse_due_key(key);
  co_await invariant(work.has_value(), "a task is named by a due row's key");
  const auto row = co_await cx.store.get(key);
  if (!row || due_time(key) > cx.host_now()) co_return fail(ErrorCode::lease_elsewhere);
  const auto until = cx.host_now() + lease;
  Plan plan;
  plan.remove(*row);
  plan_due_on_host(cx, plan, *work, until);
  const auto moved = co_await attempt(cx.store.commit(std::move(plan)));
  if (!moved && moved.error().code == ErrorCode::conflict) co_return fail(ErrorCode::lease_elsewhere);
  co_await Result<>(moved);
  auto claimed = co_await cx.store.get(due_key(*work, until));
  if (!claimed) co_return fail(ErrorCode::lease_elsewhere);
  co_return std::move(*claimed);
}

}  // namespace lntpay
