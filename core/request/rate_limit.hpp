// Rate limits. Most are volatile rows: a lost row grants a fresh quota. Where that is not acceptable (core/gate/challenge) the row
// is durable.
#pragma once
#include <string>

#include "core/request/gcra.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay::ratelimit {

/// `~{tenant}/rate`: test and live have separate quotas.
std::string workspace_rate_key(const TenantScope& tenant);

/// `~{shard}/client/{address}`: for a client without a key.
std::string client_rate_key(Shard shard, std::string_view client);

/// Takes one request from the quota under this key, volatile or durable. If the store fails the request passes: an operation that
/// must not fails at its own commit.
Task<Result<RateState>> take(Context& cx, std::string key, RateLimit limit);

/// The 429 for a state that is not allowed.
Error exceeded(const RateState& state);

}  // namespace lntpay::ratelimit
