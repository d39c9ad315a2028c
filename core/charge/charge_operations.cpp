// Get, cancel, and the sandbox's payments.
#include "core/charge/charge_operations.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/charge/challenge_operations.hpp"
#include "core/charge/challenge_settlement.hpp"
#include "core/charge/charge_refresh.hpp"
#include "core/crypto/seal.hpp"
#include "core/ledger/verification.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "core/lightning/node/sandbox_objects.hpp"
#include "core/tenant/metadata_index.hpp"

namespace lntpay {
namespace {

Task<Result<Stored<Charge>>> load_charge(Context& cx, TenantScope tenant, ChargeId id) {
  auto stored = co_await cx.store.load<Charge>(charge_key(tenant, id));
  if (!stored) co_return fail(ErrorCode::not_found, "There is no charge with this id.");
  co_return std::move(*stored);
}

Result<Bytes32> opened_preimage(const Context& cx, const TenantScope& tenant, const Charge& charge) {
  const auto preimage = open(cx.settings.seal, charge_key(tenant, charge.id), charge.sealed_preimage);
  if (!preimage || preimage->reveal().size() != sizeof(Bytes32))
    return fail(ErrorCode::internal_error, "a preimage cannot be decrypted with the configured keys");
  Bytes32 proof{};
  std::ranges::copy(preimage->reveal(), proof.begin());
  return proof;
}

/// Longer than a request to the node and the poll after it.
constexpr Millis first_poll_after = seconds(10);

/// Makes the due task poll the charge soon, so that a crash after the request to the node loses nothing.
Task<Result<>> poll_soon(Context& cx, TenantScope tenant, ChargeId id) {
  return retry([&cx, tenant, id]() -> Task<Result<>> {
    const auto stored = co_await load_charge(cx, tenant, id);
    auto charge = stored.record;
    if (is_final(charge.status)) co_return {};
    WriteBatch batch;
    move_due_row(cx, batch, tenant, charge, std::min(charge.due_at, cx.now() + first_poll_after));
    batch.replace(stored.entry, to_row(charge));
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

/// Polls the node and answers the request with the charge.
Task<Result<std::string>> refreshed(Context& cx, TenantScope tenant, ChargeId id, IdempotencyClaim claim) {
  const auto charge = co_await refresh_charge(cx, tenant, id);
  co_return co_await idempotency::answered(cx, claim, charge_json(cx.settings, charge, tenant));
}

/// Cancels at the node, then polls the charge.
Task<Result<Charge>> cancel_at_node(Context& cx, TenantScope tenant, Charge charge) {
  const auto node = co_await require_node(cx, tenant);
  co_await poll_soon(cx, tenant, charge.id);
  const auto asked = co_await attempt(node->cancel(charge.payment_hash));
  // not_found confirms no cancellation; the poll decides.
  if (!asked && asked.error().code != ErrorCode::not_found) co_return std::unexpected(asked.error());
  co_return co_await attempt(refresh_charge(cx, tenant, charge.id));
}

}  // namespace

Task<Result<Charge>> get_charge(Context& cx, TenantScope tenant, ChargeId id, Millis wait) {
  auto until = cx.now() + wait;
  for (;;) {
    auto stored = co_await load_charge(cx, tenant, id);
    if (is_final(stored.record.status) || cx.now() >= until) co_return std::move(stored.record);
    if (!co_await cx.wait.until({{stored.entry.key, stored.entry.version}}, cx.on_host(until))) until = cx.now();
  }
}

Task<Result<std::string>> cancel_charge(Context& cx, TenantScope tenant, ChargeId id, IdempotencyClaim claim) {
  auto charge = (co_await load_charge(cx, tenant, id)).record;
  if (!is_final(charge.status)) charge = co_await cancel_at_node(cx, tenant, charge);
  if (charge.status != ChargeStatus::canceled) {
    co_return fail(ErrorCode::invalid_state,
                   "The charge was not canceled. Its status is " + std::string(name_of(charge.status)) + ".");
  }
  co_return co_await idempotency::answered(cx, claim, charge_json(cx.settings, charge, tenant));
}

Task<Result<Charge>> change_metadata(Context& cx, TenantScope tenant, ChargeId id, std::string metadata) {
  return retry([&cx, tenant, id, metadata]() -> Task<Result<Charge>> {
    const auto stored = co_await load_charge(cx, tenant, id);
    auto charge = stored.record;
    if (charge.metadata == metadata) co_return charge;
    charge.metadata = metadata;
    WriteBatch batch;
    move_metadata_index(batch, tenant, charge_indexes, id.text(), stored.record.metadata, metadata);
    batch.replace(stored.entry, to_row(charge));
    co_await cx.store.commit(std::move(batch));
    co_return charge;
  });
}

Task<Result<>> require_room(Context& cx, TenantScope tenant, Msat amount) {
  const auto account = co_await read_account(cx, std::move(tenant));
  const auto total = static_cast<__int128>(account.available.value) + account.locked.value + amount.value;
  if (total > msat_max.value) co_return fail(ErrorCode::balance_limit_exceeded);
  co_return {};
}

Result<Msat> amount_to_pay(const Charge& charge, std::optional<Msat> asked) {
  if (const auto amount = asked ? asked : charge.amount) return *amount;
  return fail(ErrorCode::invalid_request, "This charge has no amount. State amount_msat.", "amount_msat");
}

UnixMillis poll_of_payment(UnixMillis at, UnixMillis now) { return at > now ? at : now + first_poll_after; }

Result<std::optional<Bytes32>> preimage_of(const Context& cx, const TenantScope& tenant, const Charge& charge) {
  if (!has_money(charge.status)) return std::nullopt;
  return opened_preimage(cx, tenant, charge);
}

Task<Result<std::string>> pay_in_sandbox(Context& cx, TenantScope tenant, ChargeId id, SandboxPay pay, IdempotencyClaim claim) {
  // The same in every run of the operation: it identifies the payment.
  const auto at = claim.started_at(cx) + pay.delay;
  if (const auto found = (co_await load_charge(cx, tenant, id)).record; !has_money(found.status)) {
    co_await require_room(cx, tenant, co_await amount_to_pay(found, pay.amount));
  }
  if (pay.late) co_await refresh_charge(cx, tenant, id);  // an expired charge is paid late
  co_await retry([&cx, tenant, id, pay, at]() -> Task<Result<>> {
    const auto stored = co_await load_charge(cx, tenant, id);
    auto charge = stored.record;
    const auto amount = co_await amount_to_pay(charge, pay.amount);
    // The due row moves in the same commit, so after a crash the task credits it.
    WriteBatch batch;
    move_due_row(cx, batch, tenant, charge, poll_of_payment(at, cx.now()));
    batch.replace(stored.entry, to_row(charge));
    if (!pay.act.action.empty()) add_audit_note(cx, batch, tenant, pay.act);
    SandboxNode node(cx, tenant);
    co_return co_await attempt(node.pay(charge.payment_hash, {amount, at, pay.late}, std::move(batch)));
  });
  co_return co_await refreshed(cx, tenant, id, claim);
}

Task<Result<std::string>> pay_as_wallet(Context& cx, TenantScope tenant, Bytes32 payment_hash, std::optional<Msat> amount,
                                        IdempotencyClaim claim) {
  auto charge = co_await find_by_hash(cx, tenant, payment_hash);
  if (!charge) co_return fail(ErrorCode::not_found, "This workspace has no charge or challenge with this invoice.");
  if (charge->id.text().empty()) {
    charge = co_await pay_challenge_in_sandbox(cx, tenant, payment_hash, {.amount = amount}, claim.started_at(cx));
  } else if (!has_money(charge->status)) {
    co_await pay_in_sandbox(cx, tenant, charge->id, {.amount = amount, .act = {"sandbox.wallet.pay", hex(payment_hash)}},
                            claim.without_answer());
  }
  const auto proof = co_await opened_preimage(cx, tenant, *charge);
  co_return co_await idempotency::answered(cx, claim, sandbox_payment_object.text({charge->id.text(), payment_hash, proof}));
}

Task<Result<std::string>> expire_in_sandbox(Context& cx, TenantScope tenant, ChargeId id, IdempotencyClaim claim) {
  const auto stored = co_await load_charge(cx, tenant, id);
  // Only a request with a key can be a retry of the one that expired it.
  if (claim.empty() && is_final(stored.record.status)) co_return fail(ErrorCode::invalid_state, "Only an open charge can expire.");
  co_await poll_soon(cx, tenant, id);
  SandboxNode node(cx, tenant);
  WriteBatch note;
  add_audit_note(cx, note, tenant, {"sandbox.charge.expire", id.text()});
  co_await node.expire(stored.record.payment_hash, claim.started_at(cx), std::move(note));
  co_return co_await refreshed(cx, tenant, id, claim);
}

}  // namespace lntpay
