// The host's own pages and refusals.
#include "host-adapters/server/http/host_responses.hpp"

#include <string>
#include <string_view>

#include "core/storage/shard.hpp"
#include "edge/http/answer.hpp"

namespace lntpay::host {
namespace {

std::string request_id(const Moment& at) {
  Random random(at.entropy);
  return RequestId::generate(Shard{}, at.now, random).text();
}

Response text_page(std::string_view type, std::string text) {
  return {200, {{"content-type", std::string(type)}}, std::move(text)};
}

}  // namespace

std::optional<Response> own_page(const Request& request, const Metrics& metrics, const Moment& at) {
  const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
  if (path != "/healthz" && path != "/metrics") return std::nullopt;
  const std::string id = request_id(at);
  Response response;
  if (request.method == "GET" || request.method == "HEAD") {
    response = path == "/healthz" ? text_page("text/plain; charset=utf-8", "ok\n")
                                  : text_page("text/plain; version=0.0.4; charset=utf-8", metrics.text());
  } else {
    response = request.method == "OPTIONS"
                   ? preflight_answer("GET")
                   : error_answer({.code = ErrorCode::method_not_allowed, .message = "This path takes GET."}, id);
    set_header(response, "allow", "GET, HEAD, OPTIONS");
  }
  finish(response, id);
  return response;
}

Response own_refusal(Refusal why, const Moment& at) {
  const std::string id = request_id(at);
  Response response = error_answer(error_of(why), id);
  finish(response, id);
  return response;
}

}  // namespace lntpay::host
