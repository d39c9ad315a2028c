// Reads the incoming request within edge/http/request_limits.hpp, and sends the answer.
#pragma once
#include <expected>
#include <string>

#include "edge/contract/contract.hpp"
#include "host-adapters/wasi-http/wasi/gen/edge_proxy.h"

namespace lntpay::wasi_http {

/// Reads the whole request, for at most 10 s. `client` is left empty.
std::expected<Request, Refusal> read_request(exports_wasi_http_incoming_handler_own_incoming_request_t incoming);

/// The client's address from a header of the proxy in front: the last element of its last line, because the client may have sent
/// the earlier ones. Empty where the header is missing or `header_name` is empty.
std::string client_by(const Request& request, const std::string& header_name);

/// Sends the whole answer.
void send_answer(exports_wasi_http_incoming_handler_own_response_outparam_t out, Response answer);

}  // namespace lntpay::wasi_http
