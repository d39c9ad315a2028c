// Workspaces: one customer's money, keys and events. A workspace is drawn into a shard once and stays there.
#pragma once
#include <optional>
#include <string>

#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

struct Workspace {
  static constexpr int row_version = 1;
  WorkspaceId id;
  std::string name;
  UnixMillis created_at;

  auto fields(this auto& self) { return std::tie(self.id, self.name, self.created_at); }
};

/// `{shard}/workspace/{ws}`
std::string workspace_key(const WorkspaceId& id);

/// {"id","object":"workspace","name","created_at"}
std::string workspace_json(const Workspace& workspace);

/// A workspace with its first test key and first live key, every scope in both: the only bootstrap. The answer is
/// `workspace_json` with "api_keys":{"test":…,"live":…}, their texts shown this one time.
/// First `00/shard/{xx}` is written, so that a host finds the shard; then all of the workspace in one commit. The claim is one of
/// the operator's tenant; its answer comes last, in another shard, and a run after a crash finds the same workspace with the same
/// keys.
Task<Result<std::string>> create_workspace(Context& cx, std::string name, IdempotencyClaim claim = {});

/// Fails with not_found.
Task<Result<Workspace>> get_workspace(Context& cx, WorkspaceId id);

}  // namespace lntpay
