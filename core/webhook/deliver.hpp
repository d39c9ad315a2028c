// The task that delivers webhooks: one endpoint, at most 8 deliveries, one lease.
//
// Three steps: claim (a commit: a lease of 60 s, the due row moved to its end), attempt all together, record (a commit). A run that
// crashes is retried when its lease expires, with the same webhook-id: delivery is at least once. Each endpoint has its own due
// row and task, so a failing receiver delays only its own endpoint. A batch is recorded when its slowest response is in: a receiver
// that hangs delays the rest of its batch, and the endpoint's next one, by at most the timeout.
#pragma once
#include <string>

#include "core/tenant/context.hpp"

namespace lntpay {

inline constexpr std::uint32_t delivery_batch_max = 8;
inline constexpr Millis delivery_lease = seconds(60);
inline constexpr std::uint32_t delivery_timeout_ms = 15'000;
inline constexpr std::uint32_t delivery_answer_bytes_max = 16 * 1024;
inline constexpr std::string_view delivery_user_agent = "LNTPay-Webhooks/1";

/// Runs the due row of a webhook endpoint. Fails with lease_elsewhere when there is nothing to run now.
Task<Result<>> deliver_due(Context& cx, std::string due_key);

}  // namespace lntpay
