// /v1/workspace, and the operator's /v1/admin/workspaces: the only bootstrap, the same on every host.
#include "core/access/workspace.hpp"

#include "core/tenant/enter_tenant.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay {

Task<Result<TenantScope>> named_tenant(const Call& call) {
  TenantScope named{*from_name<Environment>(*call.query.text("environment")), co_await path_id<WorkspaceId>(call)};
  co_return co_await enter_tenant(call.cx, std::move(named));
}

}  // namespace lntpay

namespace lntpay::routes {

Done create_workspace(Call& call) {
  co_return co_await lntpay::create_workspace(call.cx, call.body.text("name").value_or(""), call.claim);
}

Done get_workspace(Call& call) { co_return workspace_json(co_await lntpay::get_workspace(call.cx, call.tenant.workspace)); }

}  // namespace lntpay::routes
