// The operator, who runs the host. The operator's token authorises admin routes and the tick, never a workspace's money.
#pragma once
#include <string_view>

#include "core/tenant/settings.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// HMAC-SHA-256 of the token under the first pepper, as in `Settings::operator_hmac`.
Bytes32 operator_hmac(const Settings& settings, std::string_view token);

/// In constant time. Always false if no operator is configured (all zero).
bool is_operator(const Settings& settings, std::string_view token);

/// The scope of the operator's own rows (audit notes, Idempotency-Keys), in shard 00, which no workspace is assigned to.
TenantScope operator_tenant();

}  // namespace lntpay
