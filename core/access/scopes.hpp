// Scopes: the permissions of an API key. Default deny; each route names the scopes that it needs.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/name_set.hpp"

namespace lntpay {

enum class Scope : std::uint8_t {
  charges_read,
  charges_write,
  withdrawals_read,
  withdrawals_write,
  withdrawals_preimage,
  ledger_read,
  webhooks_read,
  webhooks_write,
  gates_read,
  gates_write,
  gates_verify,
  keys_write,
  sandbox_write,
};
template <>
inline constexpr auto enum_names<Scope> = std::to_array<std::string_view>(
    {"charges:read", "charges:write", "withdrawals:read", "withdrawals:write", "withdrawals:preimage", "ledger:read",
     "webhooks:read", "webhooks:write", "gates:read", "gates:write", "gates:verify", "keys:write", "sandbox:write"});

using ScopeSet = NameSet<Scope>;

/// Fails with insufficient_scopes; details: required, missing.
Result<> require_scopes(ScopeSet has, ScopeSet needed);

}  // namespace lntpay
