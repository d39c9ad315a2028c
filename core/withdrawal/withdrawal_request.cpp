// The order matters: intent, payment-hash lock, lock. Each is one commit in one shard; a crash between two commits is repaired by a
// retry or by the due task.
#include "core/withdrawal/withdrawal_request.hpp"

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/ledger/verification.hpp"
#include "core/tenant/due_work.hpp"
#include "core/withdrawal/payment_hash_lock.hpp"
#include "core/withdrawal/refund.hpp"
#include "core/withdrawal/requested_invoice.hpp"
#include "core/withdrawal/withdrawal_object.hpp"

namespace lntpay {
namespace {

/// Longer than the three commits take. Afterwards the due task abandons the claim.
constexpr Millis claiming_lease = minutes(2);

Task<Result<>> write_intent(Context& cx, TenantScope tenant, Withdrawal& withdrawal) {
  withdrawal.due_at = cx.now() + claiming_lease;
  WriteBatch batch;
  batch.create(withdrawal_key(tenant, withdrawal.id), to_row(withdrawal));
  add_due_on_host(cx, batch, due_work_of(tenant, withdrawal.id), cx.on_host(withdrawal.due_at));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

/// If the random source repeats, two requests draw the same id: the second is rejected.
Result<> expect_same_request(const Withdrawal& stored, const auto& asked) {
  const bool same_invoice = !asked.destination.empty() || stored.bolt11 == asked.bolt11;
  if (same_invoice && stored.destination == asked.destination && stored.external_id == asked.external_id &&
      stored.metadata == asked.metadata)
    return {};
  return fail(ErrorCode::internal_error, "the same id was generated twice: " + stored.id.text());
}

/// Writes the withdrawal as `claiming`, or takes over an earlier run's; an abandoned one starts its next attempt. One that is
/// already visible is returned unchanged.
Task<Result<Withdrawal>> claim_intent(Context& cx, TenantScope tenant, Withdrawal fresh) {
  return retry([&cx, tenant, fresh]() -> Task<Result<Withdrawal>> {
    auto withdrawal = fresh;
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, fresh.id));
    if (!stored) {
      co_await write_intent(cx, tenant, withdrawal);
      co_return withdrawal;
    }
    co_await expect_same_request(stored->record, fresh);
    // Another run has requested an invoice from the destination too: only the stored one may be locked for.
    if (stored->record.bolt11 != fresh.bolt11)
      co_return fail(ErrorCode::overloaded, "The request took too long and nothing was locked. Try again.");
    if (stored->record.status != WithdrawalStatus::abandoned) co_return stored->record;
    withdrawal = stored->record;
    withdrawal.status = WithdrawalStatus::claiming;
    ++withdrawal.attempt;
    withdrawal.due_at = cx.now() + claiming_lease;
    WriteBatch batch;
    batch.replace(stored->entry, to_row(withdrawal));
    add_due_on_host(cx, batch, due_work_of(tenant, fresh.id), cx.on_host(withdrawal.due_at));
    co_await cx.store.commit(std::move(batch));
    co_return withdrawal;
  });
}

/// Whether this withdrawal, the owner of the payment-hash lock, answers a request for the same invoice, amount and refund.
bool is_same_withdrawal(const Withdrawal& withdrawal, const PaymentHashLock& hash_lock, Msat amount,
                        const std::optional<ChargeId>& refunds) {
  return is_visible(withdrawal.status) && withdrawal.status != WithdrawalStatus::failed &&
         withdrawal.attempt == hash_lock.attempt && withdrawal.reserved.amount == amount && withdrawal.refunds == refunds;
}

std::string duplicate_json(const Withdrawal& first, const TenantScope& tenant) {
  return withdrawal_json({.withdrawal = first, .tenant = tenant, .duplicate_of = first.id.text()});
}

/// The workspace's withdrawal for the same invoice and amount. Found before any other check, so that a repeated request succeeds
/// even after the balance was spent or the invoice expired.
Task<Result<std::optional<Withdrawal>>> find_duplicate(Context& cx, TenantScope tenant, Bytes32 payment_hash, Msat amount,
                                                       WithdrawalRequest asked) {
  const auto hash_lock = co_await cx.store.load<PaymentHashLock>(payment_hash_lock_key(tenant.environment, payment_hash));
  if (!hash_lock || hash_lock->record.workspace != tenant.workspace) co_return std::nullopt;
  const auto first = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, hash_lock->record.withdrawal));
  // Another invoice with the same hash goes through all checks.
  const bool same = first && ascii_lower(first->record.bolt11) == ascii_lower(asked.bolt11);
  if (!same || !is_same_withdrawal(first->record, hash_lock->record, amount, asked.refunds)) co_return std::nullopt;
  co_return first->record;
}

/// For a hash that another withdrawal holds: returns the workspace's own duplicate, else fails without naming the other one.
Task<Result<RequestedWithdrawal>> resolve_hash_conflict(Context& cx, TenantScope tenant, Withdrawal ours, PaymentHashLock hash_lock,
                                                        IdempotencyClaim claim) {
  std::optional<Stored<Withdrawal>> first;
  if (hash_lock.workspace == tenant.workspace) {
    first = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, hash_lock.withdrawal));
  }
  const bool claiming = first && !is_visible(first->record.status);
  // A service that returns one invoice for two requests is paid for one of them.
  const bool is_invoice = ours.destination.empty();
  if (first && is_invoice && is_same_withdrawal(first->record, hash_lock, ours.reserved.amount, ours.refunds)) {
    RequestedWithdrawal made{first->record.id, duplicate_json(first->record, tenant), true};
    co_await abandon_claim(cx, tenant, ours, claim, made.json);
    co_return made;
  }
  co_await abandon_claim(cx, tenant, ours, claim, std::nullopt);
  Error error{.code = ErrorCode::invalid_state,
              .message = "Another withdrawal for this invoice is in progress or was paid. Request a new invoice from the payee.",
              .param = is_invoice ? "bolt11" : "destination"};
  if (claiming || !first) error.retry_after_s = 2;
  co_return std::unexpected(std::move(error));
}

/// The last of the three commits: moves the balance and makes the withdrawal visible.
Task<Result<std::string>> lock(Context& cx, TenantScope tenant, Withdrawal claimed, Spender spender, std::optional<Msat> route_fee,
                               IdempotencyClaim claim) {
  return retry([&cx, tenant, claimed, spender, route_fee, claim]() -> Task<Result<std::string>> {
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, claimed.id));
    if (!stored) co_return fail(ErrorCode::not_found);
    auto withdrawal = stored->record;
    if (is_visible(withdrawal.status)) co_return withdrawal_json(withdrawal, tenant);  // the outcome of the commit was unknown
    if (withdrawal.status != WithdrawalStatus::claiming || withdrawal.attempt != claimed.attempt) {
      co_return fail(ErrorCode::overloaded, "The request took too long and nothing was locked. Try again.");
    }
    auto unit = co_await UnitOfWork::load(cx, tenant);
    auto& batch = unit.batch();
    const auto& reserved = withdrawal.reserved;
    const auto allowance = co_await load_allowance(cx, tenant, spender);
    auto refusal = lock_refusal(unit.account(), allowance, reserved, route_fee);
    std::optional<Stored<Charge>> charge;
    if (withdrawal.refunds) {
      charge = co_await load_refunded(cx, tenant, *withdrawal.refunds);
      if (!refusal) refusal = refund_refusal(charge->record, reserved.amount);
    }
    remove_due(cx, batch, due_work_of(tenant, withdrawal.id), withdrawal.due_at);
    if (refusal) {
      withdrawal.status = WithdrawalStatus::abandoned;
      batch.replace(stored->entry, to_row(withdrawal));
      claim.refuse(cx, batch, *refusal);
      co_await cx.store.commit(std::move(batch));
      co_return std::unexpected(std::move(*refusal));
    }
    withdrawal.status = WithdrawalStatus::pending;
    withdrawal.due_at = cx.now();
    add_due(cx, batch, due_work_of(tenant, withdrawal.id), withdrawal.due_at);
    batch.replace(stored->entry, to_row(withdrawal));
    move_indexes(batch, tenant, stored->record, withdrawal);
    if (charge) count_refund(batch, std::move(*charge), reserved.amount);
    co_await unit.post(lock_transfer(withdrawal));
    allowance.count(batch, reserved.total());
    auto json = withdrawal_json(withdrawal, tenant);
    claim.write_with_withdrawal(batch, json, stored->entry.key);
    unit.emit(EventType::withdrawal_created, json);
    co_await unit.commit();
    co_return json;
  });
}

/// No service is asked for an invoice that cannot be paid. The fee follows from the invoice and is checked with it.
Task<Result<>> require_amount(Context& cx, TenantScope tenant, WithdrawalRequest asked) {
  const Reservation least{.amount = asked.amount.value_or(Msat{})};
  const auto account = co_await read_account(cx, std::move(tenant));
  if (account.spendable() < least.total()) co_return std::unexpected(insufficient_funds(account, least));
  co_return {};
}

/// A new invoice of the request's destination.
Task<Result<std::string>> invoice_for(Context& cx, TenantScope tenant, WithdrawalRequest asked, IdempotencyClaim claim) {
  co_await invariant(asked.amount.has_value(), "a destination has an amount");
  Destination destination{.payee = asked.destination, .amount = *asked.amount, .comment = asked.comment};
  co_return co_await request_invoice(cx, tenant, std::move(destination), std::move(claim));
}

/// A service that returns an invoice again would have the workspace believe that it was paid twice.
std::unexpected<Error> used_invoice() {
  return fail(ErrorCode::destination_unusable,
              "The destination cannot be paid: its service returned an invoice that a withdrawal has paid already. Nothing was "
              "locked. Ask the payee for an invoice.",
              "destination");
}

/// A withdrawal that an earlier run of the request locked: without checking its invoice again.
Task<Result<RequestedWithdrawal>> locked_earlier(Context& cx, TenantScope tenant, Stored<Withdrawal> made, WithdrawalRequest asked,
                                                 IdempotencyClaim claim) {
  co_await expect_same_request(made.record, asked);
  WriteBatch batch;
  batch.keep(made.entry);
  auto json = withdrawal_json(made.record, tenant);
  claim.write_with_withdrawal(batch, json, made.entry.key);
  co_await cx.store.commit(std::move(batch));
  co_return RequestedWithdrawal{made.record.id, std::move(json)};
}

/// Whether another run of the request holds its Idempotency-Key now.
Task<Result<bool>> is_taken_over(Context& cx, IdempotencyClaim claim) {
  if (claim.empty()) co_return false;
  const auto entry = co_await cx.store.get(claim.entry().key);
  if (!entry) co_return false;
  const auto row = co_await from_row<idempotency::Row>(*entry);
  co_return row.holder != claim.row().holder;
}

/// One run of a request.
Task<Result<RequestedWithdrawal>> request_once(Context& cx, TenantScope tenant, WithdrawalRequest asked, IdempotencyClaim claim) {
  auto random = claim.random(cx);
  const auto id = WithdrawalId::generate(tenant.shard(), claim.started_at(cx), random);
  auto made = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, id));
  if (made && is_visible(made->record.status)) co_return co_await locked_earlier(cx, tenant, std::move(*made), asked, claim);
  // All runs of a request pay one invoice: the one that the first of them stored.
  if (!asked.destination.empty()) {
    if (!made) co_await require_amount(cx, tenant, asked);
    asked.bolt11 = made ? made->record.bolt11 : co_await invoice_for(cx, tenant, asked, claim);
  }
  auto decoded = co_await read_invoice(asked.bolt11);
  const auto amount = co_await amount_to_pay(decoded, asked.amount);
  if (const auto first = co_await find_duplicate(cx, tenant, decoded.payment_hash, amount, asked)) {
    if (first->id == id) {
      made = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, id));
      co_return co_await locked_earlier(cx, tenant, std::move(*made), asked, claim);
    }
    if (!asked.destination.empty()) co_return used_invoice();
    constexpr std::uint16_t ok = 200;
    co_return RequestedWithdrawal{first->id, co_await idempotency::answered(cx, claim, duplicate_json(*first, tenant), ok), true};
  }
  const auto [invoice, reserved, route_fee] = co_await check_request(cx, tenant, std::move(decoded), asked);
  // Also checked before the claim, so that a client without the funds or the limit cannot probe or block payment hashes.
  const auto allowance = co_await load_allowance(cx, tenant, asked.spender);
  if (auto refusal = allowance.refusal(reserved.total())) co_return std::unexpected(std::move(*refusal));
  const auto account = co_await read_account(cx, tenant);
  if (account.spendable() < reserved.total()) co_return std::unexpected(insufficient_funds(account, reserved));
  if (asked.refunds) {
    const auto charge = co_await load_refunded(cx, tenant, *asked.refunds);
    if (auto refusal = refund_refusal(charge.record, reserved.amount)) co_return std::unexpected(std::move(*refusal));
  }

  const auto claimed = co_await claim_intent(cx, tenant,
                                             {
                                                 .id = id,
                                                 .status = WithdrawalStatus::claiming,
                                                 .bolt11 = asked.bolt11,
                                                 .payment_hash = invoice.payment_hash,
                                                 .reserved = reserved,
                                                 .amount_stated = invoice.amount.has_value(),
                                                 .invoice_expires_at = invoice.expires_at(),
                                                 .external_id = std::move(asked.external_id),
                                                 .metadata = std::move(asked.metadata),
                                                 .key = asked.spender.key,
                                                 .created_at = claim.started_at(cx),
                                                 .refunds = asked.refunds,
                                                 .destination = std::move(asked.destination),
                                             });
  if (claimed.status == WithdrawalStatus::claiming) {
    const auto other = co_await lock_payment_hash(cx, tenant, claimed);
    if (other) co_return co_await resolve_hash_conflict(cx, tenant, claimed, *other, claim);
  }
  co_return RequestedWithdrawal{id, co_await lock(cx, tenant, claimed, asked.spender, route_fee, claim)};
}

}  // namespace

Task<Result<>> abandon_claim(Context& cx, TenantScope tenant, Withdrawal claimed, IdempotencyClaim claim,
                             std::optional<std::string> answer) {
  return retry([&cx, tenant, claimed, claim, answer]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, claimed.id));
    if (!stored || stored->record.status != WithdrawalStatus::claiming || stored->record.attempt != claimed.attempt) co_return {};
    auto withdrawal = stored->record;
    withdrawal.status = WithdrawalStatus::abandoned;
    WriteBatch batch;
    batch.replace(stored->entry, to_row(withdrawal));
    remove_due(cx, batch, due_work_of(tenant, claimed.id), stored->record.due_at);
    if (answer) {
      claim.write(batch, *answer, 200);
    } else {
      claim.release(batch);
    }
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

Task<Result<std::string>> quote_withdrawal(Context& cx, TenantScope tenant, WithdrawalRequest asked) {
  if (!asked.destination.empty()) asked.bolt11 = co_await invoice_for(cx, tenant, asked, {});
  auto decoded = co_await read_invoice(asked.bolt11);
  const auto [invoice, reserved, route_fee] = co_await check_request(cx, tenant, std::move(decoded), std::move(asked));
  const auto account = co_await read_account(cx, tenant);
  co_return quote_json({
      .reserved = reserved,
      .available = account.spendable(),
      .route_fee = route_fee,
      .payment_hash = invoice.payment_hash,
      .payee = hex(invoice.payee.bytes),
      .expires_at = invoice.expires_at(),
  });
}

Task<Result<RequestedWithdrawal>> request_withdrawal(Context& cx, TenantScope tenant, WithdrawalRequest asked,
                                                     IdempotencyClaim claim) {
  const bool is_invoice = asked.destination.empty();
  auto made = co_await attempt(request_once(cx, tenant, std::move(asked), claim));
  // "Not paid" invites a new request, which pays another invoice of the destination: it is not for a run that was overtaken to say.
  if (!made && !is_invoice && co_await is_taken_over(cx, claim))
    co_return fail(ErrorCode::overloaded, "The request took too long. Retry it with the same Idempotency-Key.");
  if (!made && !is_invoice && made.error().param == "bolt11") made.error().param = "destination";  // of the service's invoice
  co_return made;
}

}  // namespace lntpay
