// What becomes of a charge: the node is asked, and what it says is written down. One way for every cause: a payment, a
// cancellation, an expiry, a due task, a crash in the middle of any of them.
#pragma once
#include "core/charge/charge.hpp"
#include "core/effects/context.hpp"
#include "core/node/node.hpp"

namespace lntpay {

/// Brings the charge in line with the node: credits a settled one (once per payment hash, with what was paid), ends a canceled
/// one, publishes one that was left `creating`, and sets when to look again.
/// Fails with node_unavailable (a failed look changes nothing), not_found.
Task<Result<Charge>> refresh_charge(Context& cx, Realm realm, ChargeId id);

/// As `refresh_charge`, with what the node has just said; nullopt: that it has no such invoice.
Task<Result<Charge>> note_invoice(Context& cx, Realm realm, ChargeId id, std::optional<NodeInvoice> seen);

/// The due task of kind "charge".
Task<Result<>> watch_charge(Context& cx, std::string due_key);

}  // namespace lntpay
