// /v1/workspace, and the operator's /v1/admin/workspaces. The object: core/access/workspace_object.hpp.
#include "core/access/workspace.hpp"

#include "core/access/workspace_object.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {

Task<Result<TenantScope>> named_tenant(const Call& call) {
  TenantScope named{*from_name<Environment>(*call.query.text("environment")), co_await path_id<WorkspaceId>(call)};
  co_return co_await enter_tenant(call.cx, std::move(named));
}

namespace workspaces_resource {
namespace {

constexpr Field create_body[] = {
    {.name = "name", .type = FieldType::text, .description = "The name of the workspace.", .required = true, .max = 100},
};

Done create(Call& call) { co_return co_await create_workspace(call.cx, call.body.text("name").value_or(""), call.claim); }

Done get(Call& call) { co_return workspace_json(co_await get_workspace(call.cx, call.tenant.workspace)); }

Done list(Call& call) {
  return list_page(call, [&call](const Page& page) { return list_workspaces(call.cx, page); }, workspace_json);
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/admin/workspaces",
     .summary = "List workspaces",
     .handler = list,
     .access = Access::operator_token,
     .query = fields::page,
     .answer = workspace_fields,
     .list = true},
    {.method = "GET", .pattern = "/v1/workspace", .summary = "Get the workspace", .handler = get, .answer = workspace_fields},
    {.method = "POST",
     .pattern = "/v1/admin/workspaces",
     .summary = "Create a workspace with its first keys",
     .handler = create,
     .access = Access::operator_token,
     .idempotency = IdempotencyUse::accepted,
     .answer_is_secret = true,
     .body = create_body,
     .success = 201,
     .answer = workspace_fields},
};

}  // namespace
}  // namespace workspaces_resource

std::span<const Route> resources::workspaces() { return workspaces_resource::routes; }

}  // namespace lntpay
