// Sessions of the engine, repeated with a growing backoff.
#include "host-adapters/server/gates/api_calls.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "host-adapters/server/http/asio.hpp"

namespace lntpay::host {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

constexpr int calls_max = 8;
constexpr std::chrono::milliseconds first_pause{100};  // doubled

bool is_passing_status(std::uint16_t status) {
  constexpr std::uint16_t in_progress = 409;  // an earlier call with this Idempotency-Key
  constexpr std::uint16_t too_many = 429;
  constexpr std::uint16_t unavailable = 503;
  return status == in_progress || status == too_many || status == unavailable;
}

bool is_key_refused(std::uint16_t status) {
  constexpr std::uint16_t unauthenticated = 401;
  constexpr std::uint16_t forbidden = 403;
  return status == unauthenticated || status == forbidden;
}

}  // namespace

LoadError error_in(const Response& response) {
  const auto read = json::parse(response.body, nullptr, false);
  const auto error = read.is_object() ? read.value("error", json::object()) : json::object();
  auto message = error.is_object() ? error.value("message", std::string()) : std::string();
  if (message.ends_with('.')) message.pop_back();
  auto reason = std::to_string(response.status) + (message.empty() ? "" : " " + message);
  if (is_key_refused(response.status))
    reason += ". The key needs the scopes gates:read and gates:write: name it in api_key_file or in LNTPAY_API_KEY";
  return {std::move(reason), is_passing_status(response.status)};
}

asio::awaitable<Response> ApiCalls::call(Request request) {
  auto pause = first_pause;
  for (int i = 1;; ++i) {
    auto outcome = co_await ask_engine(io_, submit_, input::Http{request});
    auto response = std::move(outcome.response).value_or(Response{503, {}, ""});
    if (!is_passing_status(response.status) || i == calls_max) co_return response;
    asio::steady_timer timer(io_, std::exchange(pause, pause * 2));
    co_await timer.async_wait(as_result);
  }
}

asio::awaitable<std::expected<json, LoadError>> ApiCalls::object(std::string method, std::string target, std::string body,
                                                                 std::string idempotency_key) {
  Request request{.method = std::move(method),
                  .target = std::move(target),
                  .headers = {{"host", "localhost"}},
                  .body = std::move(body),
                  .client = "127.0.0.1"};
  if (!api_key_.empty()) request.headers.push_back({"authorization", "Bearer " + api_key_});
  if (!request.body.empty()) request.headers.push_back({"content-type", "application/json"});
  if (!idempotency_key.empty()) request.headers.push_back({"idempotency-key", std::move(idempotency_key)});
  const auto response = co_await call(std::move(request));
  auto read = json::parse(response.body, nullptr, false);
  if (response.status >= 200 && response.status < 300 && read.is_object()) co_return std::move(read);
  co_return std::unexpected(error_in(response));
}

}  // namespace lntpay::host
