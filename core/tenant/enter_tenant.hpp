// Entering a tenant: the first read of every request and task of a test workspace.
#pragma once
#include <string>

#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// `{shard}/test/{workspace}/sandbox/controls`, the same in every generation.
std::string sandbox_controls_key(const TenantScope& tenant);

/// Binds the session to a tenant: loads the sandbox controls of a test workspace into the context and returns the scope in its
/// current generation.
Task<Result<TenantScope>> enter_tenant(Context& cx, TenantScope tenant);

}  // namespace lntpay
