// The end of what waits for a deleted endpoint.
#pragma once
#include "core/webhook/attempt/attempt_claim.hpp"

namespace lntpay {

/// Cancels what is queued or held for a deleted endpoint, and what was in flight when a run crashed, in pieces. `due`: the row that
/// started the run; it is removed, and another one is added while more is left.
Task<Result<>> cancel_queues(Context& cx, const DeliveryRun& run, Entry due);

}  // namespace lntpay
