// The decision about a request at a gate.
#include "edge/gate/gate_check.hpp"

#include "core/gate/browser.hpp"
#include "core/gate/presented.hpp"
#include "core/gate/revocation.hpp"
#include "edge/http/request.hpp"

namespace lntpay {
namespace {

Refused refused(std::string_view why, Presented presented) {
  return {.why = {.code = ErrorCode::unauthenticated, .message = std::string(why)}, .presented = presented};
}

/// Claims a use. `good_for` is the time that is left of a pass without a limit of uses.
Task<Result<Verdict>> admit(Context& cx, const EnteredGate& at, Proof proof, ClaimRequest asked, IdempotencyClaim claim) {
  const auto check_only = asked.how == ClaimMode::check_only;
  auto admitted = co_await attempt(claim_redemption(cx, at, proof, std::move(asked), std::move(claim)));
  if (admitted) {
    const bool reusable = !admitted->redemption && !check_only;
    co_return Passed{.admission = std::move(*admitted),
                     .payment_hash = proof.payment_hash,
                     .challenge_id = std::move(proof.challenge_id),
                     .good_for = reusable ? proof.terms.valid_until - cx.now() : Millis{}};
  }
  const auto code = admitted.error().code;
  if (code != ErrorCode::unauthenticated && code != ErrorCode::redemption_in_progress)
    co_return std::unexpected(std::move(admitted.error()));
  co_return Refused{.why = std::move(admitted.error()), .presented = Presented::payment};
}

/// A browser has cookies in place of a credential: one with a paid invoice admits it; others identify the challenges that it holds.
Task<Result<Verdict>> check_browser(Context& cx, const EnteredGate& at, const Visit& visit, ClaimRequest asked,
                                    IdempotencyClaim claim) {
  auto refusal = refused("Pay the invoice of one challenge, then retry the request with its credential.", Presented::nothing);
  for (const auto& [proof, is_former] : read_browser_cookies(cx, at, visit.headers)) {
    if (!proof.terms.match.covers(asked.resource)) continue;
    const auto charge = co_await challenged_charge(cx, at, proof.payment_hash);
    const bool revoked = is_former && !co_await outlives_revocation(cx, at, proof.terms, proof.payment_hash);
    if (!revoked && charge && charge->status == ChargeStatus::pending) {
      // It can be paid until the node reports it expired, so it is shown to its last second.
      refusal.held = HeldChallenge{proof.payment_hash, Millis{}};
      continue;
    }
    if (!revoked && charge && unlocks(*charge)) {
      auto verdict = co_await admit(cx, at, proof, asked, claim);
      const auto* again = std::get_if<Refused>(&verdict);
      if (again == nullptr || again->why.code != ErrorCode::unauthenticated) co_return verdict;
      refusal.why = again->why;
      refusal.presented = Presented::cookie;
    } else if (charge && has_money(charge->status) && !unlocks(*charge)) {
      refusal.paid_in_vain = charge;
    }
    refusal.cookies.push_back(cleared_cookie(at, proof));
  }
  co_return refusal;
}

}  // namespace

GateClientId gate_client_of(const Request& request) {
  return {.client = client_of(request), .network = client_network_of(request)};
}

RequestMatch resource_of(const EnteredGate& at, const Visit& visit) { return priced_request(at.gate.match, visit.asked); }

Task<Result<Verdict>> check_visit(Context& cx, const EnteredGate& at, const Visit& visit, ClaimMode how, IdempotencyClaim claim) {
  ClaimRequest asked{.resource = resource_of(at, visit), .client = visit.client, .how = how};
  if (!at.gate.match.covers(asked.resource)) {
    co_return fail(ErrorCode::invalid_request, "This gate guards " + at.gate.match.method + " " + at.gate.match.path +
                                                   ". Send it only such requests, or change its match.");
  }
  const auto shown = read_credential_headers(visit.headers).credentials;
  const auto* known = shown.size() == 1 ? at.verified->find(shown.front().text) : nullptr;
  if (known != nullptr && known->terms.valid_until > cx.now())
    co_return co_await admit(cx, at, *known, std::move(asked), std::move(claim));

  const auto presented = open_presented(shown, at);
  if (!presented) co_return Refused{.why = presented.error()};
  if (!*presented) co_return co_await check_browser(cx, at, visit, std::move(asked), std::move(claim));
  const auto& [issued, is_former] = **presented;
  const auto& proof = issued.proof;
  if (!is_paid(issued)) {
    auto failing = refused("The preimage does not match this challenge's invoice. Send the one that you received for the payment.",
                           Presented::failing);
    if (proof.terms.match.covers(asked.resource)) failing.held = HeldChallenge{proof.payment_hash};
    co_return failing;
  }
  if (proof.terms.valid_until <= cx.now())
    co_return refused("This credential has expired. Pay the invoice of a new challenge.", Presented::payment);
  if (is_former && !co_await outlives_revocation(cx, at, proof.terms, proof.payment_hash))
    co_return refused("This credential has been revoked. Pay the invoice of a new challenge.", Presented::payment);
  if (shown.size() == 1 && !is_former) at.verified->keep(shown.front().text, proof);
  co_return co_await admit(cx, at, proof, std::move(asked), std::move(claim));
}

}  // namespace lntpay
