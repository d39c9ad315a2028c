// /gate/{gate}/…: for proxies that check a request before they forward it (nginx auth_request, Caddy forward_auth, Traefik, Envoy).
// Their own request describes the client's: its method and target in headers, its Authorization unchanged.
#include "edge/gate/gate_problem.hpp"
#include "edge/gate/passage.hpp"
#include "edge/http/answer.hpp"
#include "edge/http/request.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace forward_auth_resource {
namespace {

using enum ErrorCode;

constexpr std::string_view unpaid_answers[] = {"402"};
constexpr Field authorize_query[] = {
    {.name = "unpaid",
     .type = FieldType::one_of,
     .description = "402: respond with the challenge itself, for a proxy that returns the response to the client.",
     .names = unpaid_answers},
};

/// The value of two headers with one meaning. A proxy sets one and forwards the other as the client sent it, so they must agree.
Result<std::string> set_by_proxy(const Request& request, std::string_view one, std::string_view other) {
  std::optional<std::string_view> found;
  for (const auto name : {one, other}) {
    const auto value = only_header(request, name);
    if (!value) return std::unexpected(value.error());
    if (*value && found && *found != **value) {
      return fail(ErrorCode::invalid_request, "The headers " + std::string(one) + " and " + std::string(other) +
                                                  " differ. Configure the proxy to set one and remove the other.");
    }
    if (*value) found = **value;
  }
  if (!found) {
    return fail(ErrorCode::invalid_request, "The proxy did not describe the request. Configure it to set " + std::string(one) +
                                                " or " + std::string(other) + ".");
  }
  return std::string(*found);
}

Result<Visit> visit_of(const Request& request) {
  const auto method = set_by_proxy(request, "x-forwarded-method", "x-original-method");
  if (!method) return std::unexpected(method.error());
  const auto uri = set_by_proxy(request, "x-forwarded-uri", "x-original-uri");
  if (!uri) return std::unexpected(uri.error());
  const auto [path, query] = split_target(*uri);
  auto asked = request_match(*method, path);
  if (!asked) return std::unexpected(asked.error());
  return Visit{std::move(*asked), std::string(query), request.headers, gate_client_of(client_address(request))};
}

Task<Result<std::string>> answer_with(Call& call, Response response) {
  call.status = response.status;
  call.headers = std::move(response.headers);
  co_return std::move(response.body);
}

/// Whether the client's request may pass; the use of a proxy's request is committed with the check.
Task<Result<Response>> authorized(Call& call, const EnteredGate& at) {
  const auto visit = co_await visit_of(call.request);
  if (is_preflight(visit)) co_return empty_answer();
  const auto how = at.gate.commit == GateCommit::explicitly ? ClaimMode::reserve : ClaimMode::commit;
  auto verdict = co_await check_visit(call.cx, at, visit, how);
  if (const auto* passed = std::get_if<Passed>(&verdict)) co_return Response{204, authorization_headers(call.cx, *passed, how), {}};
  auto& refused = std::get<Refused>(verdict);
  if (!call.query.text("unpaid")) co_return plain_refusal(call.cx, refused);
  co_return co_await attempt(refusal_answer(call.cx, at, visit, std::move(refused)));
}

/// nginx takes 401 and 403 from auth_request and turns any other status into 500. With 401 it asks /challenge, whose response is
/// the client's: also where the path is ambiguous or not the gate's.
Done authorize(Call& call) {
  const auto at = co_await enter_gate(call.cx, co_await path_id<GateId>(call));
  auto answer = co_await attempt(authorized(call, *at));
  const bool must_be_401 = !call.query.text("unpaid") && (answer ? answer->status != 204 : answer.error().code == invalid_request);
  if (must_be_401 && !answer) answer = error_answer(answer.error(), call.cx.request_id);
  auto response = co_await std::move(answer);
  if (must_be_401) response.status = 401;
  co_return co_await answer_with(call, std::move(response));
}

Done challenge_client(Call& call) {
  const auto at = co_await enter_gate(call.cx, co_await path_id<GateId>(call));
  const auto visit = co_await visit_of(call.request);
  if (is_preflight(visit)) co_return fail(invalid_request, "A preflight is never priced: /authorize lets it pass to the service.");
  auto verdict = co_await check_visit(call.cx, *at, visit, ClaimMode::check_only);
  auto* refused = std::get_if<Refused>(&verdict);
  // Refused a moment ago and valid now: the use was being served.
  Refused again{.why = {.code = ErrorCode::redemption_in_progress, .retry_after_s = 1}};
  co_return co_await answer_with(
      call, co_await refusal_answer(call.cx, *at, visit, refused != nullptr ? std::move(*refused) : std::move(again)));
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/gate/{gate}/authorize",
     .summary = "For a proxy: 204 if the client's request may pass, else 401",
     .handler = authorize,
     .access = Access::open,
     .query = authorize_query,
     .success = 204,
     .answer = problem_fields,
     .errors = challenge_errors},
    {.method = "GET",
     .pattern = "/gate/{gate}/challenge",
     .summary = "For a proxy: the response to a client whose request may not pass",
     .handler = challenge_client,
     .access = Access::open,
     .success = 402,
     .answer = problem_fields,
     .errors = challenge_errors},
};

}  // namespace
}  // namespace forward_auth_resource

std::span<const Route> resources::forward_auth() { return forward_auth_resource::routes; }

}  // namespace lntpay
