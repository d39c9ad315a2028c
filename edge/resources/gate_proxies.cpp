// /gate/{gate}/…: for proxies that ask before they hand a request on (nginx auth_request, Caddy forward_auth, Traefik, Envoy).
// Their own request tells of the client's: its method and target in headers, its Authorization as it came.
#include "edge/http/request.hpp"
#include "edge/resources/gate_check.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {
namespace {

/// One of two headers that say the same; a proxy sets one and passes on the other as any client sends it, so they must agree.
Result<std::string> told_by_proxy(const Request& request, std::string_view one, std::string_view other) {
  std::optional<std::string_view> told;
  for (const auto name : {one, other}) {
    const auto value = only_header(request, name);
    if (!value) return std::unexpected(value.error());
    if (*value && told && *told != **value) {
      return fail(ErrorCode::invalid_request, "The headers " + std::string(one) + " and " + std::string(other) +
                                                  " differ: have the proxy set one and remove the other.");
    }
    if (*value) told = **value;
  }
  if (!told) {
    return fail(ErrorCode::invalid_request, "Have the proxy say which request it asks about: " + std::string(one) + " or " +
                                                std::string(other) + " is missing.");
  }
  return std::string(*told);
}

Result<Visit> visit_of(const Request& request) {
  const auto method = told_by_proxy(request, "x-forwarded-method", "x-original-method");
  if (!method) return std::unexpected(method.error());
  const auto uri = told_by_proxy(request, "x-forwarded-uri", "x-original-uri");
  if (!uri) return std::unexpected(uri.error());
  auto resource = request_match(*method, split_target(*uri).first);
  if (!resource) return std::unexpected(resource.error());
  return Visit{std::move(*resource), request.headers, client_of(request)};
}

Task<Result<std::string>> answer_with(Call& call, Response response) {
  call.status = response.status;
  call.headers = std::move(response.headers);
  co_return std::move(response.body);
}

}  // namespace

Done authorize_gate(Call& call) {
  const auto at = co_await enter_gate(call.cx, co_await path_id<GateId>(call));
  const auto visit = co_await visit_of(call.request);
  const auto how = at->gate.commit == GateCommit::explicitly ? Claiming::reserve : Claiming::commit;
  auto verdict = co_await judge(call.cx, *at, visit, how);
  if (const auto* passed = std::get_if<Passed>(&verdict)) co_return co_await answer_with(call, {204, pass_headers(*passed), {}});
  auto& refused = std::get<Refused>(verdict);
  if (call.query.text("unpaid"))
    co_return co_await answer_with(call, co_await refusal_answer(call.cx, *at, visit, std::move(refused)));
  // nginx knows 401 and 403 from an asker, and makes 500 of anything else: /challenge tells the client which it is.
  auto refusal = plain_refusal(refused);
  refusal.status = 401;
  co_return co_await answer_with(call, std::move(refusal));
}

Done challenge_at_gate(Call& call) {
  const auto at = co_await enter_gate(call.cx, co_await path_id<GateId>(call));
  const auto visit = co_await visit_of(call.request);
  auto verdict = co_await judge(call.cx, *at, visit, Claiming::look);
  auto* refused = std::get_if<Refused>(&verdict);
  // What was refused a moment ago and is good now was being served.
  Refused again{.why = {.code = ErrorCode::redemption_in_progress, .retry_after_s = 1}};
  co_return co_await answer_with(
      call, co_await refusal_answer(call.cx, *at, visit, refused != nullptr ? std::move(*refused) : std::move(again)));
}

}  // namespace lntpay::routes
