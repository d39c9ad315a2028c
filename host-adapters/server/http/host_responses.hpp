// Responses that the host makes itself: its own pages, and refusals when no engine can respond. They look like the engine's.
#pragma once
#include <optional>

#include "edge/engine/contract.hpp"
#include "host-adapters/server/ops/metrics.hpp"

namespace lntpay::host {

/// The response if the path is /healthz or /metrics, for any method.
std::optional<Response> own_page(const Request& request, const Metrics& metrics, const Moment& at);

/// The error object for a refused request.
Response own_refusal(Refusal why, const Moment& at);

}  // namespace lntpay::host
