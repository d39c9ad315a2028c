// Rate limits. Most are volatile rows, which may be lost at any time, and then somebody gets a fresh quota; where that must not be
// (core/gate/challenge) the row is durable.
#pragma once
#include <string>

#include "core/request/gcra.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay::ratelimit {

/// `~{tenant}/rate`: tests take nothing from live traffic.
std::string workspace_rate_key(const TenantScope& tenant);

/// `~{shard}/client/{address}`: of one who has no key.
std::string client_rate_key(Shard shard, std::string_view client);

/// Takes one request from the quota under this key, volatile or durable. A store that fails lets the request pass: what must fail
/// closed does so where it commits.
Task<Result<RateState>> take(Context& cx, std::string key, RateLimit limit);

/// The 429 for a state that is not allowed.
Error exceeded(const RateState& state);

}  // namespace lntpay::ratelimit
