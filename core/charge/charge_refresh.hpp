// What becomes of a charge: the node is asked, and what it says is written down. One way for every cause: a payment, a
// cancellation, an expiry, a due task, a crash in the middle of any of them.
#pragma once
#include <vector>

#include "core/charge/charge.hpp"
#include "core/lightning/node/node.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// Brings the charge in line with the node: credits a settled one (once per payment hash, with what was paid), ends a canceled
/// one, publishes one that was left `creating`, and sets when to look again.
/// Fails with node_unavailable (a failed look changes nothing), not_found.
Task<Result<Charge>> refresh_charge(Context& cx, TenantScope tenant, ChargeId id);

/// As `refresh_charge`, with what the node has just said; nullopt: that it has no such invoice.
Task<Result<Charge>> note_invoice(Context& cx, TenantScope tenant, ChargeId id, std::optional<NodeInvoice> seen);

/// What the node says was settled.
struct Settlement {
  ChargeId charge;
  NodeInvoice invoice;
};
/// A commit has 1,000 rows at most; one settlement has 10, and two more for each of 20 endpoints.
inline constexpr std::size_t settlements_max = 16;

/// As `note_invoice`, for up to settlements_max of one workspace: one commit credits them all. What is credited already is passed
/// over, and so is a charge that is still being made: its own task finds the payment.
Task<Result<>> note_settled(Context& cx, TenantScope tenant, std::vector<Settlement> settled);

/// The due task of kind "charge".
Task<Result<>> watch_charge(Context& cx, std::string due_key);

}  // namespace lntpay
