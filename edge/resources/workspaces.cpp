// /v1/workspace, and the operator's /v1/admin/workspaces. The object: core/access/workspace_object.hpp.
#include "core/access/workspace.hpp"

#include "core/access/workspace_object.hpp"
#include "core/tenant/enter_tenant.hpp"
#include "edge/resources/fields.hpp"
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

constexpr Route routes[] = {
    {.method = "GET", .pattern = "/v1/workspace", .summary = "Get the workspace", .handler = get, .answer = workspace_fields},
    {.method = "POST",
     .pattern = "/v1/admin/workspaces",
     .summary = "Create a workspace with its first keys",
     .handler = create,
     .access = Access::operator_token,
     .idempotency = IdempotencyUse::accepted,
     .body = create_body,
     .success = 201,
     .answer = workspace_fields},
};

}  // namespace
}  // namespace workspaces_resource

std::span<const Route> resources::workspaces() { return workspaces_resource::routes; }

}  // namespace lntpay
