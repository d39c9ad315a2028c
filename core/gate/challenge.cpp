// Creating a challenge, or finding the one that the client holds.
#include "core/gate/challenge.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/charge/challenge_issue.hpp"
#include "core/charge/challenge_settlement.hpp"
#include "core/gate/credential.hpp"
#include "core/gate/sold_terms.hpp"

namespace lntpay {
namespace {

/// The network's name in the Payment scheme.
std::string_view network_of(const TenantScope& tenant, const Settings& settings) {
  if (tenant.environment == Environment::test) return "regtest";
  return settings.live_network == "bitcoin" ? std::string_view("mainnet") : settings.live_network;
}

std::vector<std::string> offers_of(Context& cx, const EnteredGate& at, const Charge& charge, const Terms& terms) {
  std::vector<std::string> offers;
  const auto secret = at.secret.reveal();
  if (std::ranges::contains(at.gate.schemes, GateScheme::l402)) {
    const auto macaroon = issue_macaroon(secret, charge.payment_hash, cx.random.bytes32(), terms);
    const auto token = base64(Base64::standard, bytes_of(macaroon.binary()));
    offers.push_back("L402 macaroon=\"" + token + "\", invoice=\"" + charge.bolt11 + R"(", version="0", token=")" + token + '"');
  }
  if (std::ranges::contains(at.gate.schemes, GateScheme::payment)) {
    const OfferedInvoice invoice{charge.payment_hash, charge.bolt11, network_of(at.tenant, cx.settings), charge.expires_at};
    offers.push_back(challenge_header(issue_payment_challenge(secret, cx.settings.base_url, invoice, terms)));
  }
  return offers;
}

/// A held challenge, if it can be offered again.
Task<Result<std::optional<Charge>>> find_open(Context& cx, const EnteredGate& at, HeldChallenge held, std::string sold,
                                              Msat price) {
  auto charge = co_await find_by_hash(cx, at.tenant, held.payment_hash);
  const bool same = charge && charge->status == ChargeStatus::pending && charge->external_id == at.gate.id.text() &&
                    charge->amount == price && charge->gate_terms == sold && charge->expires_at > cx.now() + held.left_min;
  if (!same) co_return std::nullopt;
  co_return std::move(charge);
}

/// The description of the invoice, which payers read: never a pattern such as "* /*".
std::string description_of(const Gate& gate, const RequestMatch& resource) {
  if (!gate.name.empty() && !gate.name.contains('*')) return gate.name;
  return (resource.method + " " + resource.path).substr(0, bolt11::description_bytes_max);
}

Task<Result<Charge>> make(Context& cx, const EnteredGate& at, const Quote& quote, std::string sold, GateClientId client,
                          IdempotencyClaim claim) {
  if (at.gate.closed_at) co_return fail(ErrorCode::not_found, "This gate is closed: it sells nothing any more.");
  co_await take_places(cx, at.tenant, at.gate.id.text(), client, cx.host_now() + seconds(challenge_expires_in_s));
  co_return co_await issue_challenge(cx, at.tenant,
                                     {.gate = at.gate.id,
                                      .amount = quote.price,
                                      .description = description_of(at.gate, quote.resource),
                                      .gate_terms = std::move(sold),
                                      .late_policy = at.gate.late_policy,
                                      .client = std::move(client)},
                                     claim.without_answer());
}

}  // namespace

Task<Result<Challenge>> challenge(Context& cx, const EnteredGate& at, Quote quote, std::optional<HeldChallenge> held,
                                  GateClientId client, IdempotencyClaim claim) {
  const auto sold = sold_terms(at.gate, quote);
  std::optional<Charge> charge;
  if (held) charge = co_await find_open(cx, at, *held, to_row(sold), quote.price);
  if (!charge) charge = co_await make(cx, at, quote, to_row(sold), std::move(client), std::move(claim));
  auto terms = terms_for(at, sold, least_of(*charge), charge->expires_at);
  auto offers = offers_of(cx, at, *charge, terms);
  co_return Challenge{std::move(*charge), std::move(terms), std::move(offers)};
}

}  // namespace lntpay
