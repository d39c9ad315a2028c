// Creating and reading workspaces.
#include "core/access/workspace.hpp"

#include "core/access/api_key.hpp"
#include "core/access/workspace_object.hpp"

namespace lntpay {
std::string workspace_key(const WorkspaceId& id) { return std::string(id.shard().text()) + "/workspace/" + id.text(); }

std::string workspace_json(const Workspace& workspace) { return workspace_object.text({workspace}); }

Task<Result<std::string>> create_workspace(Context& cx, std::string name, IdempotencyClaim claim) {
  auto random = claim.random(cx);
  const auto started_at = claim.started_at(cx);
  const auto shard = Shard::generate(random);
  const Workspace workspace{
      .id = WorkspaceId::generate(shard, started_at, random), .name = std::move(name), .created_at = started_at};
  const auto first_key = [&](Environment environment) {
    return generate_key(cx.settings, {environment, workspace.id}, {.name = "first", .scopes = ScopeSet::all(), .expires_at = {}},
                        started_at, random);
  };
  const auto test = first_key(Environment::test);
  const auto live = first_key(Environment::live);

  // First: an unused shard in the list is harmless, but rows in an unlisted shard would never be woken.
  WriteBatch listing;
  listing.put("00/shard/" + std::string(shard.text()), "");
  co_await retry([&] { return cx.store.commit(listing); });

  WriteBatch batch;
  batch.create_final(workspace_key(workspace.id), to_row(workspace));
  add_key_rows(batch, test);
  add_key_rows(batch, live);
  co_await retry([&]() -> Task<Result<>> {
    if (co_await cx.store.get(workspace_key(workspace.id))) co_return claim.require_earlier_run(workspace.id.text());
    co_return co_await attempt(cx.store.commit(batch));
  });
  co_return co_await idempotency::answered(
      cx, claim, workspace_object.text({workspace, JsonObject().add("test", test.text).add("live", live.text).text()}));
}

Task<Result<Workspace>> get_workspace(Context& cx, WorkspaceId id) {
  auto stored = co_await cx.store.load<Workspace>(workspace_key(id));
  if (!stored) co_return fail(ErrorCode::not_found);
  co_return std::move(stored->record);
}

}  // namespace lntpay
