// The decision about a request at a gate, and the response to a refused client.
#include "edge/gate/gate_check.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/charge/checkout_token.hpp"
#include "core/gate/browser.hpp"
#include "core/request/header_line.hpp"
#include "edge/gate/gate_problem.hpp"
#include "edge/http/answer.hpp"
#include "edge/pages/checkout_page.hpp"

namespace lntpay {
namespace {

std::string name_of(const RequestMatch& match) { return match.method + " " + match.path; }

Result<Proof> fits(Proof proof, const EnteredGate& at, const RequestMatch& resource) {
  const auto& terms = proof.terms;
  if (terms.environment != at.tenant.environment || terms.gate != at.gate.id || !terms.match.covers(resource)) {
    return fail(ErrorCode::unauthenticated,
                "This credential is for " + name_of(terms.match) + ". Pay the invoice of a new challenge.");
  }
  return proof;
}

Response problem_answer(const ProblemView& view) {
  const auto& refused = view.refused;
  auto response = json_answer(status_of(refused), problem_object.text(view));
  set_header(response, "content-type", "application/problem+json");
  if (refused.why.retry_after_s > 0) set_header(response, "retry-after", std::to_string(refused.why.retry_after_s));
  return response;
}

Task<Result<Verdict>> admit(Context& cx, const EnteredGate& at, Proof proof, ClaimMode how, IdempotencyClaim claim) {
  auto admitted = co_await attempt(claim_redemption(cx, at, proof, how, std::move(claim)));
  if (admitted) {
    const bool counted = admitted->redemption.has_value();
    co_return Passed{std::move(*admitted), payment_receipt(cx.now(), hex(proof.payment_hash), proof.challenge_id),
                     counted || how == ClaimMode::check_only ? Millis{} : proof.terms.valid_until - cx.now()};
  }
  const auto code = admitted.error().code;
  if (code != ErrorCode::unauthenticated && code != ErrorCode::redemption_in_progress)
    co_return std::unexpected(std::move(admitted.error()));
  co_return Refused{.why = std::move(admitted.error())};
}

/// A browser has cookies in place of a credential: one with a paid invoice admits it; others identify the challenges that it holds.
Task<Result<Verdict>> check_browser(Context& cx, const EnteredGate& at, const Visit& visit, ClaimMode how, IdempotencyClaim claim) {
  Refused refused{.why = {.code = ErrorCode::unauthenticated,
                          .message = "Pay the invoice of one challenge, then retry the request with its credential."},
                  .presented = Presented::nothing};
  for (const auto& proof : read_browser_cookies(cx, at, visit.headers)) {
    if (!fits(proof, at, visit.resource)) continue;
    const auto charge = co_await challenged_charge(cx, at, proof.payment_hash);
    if (charge && charge->status == ChargeStatus::pending) {
      // It can be paid until the node reports it expired, so it is shown to its last second.
      refused.held = HeldChallenge{proof.payment_hash, Millis{}};
      continue;
    }
    if (charge && unlocks(*charge)) {
      auto verdict = co_await admit(cx, at, proof, how, claim);
      const auto* again = std::get_if<Refused>(&verdict);
      if (again == nullptr || again->why.code != ErrorCode::unauthenticated) co_return verdict;
      refused.why = again->why;
      refused.presented = Presented::cookie;
    } else if (charge && has_money(charge->status)) {
      refused.paid_in_vain = charge;
    }
    refused.cookies.push_back(cleared_cookie(at, proof));
  }
  co_return refused;
}

/// The page that a browser gets in place of the problem: the checkout page, or the state of its payment.
Response page_answer(Context& cx, const EnteredGate& at, const Visit& visit, const Refused& refused, const Charge& charge) {
  const auto link = checkout_url(cx.settings, at.tenant, charge.id);
  const auto origin = link.substr(0, link.find('/', link.find("://") + 3));
  Response response{status_of(refused), page_headers(origin), checkout_page({charge, at.tenant.environment, cx.now(), link})};
  for (const auto& cookie : refused.cookies) response.headers.push_back({"set-cookie", cookie});
  if (is_final(charge.status)) return response;
  auto cookie = browser_cookie(cx, at, charge, terms_for(at, visit.resource, charge.expires_at), visit.headers);
  response.headers.push_back({"set-cookie", std::move(cookie)});
  return response;
}

bool is_for_later(const Error& why) {
  constexpr std::uint16_t too_many = 429;
  constexpr std::uint16_t unavailable = 503;
  const auto status = info(why.code).status;
  return status == too_many || status == unavailable;
}

/// The page that a browser gets in place of a temporary error.
Response later_answer(const Error& why) {
  constexpr std::uint32_t usual_s = 5;
  const auto& known = info(why.code);
  const auto again_after_s = why.retry_after_s > 0 ? why.retry_after_s : usual_s;
  const auto said = why.message.empty() ? known.sentence : std::string_view(why.message);
  Response response{known.status, page_headers(), later_page(said, again_after_s)};
  set_header(response, "retry-after", std::to_string(again_after_s));
  return response;
}

}  // namespace

std::uint16_t status_of(const Refused& refused) {
  constexpr std::uint16_t payment_required = 402;
  return refused.presented == Presented::nothing ? payment_required : info(refused.why.code).status;
}

Task<Result<Verdict>> check_visit(Context& cx, const EnteredGate& at, const Visit& visit, ClaimMode how, IdempotencyClaim claim) {
  if (!at.gate.match.covers(visit.resource)) {
    co_return fail(ErrorCode::invalid_request,
                   "This gate guards " + name_of(at.gate.match) + ". Send it only such requests, or change its match.");
  }
  const auto authorization = only_line(visit.headers, "authorization");
  if (const auto* known = at.verified->find(authorization.value.value_or(""));
      known != nullptr && known->terms.valid_until > cx.now()) {
    if (auto proof = fits(*known, at, visit.resource)) co_return co_await admit(cx, at, std::move(*proof), how, std::move(claim));
  }
  auto shown = read_credential(authorization);
  if (!shown) co_return Refused{.why = shown.error()};
  if (!*shown) co_return co_await check_browser(cx, at, visit, how, std::move(claim));
  const auto issued = open_credential(**shown, at.secret.reveal());
  if (!issued) co_return Refused{.why = issued.error()};
  const auto proof = verify_paid(*issued, cx.now()).and_then([&](Proof good) { return fits(std::move(good), at, visit.resource); });
  if (!proof) {
    const auto held = fits(issued->proof, at, visit.resource).transform([](const Proof& unpaid) {
      return std::optional(HeldChallenge{unpaid.payment_hash});
    });
    co_return Refused{.why = proof.error(), .held = held.value_or(std::nullopt)};
  }
  at.verified->keep(*authorization.value, *proof);
  co_return co_await admit(cx, at, *proof, how, std::move(claim));
}

std::vector<Header> pass_headers(const Passed& passed) {
  const auto& [redemption, reservation] = passed.admission;
  return {{"payment-receipt", passed.receipt},
          {"lntpay-redemption-id", redemption ? redemption->text() : ""},
          {"lntpay-reservation", redemption ? std::to_string(reservation) : ""}};
}

Response plain_refusal(const Refused& refused) { return problem_answer({refused}); }

Task<Result<Response>> refusal_answer(Context& cx, const EnteredGate& at, const Visit& visit, Refused refused) {
  const bool browser = is_browser(visit.headers);
  if (refused.why.code != ErrorCode::unauthenticated) co_return browser ? later_answer(refused.why) : plain_refusal(refused);
  const bool page = browser && refused.presented != Presented::credential;
  if (page && refused.paid_in_vain) co_return page_answer(cx, at, visit, refused, *refused.paid_in_vain);
  auto offered = co_await attempt(challenge(cx, at, visit.resource, refused.held, visit.client));
  if (!offered && page && is_for_later(offered.error())) co_return later_answer(offered.error());
  if (!offered) co_return std::unexpected(std::move(offered.error()));
  const auto& [charge, offers] = *offered;
  auto response = page ? page_answer(cx, at, visit, refused, charge) : problem_answer({refused, &charge});
  for (const auto& offer : offers) response.headers.push_back({"www-authenticate", offer});
  set_header(response, "vary", "Accept, Authorization, Cookie");
  co_return response;
}

}  // namespace lntpay
