// Problems, pages and preflights.
#include "edge/gate/gate_answer.hpp"

#include <algorithm>

#include "core/charge/checkout_token.hpp"
#include "core/gate/asked_price.hpp"
#include "core/gate/browser.hpp"
#include "core/request/header_line.hpp"
#include "edge/gate/gate_problem.hpp"
#include "edge/http/answer.hpp"
#include "edge/pages/checkout_page.hpp"
#include "edge/pages/failure_page.hpp"

namespace lntpay {
namespace {

Response problem_answer(const ProblemView& view) {
  const auto& refused = view.refused;
  auto response = json_answer(status_of(refused), problem_object.text(view));
  set_header(response, "content-type", "application/problem+json");
  if (refused.why.retry_after_s > 0) set_header(response, "retry-after", std::to_string(refused.why.retry_after_s));
  return response;
}

/// The page that a browser gets in place of the problem: the checkout page, or the state of its payment.
Response page_answer(Context& cx, const EnteredGate& at, const Refused& refused, const Charge& charge, const PageLook& look) {
  const auto link = checkout_url(cx.settings, at.tenant, charge);
  const auto origin = link.substr(0, link.find('/', link.find("://") + 3));
  Response response{status_of(refused), page_headers(origin, look),
                    checkout_page({charge, at.tenant.environment, cx.now(), link, look})};
  for (const auto& cookie : refused.cookies) response.headers.push_back({"set-cookie", cookie});
  return response;
}

bool is_for_later(const Error& why) {
  constexpr std::uint16_t too_many = 429;
  constexpr std::uint16_t unavailable = 503;
  const auto status = info(why.code).status;
  return status == too_many || status == unavailable;
}

std::string_view line_of(const Visit& visit, std::string_view name) { return only_line(visit.headers, name).value.value_or(""); }

}  // namespace

std::uint16_t status_of(const Refused& refused) {
  constexpr std::uint16_t payment_required = 402;
  const bool must_pay = refused.why.code == ErrorCode::unauthenticated && refused.presented != Presented::failing;
  return must_pay ? payment_required : info(refused.why.code).status;
}

Response plain_refusal(const Context& cx, const Refused& refused) {
  return problem_answer({.refused = refused, .request_id = cx.request_id});
}

Task<Result<Challenge>> challenge_for(Context& cx, const EnteredGate& at, const Visit& visit, const Refused& refused) {
  auto quote = co_await quote_for(cx, at, resource_of(at, visit), visit.size);
  co_return co_await challenge(cx, at, std::move(quote), refused.held, visit.client);
}

Task<Result<Response>> refusal_answer(Context& cx, const EnteredGate& at, const Visit& visit, Refused refused) {
  const bool browser = is_browser(visit.headers);
  if (refused.why.code != ErrorCode::unauthenticated)
    co_return browser ? failure_page(refused.why, visit.headers) : plain_refusal(cx, refused);
  const bool page = browser && (refused.presented == Presented::nothing || refused.presented == Presented::cookie);
  const auto look = page ? co_await page_look(cx, at.tenant.workspace, visit.headers) : PageLook{};
  if (page && refused.paid_in_vain) co_return page_answer(cx, at, refused, *refused.paid_in_vain, look);
  auto offered = co_await attempt(challenge_for(cx, at, visit, refused));
  if (!offered && page && is_for_later(offered.error())) co_return failure_page(offered.error(), visit.headers);
  if (!offered) co_return std::unexpected(std::move(offered.error()));
  const auto& [charge, terms, offers] = *offered;
  auto response = page ? page_answer(cx, at, refused, charge, look) : problem_answer({refused, cx.request_id, &charge});
  if (page) response.headers.push_back({"set-cookie", browser_cookie(cx, at, charge, terms, visit.headers)});
  for (const auto& offer : offers) response.headers.push_back({"www-authenticate", offer});
  set_header(response, "vary", page ? "Accept, Accept-Language, Authorization, Cookie" : "Accept, Authorization, Cookie");
  co_return response;
}

bool is_preflight(const Visit& visit) {
  return visit.asked.method == "OPTIONS" && !line_of(visit, "origin").empty() &&
         !line_of(visit, "access-control-request-method").empty();
}

Result<Response> preflight_answer(const EnteredGate& at, const Visit& visit) {
  const RequestMatch announced{std::string(line_of(visit, "access-control-request-method")), visit.asked.path};
  if (!at.gate.match.covers(priced_request(at.gate.match, announced)))
    return fail(ErrorCode::invalid_request, "This gate guards no such request.");
  auto response = empty_answer();
  set_header(response, "access-control-allow-methods", announced.method);
  if (const auto headers = line_of(visit, "access-control-request-headers"); !headers.empty())
    set_header(response, "access-control-allow-headers", headers);
  set_header(response, "access-control-max-age", "600");
  set_header(response, "vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  return response;
}

}  // namespace lntpay
