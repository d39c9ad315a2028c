// The host's own pages, which look like the engine's responses.
#pragma once
#include <optional>

#include "edge/contract/contract.hpp"
#include "host-adapters/server/http/static_files.hpp"
#include "host-adapters/server/ops/metrics.hpp"

namespace lntpay::host {

/// The response if the path is /healthz, /metrics or that of a file, for any method. A request for /metrics is noted in them.
std::optional<FileResponse> own_page(const Request& request, const StaticFiles& files, Metrics& metrics, const Moment& at);

}  // namespace lntpay::host
