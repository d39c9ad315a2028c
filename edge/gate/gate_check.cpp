// The decision about a request at a gate.
#include "edge/gate/gate_check.hpp"

#include "core/charge/challenge_settlement.hpp"
#include "core/gate/asked_price.hpp"
#include "core/gate/browser.hpp"
#include "core/gate/presented.hpp"
#include "core/gate/revocation.hpp"
#include "edge/http/request.hpp"

namespace lntpay {
namespace {

Refused refused(std::string_view why, Presented presented) {
  return {.why = {.code = ErrorCode::unauthenticated, .message = std::string(why)}, .presented = presented};
}

/// Whether this gate made the payment's challenge in that time.
Task<Result<bool>> was_sold(Context& cx, const EnteredGate& at, Bytes32 payment_hash, SoldWhile sold) {
  const auto charge = co_await find_by_hash(cx, at.tenant, payment_hash);
  co_return charge && charge->external_id == at.gate.id.text() && charge->created_at >= sold.from &&
      charge->created_at < sold.until;
}

/// Claims a use. `good_for` is the time that is left of a pass without a limit of uses. `sold`: as in Visit.
Task<Result<Verdict>> admit(Context& cx, const EnteredGate& at, Proof proof, std::optional<SoldWhile> sold, ClaimRequest asked,
                            IdempotencyClaim claim) {
  if (sold && !co_await was_sold(cx, at, proof.payment_hash, *sold))
    co_return refused("This request had another price when the credential was sold.", Presented::payment);
  const auto check_only = asked.how == ClaimMode::check_only;
  auto admitted = co_await attempt(claim_redemption(cx, at, proof, std::move(asked), std::move(claim)));
  if (admitted) {
    const bool reusable = !admitted->redemption && !check_only && at.gate.price_url.empty();
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

constexpr std::string_view dearer = "This request costs more than the credential was sold for. Pay the invoice of a new challenge.";

/// The same, where the credential was sold for a request that costs as much.
Task<Result<Verdict>> admit_at_price(Context& cx, const EnteredGate& at, Proof proof, const Visit& visit, ClaimRequest asked,
                                     IdempotencyClaim claim) {
  if (!co_await covers_price(cx, at, proof.terms, asked.resource, visit.size)) co_return refused(dearer, Presented::payment);
  co_return co_await admit(cx, at, std::move(proof), visit.sold, std::move(asked), std::move(claim));
}

/// Deletes the cookie where the challenge set it and, if a redirect led here, where that did.
void delete_cookie(Refused& refusal, const EnteredGate& at, const Proof& proof, const RequestMatch& here, bool is_redirected) {
  refusal.cookies.push_back(cleared_cookie(at, proof.payment_hash, proof.terms.match));
  if (is_redirected) refusal.cookies.push_back(cleared_cookie(at, proof.payment_hash, here));
}

/// A browser has cookies in place of a credential: one with a paid invoice admits it; others identify the challenges that it holds.
Task<Result<Verdict>> check_browser(Context& cx, const EnteredGate& at, const Visit& visit, ClaimRequest asked,
                                    IdempotencyClaim claim) {
  auto refusal = refused("Pay the invoice of one challenge, then retry the request with its credential.", Presented::nothing);
  for (const auto& shown : read_browser_cookies(cx, at, visit.headers)) {
    const auto& [proof, cookie, is_former] = shown;
    const bool is_redirected = !proof.terms.match.covers(asked.resource);
    if (is_redirected && !co_await is_opened(cx, at.tenant, proof.payment_hash, proof.terms, asked.resource)) continue;
    co_await attempt(notice_payment(cx, at.tenant, proof.payment_hash));
    const auto charge = co_await find_by_hash(cx, at.tenant, proof.payment_hash);
    const bool revoked = is_former && !co_await outlives_revocation(cx, at, proof.terms, proof.payment_hash);
    if (!revoked && charge && charge->status == ChargeStatus::pending) {
      // It can be paid until the node reports it expired, so it is shown to its last second.
      refusal.held = HeldChallenge{proof.payment_hash, Millis{}};
      continue;
    }
    if (!revoked && charge && unlocks(*charge)) {
      if (!co_await covers_price(cx, at, proof.terms, asked.resource, visit.size)) {
        refusal.why.message = dearer;
        continue;
      }
      auto verdict = co_await admit(cx, at, proof, visit.sold, asked, claim);
      if (auto* passed = std::get_if<Passed>(&verdict)) passed->cookie = movable_cookie(cx, at, shown, visit.headers);
      const auto* again = std::get_if<Refused>(&verdict);
      if (again == nullptr || again->why.code != ErrorCode::unauthenticated) co_return verdict;
      refusal.why = again->why;
      refusal.presented = Presented::cookie;
    } else if (charge && has_money(charge->status) && !unlocks(*charge)) {
      refusal.paid_in_vain = charge;
    }
    delete_cookie(refusal, at, proof, asked.resource, is_redirected);
  }
  co_return refusal;
}

}  // namespace

GateClientId gate_client_of(std::string_view client) { return {.client = client_of(client), .network = client_network_of(client)}; }

RequestMatch resource_of(const EnteredGate& at, const Visit& visit) { return priced_request(at.gate.match, visit.asked); }

Task<Result<Verdict>> check_visit(Context& cx, const EnteredGate& at, const Visit& visit, ClaimMode how, IdempotencyClaim claim) {
  ClaimRequest asked{.resource = resource_of(at, visit), .query = visit.query, .how = how};
  if (!visit.sold && !at.gate.match.covers(asked.resource)) {
    co_return fail(ErrorCode::invalid_request, "This gate guards " + at.gate.match.method + " " + at.gate.match.path +
                                                   ". Send it only such requests, or change its match.");
  }
  const auto shown = read_credential_headers(visit.headers).credentials;
  const auto* known = shown.size() == 1 ? at.verified->find(shown.front().text) : nullptr;
  if (known != nullptr && known->terms.valid_until > cx.now()) {
    asked.is_known = true;
    co_return co_await admit_at_price(cx, at, *known, visit, std::move(asked), std::move(claim));
  }

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
  // A use is claimed on the proof alone, and the claim asks the node; here the time of the payment matters.
  if (is_former) co_await attempt(notice_payment(cx, at.tenant, proof.payment_hash));
  if (is_former && !co_await outlives_revocation(cx, at, proof.terms, proof.payment_hash))
    co_return refused("This credential has been revoked. Pay the invoice of a new challenge.", Presented::payment);
  if (shown.size() == 1 && !is_former) at.verified->keep(shown.front().text, proof);
  co_return co_await admit_at_price(cx, at, proof, visit, std::move(asked), std::move(claim));
}

}  // namespace lntpay
