// A minimal wasi:http component: returns 200 "ok\n" to every request.
#include <cstdint>

#include "host-adapters/wasi-http/wasi/gen/edge_proxy.h"

extern "C" void exports_wasi_http_incoming_handler_handle(exports_wasi_http_incoming_handler_own_incoming_request_t request,
                                                          exports_wasi_http_incoming_handler_own_response_outparam_t out) {
  wasi_http_types_incoming_request_drop_own(request);
  const auto response = wasi_http_types_constructor_outgoing_response(wasi_http_types_constructor_fields());
  wasi_http_types_own_outgoing_body_t body;
  wasi_http_types_method_outgoing_response_body(wasi_http_types_borrow_outgoing_response(response), &body);
  wasi_http_types_result_own_outgoing_response_error_code_t result{.is_err = false, .val = {.ok = response}};
  wasi_http_types_static_response_outparam_set(out, &result);
  wasi_io_streams_own_output_stream_t stream;
  wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream);
  std::uint8_t text[] = {'o', 'k', '\n'};
  edge_proxy_list_u8_t content{text, sizeof(text)};
  wasi_io_streams_stream_error_t error;
  wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream), &content, &error);
  wasi_io_streams_output_stream_drop_own(stream);
  wasi_http_types_error_code_t failed;
  wasi_http_types_static_outgoing_body_finish(body, nullptr, &failed);
}
