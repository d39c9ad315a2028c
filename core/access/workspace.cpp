// Creating, reading and listing workspaces.
#include "core/access/workspace.hpp"

#include "core/access/api_key.hpp"
#include "core/access/workspace_object.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/operator.hpp"
#include "core/tenant/readable.hpp"

namespace lntpay {
namespace {

/// `00/workspaces/{ms}/{ws}`, for the operator's list. A creation that crashed leaves a row here and no workspace.
constexpr std::string_view list_prefix = "00/workspaces/";
std::string listed_key(const Workspace& workspace) {
  return std::string(list_prefix).append(padded(workspace.created_at.value)).append("/").append(workspace.id.text());
}

}  // namespace

std::string workspace_key(const WorkspaceId& id) { return std::string(id.shard().text()) + "/workspace/" + id.text(); }

std::string workspace_json(const Workspace& workspace) { return workspace_object.text({workspace}); }

Task<Result<std::string>> create_workspace(Context& cx, std::string name, IdempotencyClaim claim) {
  auto random = claim.random(cx);
  const auto started_at = claim.started_at(cx);
  const auto shard = Shard::generate(random);
  const Workspace workspace{
      .id = WorkspaceId::generate(shard, started_at, random), .name = std::move(name), .created_at = started_at};
  const auto first_key = [&](Environment environment) {
    return generate_key(cx.settings, {environment, workspace.id}, {.name = "first", .grant = {.scopes = ScopeSet::all()}},
                        started_at, random);
  };
  const auto test = first_key(Environment::test);
  const auto live = first_key(Environment::live);

  // First: an unused shard in the list is harmless, but rows in an unlisted shard would never be woken.
  WriteBatch listing;
  listing.put("00/shard/" + std::string(shard.text()), "");
  listing.put(listed_key(workspace), "");
  co_await retry([&] { return cx.store.commit(listing); });

  WriteBatch batch;
  batch.create_final(workspace_key(workspace.id), to_row(workspace));
  add_key_rows(batch, test);
  add_key_rows(batch, live);
  co_await retry([&]() -> Task<Result<>> {
    if (co_await cx.store.get(workspace_key(workspace.id))) co_return claim.require_earlier_run(workspace.id.text());
    co_return co_await attempt(cx.store.commit(batch));
  });
  co_await record_act(cx, operator_tenant(), {"workspace.create", workspace.id.text(), workspace.name});
  co_return co_await idempotency::answered(cx, claim, workspace_object.text({workspace, FirstKeys{test.text, live.text}}));
}

Task<Result<Workspace>> get_workspace(Context& cx, WorkspaceId id) {
  auto stored = co_await cx.store.load<Workspace>(workspace_key(id));
  if (!stored) co_return fail(ErrorCode::not_found);
  co_return std::move(stored->record);
}

Task<Result<Workspace>> change_workspace(Context& cx, TenantScope tenant, WorkspaceChange change) {
  return retry([&cx, tenant, change]() -> Task<Result<Workspace>> {
    auto stored = co_await cx.store.load<Workspace>(workspace_key(tenant.workspace));
    if (!stored) co_return fail(ErrorCode::not_found);
    auto& workspace = stored->record;
    workspace.display_name = change.display_name.value_or(workspace.display_name);
    workspace.logo_url = change.logo_url.value_or(workspace.logo_url);
    workspace.expires_in_s = change.expires_in_s.value_or(workspace.expires_in_s);
    workspace.success_url = change.success_url.value_or(workspace.success_url);
    workspace.cancel_url = change.cancel_url.value_or(workspace.cancel_url);
    auto row = to_row(workspace);
    if (row == stored->entry.value) co_return std::move(workspace);
    WriteBatch batch;
    batch.replace(stored->entry, std::move(row));
    add_audit_note(cx, batch, tenant, {"workspace.change", workspace.id.text(), workspace.display_name + " " + workspace.logo_url});
    co_await cx.store.commit(std::move(batch));
    co_return std::move(workspace);
  });
}

Task<Result<Listed<Workspace>>> list_workspaces(Context& cx, Page page) {
  auto rows = co_await cx.store.scan({std::string(list_prefix), std::move(page.after_key), page.limit + 1, page.reverse});
  Listed<Workspace> listed{.items = {}, .has_more = rows.size() > page.limit, .last_key = {}};
  if (listed.has_more) rows.pop_back();
  if (rows.empty()) co_return listed;
  std::size_t read = 0;
  std::vector<std::string> keys;
  for (const auto& row : rows) {
    const auto id = WorkspaceId::parse(std::string_view(row.key).substr(row.key.rfind('/') + 1));
    if (id) {
      keys.push_back(workspace_key(*id));
    } else {
      cx.alarms.push_back(damage_report(row.key));
    }
  }
  listed.last_key = std::move(rows.back().key);
  if (keys.empty()) co_return listed;
  for (const auto& row : co_await cx.store.get_each(keys)) {
    const auto& key = keys[read++];
    if (row && !*row) continue;  // its creation crashed
    auto workspace = readable<Workspace>(cx, key, row);
    if (workspace) listed.items.push_back(std::move(workspace->record));
  }
  co_return listed;
}

}  // namespace lntpay
