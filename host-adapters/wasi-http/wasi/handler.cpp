// wasi:http/incoming-handler: a request is one session of the engine; after its answer the instance does the work that became due.
// An instance has one engine, for one request (the default of `wasmtime serve`) or for many in sequence.
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/json.hpp"
#include "edge/contract/contract.hpp"
#include "edge/http/answer.hpp"
#include "host-adapters/wasi-http/wasi/incoming.hpp"
#include "host-adapters/wasi-http/wasi/make_instance.hpp"
#include "host-adapters/wasi-http/wasi/tick.hpp"
#include "host-adapters/wasi-http/wasi/wasi.hpp"
#include "host-adapters/wasi-http/wasi/wasi_due_work.hpp"
#include "host-adapters/wasi-http/wasi/wasi_sessions.hpp"
#include "host-adapters/wasi-http/wasi_settings.hpp"

namespace lntpay::wasi_http {
namespace {

constexpr Millis due_span = seconds(5);
constexpr Millis horizon = seconds(2);

/// An instance's settings and engine, created by the first request that needs them.
struct Deployment {
  ProxySettings settings{};
  std::unique_ptr<host::Instance> engine{};
  std::string error{};  ///< why there is no engine
};

Deployment deploy() {
  auto settings = read_settings(environment());
  if (!settings) return {.error = settings.error()};
  auto engine = make_instance(std::move(settings->engine));
  return {.settings = *std::move(settings), .engine = std::move(engine)};
}

Response not_set_up(const std::string& why) {
  log_line("not set up: " + why);
  const auto error =
      JsonObject().add("code", info(ErrorCode::internal_error).name).add("message", "This server is not set up. " + why);
  return json_answer(500, JsonObject().raw("error", error.text()).text());
}

std::string_view path_of(const Request& request) { return std::string_view(request.target).substr(0, request.target.find('?')); }

}  // namespace

void handle(exports_wasi_http_incoming_handler_own_incoming_request_t incoming,
            exports_wasi_http_incoming_handler_own_response_outparam_t out) {
  // errno is on the page of malloc's state. If that page were read first, as malloc does, an instance would map it twice, and the
  // second mapping interrupts the other cores: 4 % of a request with an instance of its own.
  errno = 0;
  auto request = read_request(incoming);
  if (request && path_of(*request) == "/healthz") {
    return send_answer(out, {200, {{"content-type", "text/plain; charset=utf-8"}}, "ok\n"});
  }
  static const auto [settings, engine, error] = deploy();
  if (!error.empty()) return send_answer(out, not_set_up(error));

  Sessions sessions(*engine, settings.outside);
  if (request && path_of(*request) == "/internal/tick") return send_answer(out, tick(sessions, settings, *request));
  if (request) request->client = client_by(*request, settings.client_header);
  DueWork due(sessions);
  bool answered = false;
  sessions.begin(request ? Input(input::Http{*std::move(request)}) : Input(input::Refused{request.error()}), [&](Outcome outcome) {
    answered = true;
    send_answer(out, std::move(outcome.response).value_or(Response{.status = 500}));
    due.take(outcome);
  });
  while (!answered) sessions.run();
  if (due.has_any()) due.run(uptime() + due_span, horizon);
}

}  // namespace lntpay::wasi_http

extern "C" void exports_wasi_http_incoming_handler_handle(exports_wasi_http_incoming_handler_own_incoming_request_t request,
                                                          exports_wasi_http_incoming_handler_own_response_outparam_t response_out) {
  lntpay::wasi_http::handle(request, response_out);
}
