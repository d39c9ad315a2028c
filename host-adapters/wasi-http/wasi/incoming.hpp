// The request that came, within the limits that every host has, and the answer to it.
#pragma once
#include <expected>
#include <string>

#include "edge/engine/contract.hpp"
#include "host-adapters/wasi-http/wasi/gen/edge_proxy.h"

namespace lntpay::wasi_http {

/// Reads it to its end, for 10 s at most. Who asks is not known.
std::expected<Request, Refusal> read_request(exports_wasi_http_incoming_handler_own_incoming_request_t incoming);

/// Who asks, by a header of the proxy before us: the last of its last line, for what stands before it the client may have said.
/// Empty where there is no such header, or none is named.
std::string client_by(const Request& request, const std::string& header_name);

/// Sends the answer, whole.
void send_answer(exports_wasi_http_incoming_handler_own_response_outparam_t out, Response answer);

}  // namespace lntpay::wasi_http
