// POST /internal/tick: due work of all shards, called by the operator's timer. Each call does a bounded part and stores its
// position.
#pragma once
#include "edge/contract/contract.hpp"
#include "host-adapters/wasi-http/wasi/wasi_sessions.hpp"
#include "host-adapters/wasi-http/wasi_settings.hpp"

namespace lntpay::wasi_http {

/// 200 with {"shards":64,"tasks":3,"more":true}: shards woken, tasks run, and whether work is left for the next tick. 401 without
/// the operator's token, 503 when the store does not respond.
Response tick(Sessions& sessions, const ProxySettings& settings, const Request& request);

}  // namespace lntpay::wasi_http
