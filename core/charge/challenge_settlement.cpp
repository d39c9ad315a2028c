// Credit first, then the challenge's row.
#include "core/charge/challenge_settlement.hpp"

#include "core/base/encoding.hpp"
#include "core/charge/open_challenges.hpp"
#include "core/request/rate_limit.hpp"

namespace lntpay {
namespace {

/// The row points to the charge, which has what it no longer needs.
Task<Result<>> end_challenge(Context& cx, TenantScope tenant, Bytes32 payment_hash, ChargeId charge) {
  std::optional<ChallengeRow> ended;
  co_await retry([&]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<ChallengeRow>(challenge_key(tenant, payment_hash));
    if (!stored || stored->record.state == ChallengeState::settled) co_return {};
    auto row = stored->record;
    row.state = ChallengeState::settled;
    row.charge = charge;
    row.sealed_preimage.clear();
    row.bolt11.clear();
    WriteBatch batch;
    batch.replace(stored->entry, to_row(row));
    remove_due(cx, batch, challenge_work(tenant, payment_hash), row.due_at);
    co_await cx.store.commit(std::move(batch));
    ended = std::move(row);
    co_return {};
  });
  if (ended)
    co_await give_places_back(cx, tenant, ended->gate.text(), {ended->client, ended->network}, cx.on_host(ended->expires_at));
  co_return {};
}

Task<Result<Charge>> charge_of(Context& cx, const TenantScope& tenant, const ChargeId& id) {
  auto stored = co_await cx.store.load<Charge>(charge_key(tenant, id));
  if (!stored) co_return fail(ErrorCode::not_found);
  co_return std::move(stored->record);
}

}  // namespace

Charge unpaid_charge(const ChallengeRow& challenge, UnixMillis now) {
  return {
      .id = {},
      .status = challenge.expires_at > now ? ChargeStatus::pending : ChargeStatus::expired,
      .amount = challenge.amount,
      .description = challenge.description,
      .description_hash = {},
      .external_id = challenge.gate.text(),
      .metadata = {},
      .success_url = {},
      .webhook_url = {},
      .late_policy = challenge.late_policy,
      .payment_hash = challenge.payment_hash,
      .sealed_preimage = {},
      .bolt11 = challenge.bolt11,
      .created_at = challenge.created_at,
      .expires_at = challenge.expires_at,
      .gate_terms = challenge.gate_terms,
  };
}

std::vector<std::string> found_keys(const TenantScope& tenant, const Bytes32& payment_hash) {
  return {challenge_key(tenant, payment_hash), finder_key(tenant.environment, payment_hash)};
}

Result<FoundByHash> read_found(const std::optional<Entry>& challenge, const std::optional<Entry>& finder) {
  FoundByHash found;
  if (challenge) {
    auto row = from_row<ChallengeRow>(*challenge);
    if (!row) return std::unexpected(std::move(row.error()));
    found.challenge = std::move(*row);
  }
  // An `issuing` challenge with the hash of a charge came from repeated randomness: the node refused it an invoice of its own.
  const bool is_charge = finder && (!found.challenge || found.challenge->state == ChallengeState::issuing);
  if (!is_charge) return found;
  auto row = from_row<ChargeFinder>(*finder);
  if (!row) return std::unexpected(std::move(row.error()));
  return FoundByHash{.challenge = {}, .charge = std::move(*row)};
}

Task<Result<std::optional<Charge>>> find_by_hash(Context& cx, TenantScope tenant, Bytes32 payment_hash) {
  const auto rows = co_await cx.store.get_all(found_keys(tenant, payment_hash));
  const auto found = co_await read_found(rows[0], rows[1]);
  if (const auto& challenge = found.challenge) {
    if (challenge->workspace != tenant.workspace || challenge->state == ChallengeState::issuing) co_return std::nullopt;
    if (challenge->state == ChallengeState::issued) co_return unpaid_charge(*challenge, cx.now());
    auto charge = co_await charge_of(cx, tenant, *challenge->charge);
    charge.created_at = challenge->created_at;
    co_return charge;
  }
  if (!found.charge || found.charge->workspace != tenant.workspace) co_return std::nullopt;
  auto stored = co_await cx.store.load<Charge>(charge_key(tenant, found.charge->charge));
  if (!stored) co_return std::nullopt;
  co_return std::move(stored->record);
}

Settlement settlement_of(const TenantScope& tenant, ChallengeRow challenge, NodeInvoice invoice) {
  // The same in every run: the charge's id follows from it.
  invoice.settled_at = invoice.settled_at.value_or(challenge.created_at);
  return {challenge_charge_id(tenant, challenge.payment_hash, *invoice.settled_at), std::move(invoice), std::move(challenge)};
}

Task<Result<>> settle(Context& cx, TenantScope tenant, std::vector<Settlement> settled) {
  co_await credit_settled(cx, tenant, settled);
  for (const auto& each : settled) {
    if (each.challenge) co_await end_challenge(cx, tenant, each.challenge->payment_hash, each.charge);
  }
  co_return {};
}

Task<Result<Charge>> refresh_challenge(Context& cx, TenantScope tenant, Bytes32 payment_hash) {
  auto stored = co_await cx.store.load<ChallengeRow>(challenge_key(tenant, payment_hash));
  if (!stored || stored->record.workspace != tenant.workspace) co_return fail(ErrorCode::not_found);
  auto& challenge = stored->record;
  if (challenge.state == ChallengeState::settled) co_return co_await charge_of(cx, tenant, *challenge.charge);
  const auto node = co_await require_node(cx, tenant);
  auto seen = co_await node->lookup(payment_hash);
  if (seen && seen->state == InvoiceState::settled) {
    const auto settlement = settlement_of(tenant, std::move(challenge), std::move(*seen));
    co_await settle(cx, tenant, {settlement});
    co_return co_await charge_of(cx, tenant, settlement.charge);
  }
  auto charge = unpaid_charge(challenge, cx.now());
  if (seen && seen->state == InvoiceState::canceled) charge.status = ChargeStatus::expired;
  co_return charge;
}

Task<Result<>> notice_payment(Context& cx, TenantScope tenant, Bytes32 payment_hash) {
  const auto key = challenge_key(tenant, payment_hash);
  const auto stored = co_await cx.store.load<ChallengeRow>(key);
  if (!stored || stored->record.state != ChallengeState::issued) co_return {};
  if (tenant.environment == Environment::live) {  // the sandbox's node is a row
    const auto once = co_await ratelimit::take(cx, "~" + std::string(key, 0, 2) + "/challenge_poll/" + hex(payment_hash),
                                               {.quota = 1, .window_s = 1});
    if (!once.allowed) co_return {};
  }
  co_await attempt(refresh_challenge(cx, tenant, payment_hash));
  co_return {};
}

}  // namespace lntpay
