// The task that delivers webhooks: a run of one endpoint.
//
// A run takes a slot of the endpoint's window, makes one attempt, and records it when it has ended; the same commit takes the
// slot's next delivery. So a slow receiver delays only its own attempt, and one commit suffices for a delivery. When it starts,
// a run starts others for the deliveries and slots that are left. A run ends when nothing is due for its slot, or after
// attempts_per_run_max attempts, which bounds the work of a session; it then starts a successor.
//
// A run that crashes is retried when its flight's lease ends, with the same webhook-id: delivery is at least once.
#pragma once
#include <string>

#include "core/tenant/context.hpp"

namespace lntpay {

inline constexpr int attempts_per_run_max = 16;
inline constexpr std::uint32_t delivery_timeout_ms = 15'000;
inline constexpr std::uint32_t delivery_answer_bytes_max = 16 * 1024;
inline constexpr std::string_view delivery_user_agent = "LNTPay-Webhooks/1";

/// Runs a due row of a webhook endpoint. Fails with lease_elsewhere when there is nothing to run now.
Task<Result<>> deliver_due(Context& cx, std::string due_key);

}  // namespace lntpay
