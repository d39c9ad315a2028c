// Due rows and their leases.
#include "core/effects/due.hpp"

namespace lntpay {

std::string due_key(const DueWork& work, UnixMillis at) {
  std::string key(work.realm.shard().text());
  key.append("/due/").append(padded(at.value)).append("/").append(work.kind);
  key.append("/").append(name_of(work.realm.environment)).append("/").append(work.realm.workspace.text());
  return key.append("/").append(work.id);
}

std::optional<DueWork> parse_due_key(std::string_view key) {
  const auto next = [&key] { return row::cut(key, '/'); };
  const auto shard = next();
  if (!Shard::parse(shard) || next() != "due") return std::nullopt;
  next();  // the time
  DueWork work;
  work.kind = next();
  const auto environment = from_name<Environment>(next());
  auto workspace = WorkspaceId::parse(next());
  if (!environment || !workspace || key.empty()) return std::nullopt;
  work.realm = {*environment, std::move(*workspace)};
  work.id = key;
  return work;
}

UnixMillis due_time(std::string_view key) {
  row::cut(key, '/');
  row::cut(key, '/');
  UnixMillis at;
  return row::read(row::cut(key, '/'), at) ? at : unix_millis_max;
}

std::string due_prefix(Shard shard) { return std::string(shard.text()) + "/due/"; }

void plan_due(Context& cx, Plan& plan, const DueWork& work, UnixMillis at) {
  plan.put(due_key(work, at), "");
  cx.due.push_back({work.realm.shard(), at});
}

Task<Result<Entry>> claim_due(Context& cx, std::string key, Millis lease) {
  const auto work = parse_due_key(key);
  co_await invariant(work.has_value(), "a task is named by a due row's key");
  const auto row = co_await cx.store.get(key);
  if (!row || due_time(key) > cx.now()) co_return fail(ErrorCode::lease_elsewhere);
  const auto until = cx.now() + lease;
  Plan plan;
  plan.remove(*row);
  plan_due(cx, plan, *work, until);
  const auto moved = co_await attempt(cx.store.commit(std::move(plan)));
  if (!moved && moved.error().code == ErrorCode::conflict) co_return fail(ErrorCode::lease_elsewhere);
  co_await Result<>(moved);
  auto claimed = co_await cx.store.get(due_key(*work, until));
  if (!claimed) co_return fail(ErrorCode::lease_elsewhere);
  co_return std::move(*claimed);
}

}  // namespace lntpay
