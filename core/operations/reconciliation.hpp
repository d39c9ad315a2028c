// A workspace held against its node, hash by hash: every charge against the node's invoice, every withdrawal against the node's
// record of the payment. It changes nothing; `GET /v1/ledger/verify` proves that the ledger agrees with itself.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// How the workspace and the node differ about one hash.
enum class DifferenceKind : std::uint8_t {
  not_credited,  ///< the node was paid and the charge is not credited; one that is pending is about to be
  not_received,  ///< the charge is credited and the node was not paid
  other_amount,  ///< the node was paid, or paid, another amount
  no_invoice,    ///< the charge is pending and the node does not know its invoice
  still_open,    ///< the charge has ended, and the node would still take a payment
  not_settled,   ///< the node paid and the withdrawal is not settled; one that is on its way is about to be
  not_paid,      ///< the withdrawal succeeded and the node has not paid
  other_fee,     ///< the node took another fee than is settled
  no_payment,    ///< the node had the withdrawal's payment, or was restored since it was told to pay, and has none
  another_node,  ///< another node was told to pay than the one that is asked: nothing is known
};
template <>
inline constexpr auto enum_names<DifferenceKind> =
    std::to_array<std::string_view>({"not_credited", "not_received", "other_amount", "no_invoice", "still_open", "not_settled",
                                     "not_paid", "other_fee", "no_payment", "another_node"});

struct Reconciliation {
  std::uint64_t charges = 0;  ///< looked at in this call, also what the node was never told of
  std::uint64_t withdrawals = 0;
  /// Each {kind, id, payment_hash, status, node, here_msat, node_msat}: what it is here and at the node ("not_found" where that has
  /// none); credited and received for a charge, settled and taken for the route of a withdrawal, what should have
  /// arrived and what did where that is another amount.
  JsonArray differences;
  bool differs = false;
  std::string
      last;  ///< id of the last one compared: where the next call goes on; empty: from the first, and in the end: that was all
};

inline constexpr std::uint32_t reconciled_max = 500;

/// Compares up to `rows` more charges and withdrawals, charges first. Something that moves between the two looks is looked at
/// twice, so that it is no difference. Fails with node_unavailable: nothing is known of what was not compared before.
Task<Result<>> reconcile(Context& cx, const TenantScope& tenant, std::uint32_t rows, Reconciliation& found);

}  // namespace lntpay
