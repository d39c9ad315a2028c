// Reconciliation of a workspace with its node: compares every charge with the node's invoice and every withdrawal with the node's
// payment record. Read-only. (`GET /v1/ledger/verify` checks the ledger against itself.)
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// How the workspace and the node differ on one payment hash.
enum class DifferenceKind : std::uint8_t {
  not_credited,  ///< the node was paid and the charge is not credited; a pending one will be soon
  not_received,  ///< the charge is credited and the node was not paid
  other_amount,  ///< the node received, or paid, another amount
  no_invoice,    ///< the charge is pending and the node does not know its invoice
  still_open,    ///< the charge has ended and the node would still accept a payment
  not_settled,   ///< the node paid and the withdrawal is not settled; one in flight will be soon
  not_paid,      ///< the withdrawal succeeded and the node has not paid
  other_fee,     ///< the node's fee is not the settled one
  no_payment,    ///< the node has no record of a payment that it once had, or that it was sent before a restore
  another_node,  ///< the payment was sent to another node than the present one: its state is unknown
};
template <>
inline constexpr auto enum_names<DifferenceKind> =
    std::to_array<std::string_view>({"not_credited", "not_received", "other_amount", "no_invoice", "still_open", "not_settled",
                                     "not_paid", "other_fee", "no_payment", "another_node"});

struct Reconciliation {
  std::uint64_t charges = 0;  ///< read in this call
  std::uint64_t withdrawals = 0;
  JsonArray differences;  ///< each a `difference_object`
  bool differs = false;
  std::string last;  ///< id of the last one compared: the start of the next call; empty at the start and when all are compared
};

inline constexpr std::uint32_t reconciled_max = 500;

/// Compares up to `rows` more charges and withdrawals, charges first. A difference counts only if a second comparison confirms it.
/// Fails with node_unavailable.
Task<Result<>> reconcile(Context& cx, const TenantScope& tenant, std::uint32_t rows, Reconciliation& found);

/// The same for the live challenges of gates, in all of their shards: an unpaid one with the node's invoice, a settled one with its
/// credit and the invoice.
struct ChallengeReconciliation {
  std::uint64_t challenges = 0;  ///< read in this call
  JsonArray differences;         ///< each a `difference_object`; its id is the payment hash
  bool differs = false;
  std::string last;  ///< key of the last one compared; empty at the start and when all are compared
};
Task<Result<>> reconcile_challenges(Context& cx, std::uint32_t rows, ChallengeReconciliation& found);

}  // namespace lntpay
