// What /healthz and /metrics show, and the files.
#include "host-adapters/server/http/host_responses.hpp"

#include <string>
#include <string_view>

#include "edge/http/answer.hpp"
#include "host-adapters/server/engine/refusal_response.hpp"

namespace lntpay::host {
namespace {

Response text_page(std::string_view type, std::string text) {
  return {200, {{"content-type", std::string(type)}}, std::move(text)};
}

}  // namespace

std::optional<FileResponse> own_page(const Request& request, const StaticFiles& files, Metrics& metrics, const Moment& at) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  if (path.starts_with("/v1/")) return std::nullopt;
  if (path != "/healthz" && path != "/metrics") return files.answer(request, request_id_at(at));
  if (path == "/metrics") metrics.read_at = at.now.value;
  const std::string id = request_id_at(at);
  Response response;
  if (request.method == "GET" || request.method == "HEAD") {
    response = path == "/healthz" ? text_page("text/plain; charset=utf-8", "ok\n")
                                  : text_page("text/plain; version=0.0.4; charset=utf-8", metrics.text(at.now));
  } else {
    response = request.method == "OPTIONS"
                   ? preflight_answer("GET")
                   : error_answer({.code = ErrorCode::method_not_allowed, .message = "This path takes GET."}, id);
    set_header(response, "allow", "GET, HEAD, OPTIONS");
  }
  finish(response, id);
  return FileResponse{std::move(response)};
}

}  // namespace lntpay::host
