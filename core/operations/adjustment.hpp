// An operator's entry that explains what is in suspense: nothing else takes money out of there.
#pragma once
#include <string>

#include "core/ledger/ledger_entry.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// Who bears what the node took too much.
enum class Bearer : std::uint8_t {
  available,  ///< the workspace
  node,       ///< whoever runs the node: they have put it back there
};
template <>
inline constexpr auto enum_names<Bearer> = std::to_array<std::string_view>({"available", "node"});

struct Adjustment {
  std::string ticket;  ///< the operator's own; a second with the same ticket is the first
  Bearer bearer{};
  Msat amount;
  std::string evidence;  ///< for the audit trail
};

/// Brings suspense nearer to zero by the amount, with an entry and a note in the audit trail; yields the entry as JSON.
/// Fails with insufficient_funds where `available` has less, invalid_state where suspense has less or the ticket stands for another
/// adjustment.
Task<Result<std::string>> adjust(Context& cx, TenantScope tenant, Adjustment adjustment, IdempotencyClaim claim);

}  // namespace lntpay
