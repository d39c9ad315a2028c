// Pruning: removes events, with their deliveries and attempts, after the period `Settings::keep_events`.
//
// A due row of each workspace and environment starts it daily by the workspace's clock (core/event/event_retention). A run takes a
// pass further, piece by piece, each in one commit; what is left is due at once.
//
//   find         reads the events, oldest first, up to the first one that is kept. So an event is only removed after all before it
//                are past the period: a clock that was far back for a while removes none that is new. An event that is damaged, or
//                from a clock that was ahead, goes with the next one that is past the period.
//   deliveries   removes the deliveries of these events, with their index rows and attempts, receiver by receiver. One that is
//                still pending becomes `failed` instead; its event, and all after it, stay until the next pass.
//   events       removes the events, and moves `oldest_seq` in the same commit.
//
// From the end of `find` on no delivery of these events is made or queued again: redelivery and recovery check
// `Retention::first_deliverable` in their commit. Of a deleted endpoint the log stays as long.
//
// A pass goes by the clock as the pass before read it, at least an hour earlier. So an event is removed one to two days after the
// period, and a clock that jumps ahead and comes back removes none.
//
// Rows that money or the replay of an answer needs are kept: charges, withdrawals, the ledger, Idempotency-Keys, audit notes.
#pragma once
#include <string>

#include "core/tenant/context.hpp"

namespace lntpay {

/// The due task of kind "prune".
Task<Result<>> run_pruning(Context& cx, std::string due_key);

}  // namespace lntpay
