// The operator: whoever runs the host. Their token opens admin routes and the tick, and nothing of a workspace's money.
#pragma once
#include <string_view>

#include "core/tenant/settings.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// HMAC-SHA-256 of the token under the first pepper: what `operator_hmac` of the settings holds.
Bytes32 operator_hmac(const Settings& settings, std::string_view token);

/// In constant time. Nobody is the operator where none is configured (all zero).
bool is_operator(const Settings& settings, std::string_view token);

/// Where the operator's own rows are, those of their Idempotency-Keys: in the shard that no workspace is drawn into.
TenantScope operator_tenant();

}  // namespace lntpay
