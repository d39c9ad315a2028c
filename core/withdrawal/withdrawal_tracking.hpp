// Sending a withdrawal, and following it until the node has a last word, for ever if need be.
//
// Every change of a withdrawal that holds a lock is one commit: its row, its index, its due row, the ledger entry, the event.
#pragma once
#include "core/tenant/context.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// The due task of kind "withdrawal": abandons a claim that nobody goes on with, sends what is pending, polls at what was sent.
Task<Result<>> run_withdrawal(Context& cx, std::string due_key);

/// Looks at the node now and writes down what follows; a withdrawal that is not on its way is yielded as it is.
/// Fails with not_found, node_unavailable (a failed poll changes nothing).
Task<Result<Withdrawal>> track_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id);

}  // namespace lntpay
