// Refreshing a charge: poll the node and apply its answer. The same path for payments, cancellations, expiries, due tasks and
// crashes.
#pragma once
#include <vector>

#include "core/charge/challenge_row.hpp"
#include "core/charge/charge.hpp"
#include "core/lightning/node/node.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// Polls the node: credits a settled charge (once per payment hash, with the amount received), ends a canceled one, and schedules
/// the next poll of an open one. Fails with node_unavailable (nothing changes), not_found.
Task<Result<Charge>> refresh_charge(Context& cx, TenantScope tenant, ChargeId id);

/// As `refresh_charge` with the node's invoice; nullopt: it has none.
Task<Result<Charge>> apply_invoice(Context& cx, TenantScope tenant, ChargeId id, std::optional<NodeInvoice> seen);

/// An invoice that the node has settled.
struct Settlement {
  ChargeId charge;
  NodeInvoice invoice;
  std::optional<ChallengeRow> challenge{};  ///< of a gate: its payment makes the charge
};
/// A commit has at most 1,000 rows; a settlement has 10, and four more for each of 20 endpoints.
inline constexpr std::size_t settlements_max = 10;

/// As `apply_invoice`, for up to settlements_max of one workspace in one commit. Makes the charges of challenges, with their
/// credits. Skips charges that are already credited or still `creating`: the due task of the latter finds the payment.
Task<Result<>> credit_settled(Context& cx, TenantScope tenant, std::vector<Settlement> settled);

/// The due task of kind "charge".
Task<Result<>> run_charge(Context& cx, std::string due_key);

}  // namespace lntpay
