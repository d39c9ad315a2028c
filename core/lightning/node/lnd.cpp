// Calls to lnd's REST gateway.
#include "core/lightning/node/lnd.hpp"

#include <algorithm>

#include "core/base/time.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t call_timeout_ms = 15'000;

/// Responses grow with their HTLCs, and a truncated one cannot be read: a payment of a thousand attempts is about 3 MB.
constexpr std::uint32_t response_bytes_max = 8U << 20;

}  // namespace

namespace lnd {

Outgoing request_for(std::string_view upstream, std::string target, std::string body) {
  Outgoing request{
      .upstream = std::string(upstream),
      .method = body.empty() ? "GET" : "POST",
      .target = std::move(target),
      .headers = {},
      .body = std::move(body),
      .timeout_ms = call_timeout_ms,
      .body_limit = response_bytes_max,
  };
  if (!request.body.empty()) request.headers.push_back({"content-type", "application/json"});
  return request;
}

UnixMillis node_time(const Response& response) {
  const auto date = std::ranges::find(response.headers, "date", &Header::name);
  return date == response.headers.end() ? UnixMillis{} : parse_imf_fixdate(date->value).value_or(UnixMillis{});
}

std::unexpected<Error> unavailable(const Refusal& refusal) {
  const auto reason = definite_reason(refusal);
  return fail(ErrorCode::node_unavailable,
              "The Lightning node refused the request" + (reason ? ": " + std::string(*reason) : std::string{}) + ".");
}

}  // namespace lnd

Task<Reply> LndNode::fetch(Outgoing request) {
  std::vector<Outgoing> requests;
  requests.push_back(std::move(request));
  auto replies = co_await cx_.fetch.send_all(std::move(requests));
  if (replies.empty()) co_return NoAnswer{"no response from the host"};
  // For a payment, not tried and not sent are the same: nothing left the host. What follows a semicolon names certificates: it is
  // for the host's log and `lntpay doctor`, and not for users.
  if (const auto* reason = reason_unsent(replies.front())) co_return NotSent{reason->substr(0, reason->find(';'))};
  co_return std::move(replies.front());
}

Task<Result<LndNode::Answer>> LndNode::call(Outgoing request) {
  const auto reply = co_await fetch(std::move(request));
  sent_ = !std::holds_alternative<NotSent>(reply);
  const auto* answered = std::get_if<Answered>(&reply);
  auto object = answered != nullptr ? lnd::read_message(answered->response.body) : std::nullopt;
  if (!object) co_return fail(ErrorCode::node_unavailable);
  const auto at = lnd::node_time(answered->response);
  if (answered->response.status == 200) co_return Answer{.object = std::move(*object), .refusal = {}, .node_time = at};
  auto refusal = lnd::refusal_in(*object);
  if (!refusal) co_return fail(ErrorCode::node_unavailable);
  co_return Answer{.object = {}, .refusal = std::move(refusal), .node_time = at};
}

}  // namespace lntpay
