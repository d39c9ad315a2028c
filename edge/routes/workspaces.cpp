// /v1/workspace, and the operator's /v1/admin/workspaces: the only bootstrap, the same on every host.
#include "core/workspace/workspace.hpp"

#include "core/sandbox/operations.hpp"
#include "edge/routes/handlers.hpp"

namespace lntpay {

Task<Result<Realm>> named_realm(const Call& call) {
  Realm named{*from_name<Environment>(*call.query.text("environment")), co_await path_id<WorkspaceId>(call)};
  co_return co_await enter_realm(call.cx, std::move(named));
}

}  // namespace lntpay

namespace lntpay::routes {

Done create_workspace(Call& call) {
  co_return co_await lntpay::create_workspace(call.cx, call.body.text("name").value_or(""), call.receipt);
}

Done get_workspace(Call& call) { co_return workspace_json(co_await lntpay::get_workspace(call.cx, call.realm.workspace)); }

}  // namespace lntpay::routes
