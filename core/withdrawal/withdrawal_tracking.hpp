// Sending a withdrawal, and polling the node until the payment is final, without a time limit.
//
// Every change of a withdrawal that holds a lock is one commit: its row, its index, its due row, the ledger entry, the event.
#pragma once
#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// The due task of kind "withdrawal": abandons a leftover claim, sends a pending withdrawal, polls a sent one.
Task<Result<>> run_withdrawal(Context& cx, std::string due_key);

/// Polls the node now and commits the decision. A withdrawal that was not sent, or is final, is returned unchanged.
/// Fails with not_found, node_unavailable. A failed poll changes no state: it writes why, and since when, and the time of the next.
Task<Result<Withdrawal>> track_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id);

}  // namespace lntpay
