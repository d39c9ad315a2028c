// Making and finding workspaces.
#include "core/workspace/workspace.hpp"

#include "core/auth/api_key.hpp"
#include "core/base/json.hpp"
#include "core/base/time.hpp"

namespace lntpay {
namespace {

JsonObject workspace_object(const Workspace& workspace) {
  JsonObject object;
  object.add("id", workspace.id.text())
      .add("object", "workspace")
      .add("name", workspace.name)
      .add("created_at", rfc3339(workspace.created_at));
  return object;
}

}  // namespace

std::string workspace_key(const WorkspaceId& id) { return std::string(id.shard().text()) + "/workspace/" + id.text(); }

std::string workspace_json(const Workspace& workspace) { return workspace_object(workspace).text(); }

Task<Result<std::string>> create_workspace(Context& cx, std::string name, idempotency::Receipt receipt) {
  auto chance = receipt.chance(cx);
  const auto begun = receipt.begun_at(cx);
  const auto shard = Shard::draw(chance);
  const Workspace workspace{.id = WorkspaceId::draw(shard, begun, chance), .name = std::move(name), .created_at = begun};
  const auto first_key = [&](Environment environment) {
    return mint_key(cx.settings, {environment, workspace.id}, {.name = "first", .scopes = ScopeSet::all(), .expires_at = {}}, begun,
                    chance);
  };
  const auto test = first_key(Environment::test);
  const auto live = first_key(Environment::live);

  // A shard without rows is harmless in the list; rows in a shard that nobody lists would never be woken.
  Plan listing;
  listing.put("00/shard/" + std::string(shard.text()), "");
  co_await retry([&] { return cx.store.commit(listing); });

  Plan plan;
  plan.create_for_good(workspace_key(workspace.id), to_row(workspace));
  plan_key(plan, test);
  plan_key(plan, live);
  co_await retry([&]() -> Task<Result<>> {
    if (co_await cx.store.get(workspace_key(workspace.id))) co_return receipt.expect_own(workspace.id.text());
    co_return co_await attempt(cx.store.commit(plan));
  });
  co_return co_await idempotency::answered(
      cx, receipt,
      workspace_object(workspace).raw("api_keys", JsonObject().add("test", test.text).add("live", live.text).text()).text());
}

Task<Result<Workspace>> get_workspace(Context& cx, WorkspaceId id) {
  auto stored = co_await cx.store.load<Workspace>(workspace_key(id));
  if (!stored) co_return fail(ErrorCode::not_found);
  co_return std::move(stored->record);
}

}  // namespace lntpay
