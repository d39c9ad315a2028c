// Workspaces: one customer's money, keys and events. A workspace stays in the random shard that it is created in.
#pragma once
#include <optional>
#include <string>

#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/listing.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

struct Workspace {
  static constexpr int row_version = 3;
  static constexpr row::Earlier earlier_rows[] = {{.version = 1, .fields = 3}, {.version = 2, .fields = 5}};
  WorkspaceId id;
  std::string name;  ///< for its owner and the operator
  UnixMillis created_at;
  std::string display_name;  ///< whom payers see that they pay; empty = none
  std::string logo_url;      ///< https; empty = none
  // What a new charge has where its request does not name it.
  std::uint32_t expires_in_s = 600;
  std::string success_url;  ///< https; empty = none
  std::string cancel_url;   ///< https; empty = none

  auto fields(this auto& self) {
    return std::tie(self.id, self.name, self.created_at, self.display_name, self.logo_url, self.expires_in_s, self.success_url,
                    self.cancel_url);
  }
};

/// `{shard}/workspace/{ws}`
std::string workspace_key(const WorkspaceId& id);

/// {"id","object":"workspace","name","created_at","display_name","logo_url","default_expires_in","default_success_url",
/// "default_cancel_url"}
std::string workspace_json(const Workspace& workspace);

/// Creates a workspace with a test key and a live key, both with every scope: the only bootstrap. Yields `workspace_json` with
/// "api_keys":{"test":…,"live":…}; their texts are shown only here.
/// Writes `00/shard/{xx}`, so that the host finds the shard, and `00/workspaces/{ms}/{ws}`, for the operator's list; then the whole
/// workspace in one commit; then, in the operator's shard, the answer. The claim is the operator's: a retry after a crash finds the
/// same workspace with the same keys.
Task<Result<std::string>> create_workspace(Context& cx, std::string name, IdempotencyClaim claim = {});

/// Fails with not_found.
Task<Result<Workspace>> get_workspace(Context& cx, WorkspaceId id);

/// What payers see, and the defaults of charges; nullopt: unchanged, empty: none.
struct WorkspaceChange {
  std::optional<std::string> display_name{};
  std::optional<std::string> logo_url{};
  std::optional<std::uint32_t> expires_in_s{};
  std::optional<std::string> success_url{};
  std::optional<std::string> cancel_url{};
};
/// In one commit with its note in the audit trail of the tenant. Fails with not_found.
Task<Result<Workspace>> change_workspace(Context& cx, TenantScope tenant, WorkspaceChange change);

/// All workspaces of the store, for the operator. A page may have fewer than its limit: damaged rows are left out, with an alarm.
Task<Result<Listed<Workspace>>> list_workspaces(Context& cx, Page page);

}  // namespace lntpay
