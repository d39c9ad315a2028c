// Answers that the host makes itself: its own pages, and what is said when no engine can say it. They look like the engine's.
#pragma once
#include <optional>

#include "edge/engine/contract.hpp"
#include "host-adapters/server/ops/metrics.hpp"

namespace lntpay::host {

/// The answer where the path is /healthz or /metrics, whatever the method.
std::optional<Response> own_page(const Request& request, const Metrics& metrics, const Moment& at);

/// The error object for a request that was turned away.
Response own_refusal(Refusal why, const Moment& at);

}  // namespace lntpay::host
