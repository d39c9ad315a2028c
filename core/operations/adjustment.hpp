// An operator's ledger entry that clears suspense; no other entry takes money out of it.
#pragma once
#include <string>

#include "core/ledger/ledger_entry.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// Who pays for the excess that the node took.
enum class Bearer : std::uint8_t {
  available,  ///< the workspace
  node,       ///< the node's operator, who has returned it to the node
};
template <>
inline constexpr auto enum_names<Bearer> = std::to_array<std::string_view>({"available", "node"});

struct Adjustment {
  std::string ticket;  ///< the operator's id of it; repeating a ticket is idempotent
  Bearer bearer{};
  Msat amount;
  std::string evidence;  ///< for the audit trail
};

/// Moves suspense towards zero by the amount, with a ledger entry and an audit note; yields the entry as JSON.
/// Fails with insufficient_funds if `available` does not cover it; invalid_state if suspense is smaller or the ticket was used for
/// another adjustment.
Task<Result<std::string>> adjust(Context& cx, TenantScope tenant, Adjustment adjustment, IdempotencyClaim claim);

}  // namespace lntpay
