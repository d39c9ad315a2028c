// Creating a challenge, or finding the one that the client holds.
#include "core/gate/challenge.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/charge/charge_creation.hpp"
#include "core/gate/browser.hpp"
#include "core/gate/credential.hpp"
#include "core/request/rate_limit.hpp"

namespace lntpay {
namespace {

/// A pass is valid for its full time even if it is paid at the last moment.
UnixMillis valid_until(const Gate& gate, UnixMillis invoice_expires_at) {
  const auto pass = gate.mode == GateMode::pass ? seconds(static_cast<std::int64_t>(gate.ttl_s)) : Millis{};
  // Without a use limit a pass lasts no longer than sold.
  const auto life = gate.mode == GateMode::pass && !gate.uses ? pass : std::max(pass, credential_life_min);
  return invoice_expires_at + life;
}

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

/// The charge of a held challenge, if it can be offered again.
Task<Result<std::optional<Charge>>> find_open(Context& cx, const EnteredGate& at, HeldChallenge held) {
  auto charge = co_await challenged_charge(cx, at, held.payment_hash);
  const bool same = charge && charge->status == ChargeStatus::pending && charge->external_id == at.gate.id.text() &&
                    charge->amount == at.gate.price && charge->expires_at > cx.now() + held.left_min;
  if (!same) co_return std::nullopt;
  co_return std::move(charge);
}

Task<Result<>> take_quota(Context& cx, std::string key, RateLimit limit) {
  const auto state = co_await ratelimit::take(cx, std::move(key), limit);
  if (!state.allowed) co_return std::unexpected(ratelimit::exceeded(state));
  co_return {};
}

/// The description of the invoice.
std::string description_of(const Gate& gate) {
  if (!gate.name.empty()) return gate.name;
  return (gate.match.method + " " + gate.match.path).substr(0, bolt11::description_bytes_max);
}

Task<Result<Charge>> make(Context& cx, const EnteredGate& at, std::string client, IdempotencyClaim claim) {
  // The gate's quota is a durable row, which a restart does not reset. The quotas of clients are volatile.
  const auto gate = at.gate.id.text();
  co_await take_quota(cx, "~" + std::string(at.tenant.shard().text()) + "/minting/" + gate + "/" + client,
                      cx.settings.challenges_per_client);
  co_await take_quota(cx, at.tenant.key("minting", gate), cx.settings.challenges_per_gate);
  auto made = co_await create_charge(cx, at.tenant,
                                     {.amount = at.gate.price,
                                      .description = description_of(at.gate),
                                      .expires_in_s = challenge_expires_in_s,
                                      .external_id = gate},
                                     claim.without_answer());
  co_return std::move(made.charge);
}

}  // namespace

Terms terms_for(const EnteredGate& at, const RequestMatch& resource, UnixMillis invoice_expires_at) {
  const auto until_s = valid_until(at.gate, invoice_expires_at).value / 1'000;
  return {.environment = at.tenant.environment,
          .gate = at.gate.id,
          .match = at.gate.mode == GateMode::pass ? at.gate.match : resource,
          .price = at.gate.price,
          .mode = at.gate.mode,
          .uses = at.gate.mode == GateMode::pass ? at.gate.uses : std::optional<std::uint64_t>(1),
          .valid_until = UnixMillis{until_s * 1'000}};
}

Task<Result<Challenge>> challenge(Context& cx, const EnteredGate& at, RequestMatch resource, std::optional<HeldChallenge> held,
                                  std::string client, IdempotencyClaim claim) {
  std::optional<Charge> charge;
  if (held) charge = co_await find_open(cx, at, *held);
  if (!charge) charge = co_await make(cx, at, std::move(client), std::move(claim));
  auto offers = offers_of(cx, at, *charge, terms_for(at, resource, charge->expires_at));
  co_return Challenge{std::move(*charge), std::move(offers)};
}

}  // namespace lntpay
