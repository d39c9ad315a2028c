// The task that delivers webhooks: one endpoint, at most 8 deliveries, one lease.
//
// Claim (a commit: lease of 60 s, the due row moved to its end), attempt all together, record (a commit). Whatever dies in the
// middle runs again when the lease is over, with the same webhook-id: at least once, never less. Another endpoint has its
// own due row and its own task, so that a dead endpoint delays only itself. A batch is recorded when its slowest answer is in: a
// receiver that hangs delays the other seven, and the endpoint's next ones, by at most the timeout.
#pragma once
#include <string>

#include "core/tenant/context.hpp"

namespace lntpay {

inline constexpr std::uint32_t delivery_batch_max = 8;
inline constexpr Millis delivery_lease = seconds(60);
inline constexpr std::uint32_t delivery_timeout_ms = 15'000;
inline constexpr std::uint32_t delivery_answer_bytes_max = 16 * 1024;
inline constexpr std::string_view delivery_user_agent = "LNTPay-Webhooks/1";

/// Runs the due row of a webhook endpoint. Fails with lease_elsewhere when it is not ours to run now.
Task<Result<>> deliver_due(Context& cx, std::string due_key);

}  // namespace lntpay
