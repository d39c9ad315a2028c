// The request that came, within the limits that every host has, and the answer to it.
#pragma once
#include <expected>
#include <string>

#include "edge/engine/contract.hpp"
#include "host-adapters/wasi-http/wasi/gen/edge_proxy.h"

namespace lntpay::wasi_http {

/// Reads it to its end. `client_header` names the header that says who asks; empty: nobody does.
std::expected<Request, Refusal> read_request(exports_wasi_http_incoming_handler_own_incoming_request_t incoming,
                                             const std::string& client_header);

/// Sends the answer, whole.
void send_answer(exports_wasi_http_incoming_handler_own_response_outparam_t out, const Response& answer);

}  // namespace lntpay::wasi_http
