// POST /internal/tick: due work of all shards, for whoever has a timer to call it. It does a bounded part and keeps its place.
#pragma once
#include "edge/engine/contract.hpp"
#include "host-adapters/wasi-http/wasi/wasi_sessions.hpp"
#include "host-adapters/wasi-http/wasi_settings.hpp"

namespace lntpay::wasi_http {

/// 200 with {"shards":64,"tasks":3,"more":true}: how many were looked at, what ran, and whether the next tick goes on where this
/// one stopped (false: at the beginning). 401 without the operator's token, 503 when the store does not answer.
Response tick(Sessions& sessions, const ProxySettings& settings, const Request& request);

}  // namespace lntpay::wasi_http
