// The order matters: intent, hash_lock, lock. Each is one commit in one shard, and a death between any two of them leaves nothing
// that a retry or the due task does not end.
#include "core/withdrawal/withdrawal_request.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/ledger/verification.hpp"
#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/bolt11/payable.hpp"
#include "core/lightning/node/node.hpp"
#include "core/tenant/due_work.hpp"
#include "core/withdrawal/payment_hash_lock.hpp"
#include "core/withdrawal/withdrawal_object.hpp"

namespace lntpay {
namespace {

/// Longer than the three commits take: then the due task abandons what nobody goes on with.
constexpr Millis claiming_lease = minutes(2);

Result<bolt11::Invoice> read_invoice(std::string_view text) {
  auto invoice = bolt11::decode(text);
  if (!invoice) return std::unexpected(bolt11::public_error(invoice.error()));
  return std::move(*invoice);
}

Result<> check_payable(const bolt11::Invoice& invoice, UnixMillis now, const bolt11::PayerRules& rules) {
  const auto payable = bolt11::payable(invoice, now, rules);
  if (payable) return {};
  Error error{.code = payable.error(), .param = "bolt11"};
  if (error.code == ErrorCode::self_payment) return std::unexpected(std::move(error));
  error.details = JsonObject{}
                      .add("invoice_network", bolt11::name(invoice.network))
                      .add("environment_network", bolt11::name(rules.network))
                      .add("expires_at", rfc3339(invoice.expires_at()))
                      .text();
  return std::unexpected(std::move(error));
}

Result<Msat> amount_to_pay(const bolt11::Invoice& invoice, std::optional<Msat> asked) {
  if (!invoice.amount && !asked) {
    return fail(ErrorCode::invalid_request, "The invoice states no amount: say with amount_sats or amount_msat how much to pay.",
                "amount_sats");
  }
  if (invoice.amount && asked && *asked != *invoice.amount) {
    Error error{.code = ErrorCode::bolt11_amount_mismatch,
                .message = "The invoice states its amount; leave yours out, or give the same.",
                .param = "amount_msat"};
    error.details = JsonObject{}.add("invoice_msat", invoice.amount->value).add("given_msat", asked->value).text();
    return std::unexpected(std::move(error));
  }
  return invoice.amount ? *invoice.amount : *asked;
}

Error short_of_funds(const AccountState& head, const Reservation& reserved) {
  Error error{.code = ErrorCode::insufficient_funds,
              .message = "The available balance does not cover amount and fee limit: withdraw less, or wait until more was paid."};
  error.details = JsonObject{}
                      .add("available_msat", head.spendable().value)
                      .add("required_msat", reserved.total().value)
                      .add("amount_msat", reserved.amount.value)
                      .add("max_fee_msat", reserved.fee_limit.value)
                      .text();
  return error;
}

Error fee_limit_too_low(Msat limit, Msat route) {
  Error error{.code = ErrorCode::fee_limit_too_low,
              .message = "The route costs more than max_fee: raise it, or leave it out for the default.",
              .param = "max_fee_msat"};
  error.details = JsonObject{}.add("max_fee_msat", limit.value).add("route_fee_msat", route.value).text();
  return error;
}

/// What the request comes to once the invoice was read and judged. Nothing is written.
struct Considered {
  bolt11::Invoice invoice;
  Reservation reserved;
  std::optional<Msat> route_fee;
};

Task<Result<Considered>> consider(Context& cx, TenantScope tenant, WithdrawalRequest asked) {
  Considered considered{.invoice = co_await read_invoice(asked.bolt11)};
  const auto& invoice = considered.invoice;
  const auto node = co_await require_node(cx, tenant);
  auto rules = payer_rules(cx.settings, tenant);
  rules.own_node = co_await node->identity();
  co_await check_payable(invoice, cx.now(), rules);
  const auto amount = co_await amount_to_pay(invoice, asked.amount);
  considered.reserved = {amount, asked.fee_limit.value_or(default_fee_limit(amount))};
  considered.route_fee = co_await node->route_fee(invoice, amount);
  co_return considered;
}

Task<Result<>> write_intent(Context& cx, TenantScope tenant, Withdrawal& withdrawal) {
  withdrawal.due_at = cx.now() + claiming_lease;
  WriteBatch batch;
  batch.create(withdrawal_key(tenant, withdrawal.id), to_row(withdrawal));
  add_due_on_host(cx, batch, watch_of(tenant, withdrawal.id), cx.on_host(withdrawal.due_at));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

/// A source of random that repeats itself gives two requests one id: the second is refused, never answered with the first's.
Result<> expect_ours(const Withdrawal& stored, std::string_view bolt11, std::string_view external_id, std::string_view metadata) {
  if (stored.bolt11 == bolt11 && stored.external_id == external_id && stored.metadata == metadata) return {};
  return fail(ErrorCode::internal_error, "an id was drawn twice: " + stored.id.text());
}

/// The withdrawal `claiming`, new or as an earlier run left it: one that was abandoned begins its next attempt. One that is past
/// that is yielded as it is.
Task<Result<Withdrawal>> claim_intent(Context& cx, TenantScope tenant, Withdrawal fresh) {
  return retry([&cx, tenant, fresh]() -> Task<Result<Withdrawal>> {
    auto withdrawal = fresh;
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, fresh.id));
    if (!stored) {
      co_await write_intent(cx, tenant, withdrawal);
      co_return withdrawal;
    }
    co_await expect_ours(stored->record, fresh.bolt11, fresh.external_id, fresh.metadata);
    if (stored->record.status != WithdrawalStatus::abandoned) co_return stored->record;
    withdrawal = stored->record;
    withdrawal.status = WithdrawalStatus::claiming;
    ++withdrawal.attempt;
    withdrawal.due_at = cx.now() + claiming_lease;
    WriteBatch batch;
    batch.replace(stored->entry, to_row(withdrawal));
    add_due_on_host(cx, batch, watch_of(tenant, fresh.id), cx.on_host(withdrawal.due_at));
    co_await cx.store.commit(std::move(batch));
    co_return withdrawal;
  });
}

/// A withdrawal of the workspace's own that holds the invoice, for this amount: it is the answer to a second request.
bool is_first(const Withdrawal& withdrawal, const PaymentHashLock& hash_lock, Msat amount) {
  return is_shown(withdrawal.status) && withdrawal.status != WithdrawalStatus::failed && withdrawal.attempt == hash_lock.attempt &&
         withdrawal.reserved.amount == amount;
}

std::string duplicate_json(const Withdrawal& first, const TenantScope& tenant) {
  return withdrawal_json({.withdrawal = first, .tenant = tenant, .duplicate_of = first.id.text()});
}

/// The same before anything is judged or claimed: neither the balance nor the invoice's expiry makes a second one of it.
Task<Result<std::optional<Withdrawal>>> find_first(Context& cx, TenantScope tenant, WithdrawalRequest asked) {
  const auto invoice = co_await read_invoice(asked.bolt11);
  const auto amount = co_await amount_to_pay(invoice, asked.amount);
  const auto hash_lock = co_await cx.store.load<PaymentHashLock>(payment_hash_lock_key(tenant.environment, invoice.payment_hash));
  if (!hash_lock || hash_lock->record.workspace != tenant.workspace) co_return std::nullopt;
  const auto first = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, hash_lock->record.withdrawal));
  // Another invoice over the same hash is judged like any other.
  const bool same = first && ascii_lower(first->record.bolt11) == ascii_lower(asked.bolt11);
  if (!same || !is_first(first->record, hash_lock->record, amount)) co_return std::nullopt;
  co_return first->record;
}

/// Another withdrawal holds the invoice: the workspace's own one is the answer, somebody else's is not shown.
Task<Result<RequestedWithdrawal>> refuse_by_lock(Context& cx, TenantScope tenant, Withdrawal ours, PaymentHashLock hash_lock,
                                                 IdempotencyClaim claim) {
  std::optional<Stored<Withdrawal>> first;
  if (hash_lock.workspace == tenant.workspace) {
    first = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, hash_lock.withdrawal));
  }
  const bool claiming = first && !is_shown(first->record.status);
  if (first && is_first(first->record, hash_lock, ours.reserved.amount)) {
    RequestedWithdrawal made{duplicate_json(first->record, tenant), true};
    co_await abandon_claim(cx, tenant, ours, claim, made.json);
    co_return made;
  }
  co_await abandon_claim(cx, tenant, ours, claim, std::nullopt);
  Error error{.code = ErrorCode::invalid_state,
              .message = "A withdrawal for this invoice is under way or was paid; ask the payee for a new invoice.",
              .param = "bolt11"};
  if (claiming || !first) error.retry_after_s = 2;
  co_return std::unexpected(std::move(error));
}

/// The last of the three commits: the balance moves, and only now is there a withdrawal that anybody sees.
Task<Result<std::string>> lock(Context& cx, TenantScope tenant, Withdrawal claimed, Spender spender, std::optional<Msat> route_fee,
                               IdempotencyClaim claim) {
  return retry([&cx, tenant, claimed, spender, route_fee, claim]() -> Task<Result<std::string>> {
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, claimed.id));
    if (!stored) co_return fail(ErrorCode::not_found);
    auto withdrawal = stored->record;
    if (is_shown(withdrawal.status)) co_return withdrawal_json(withdrawal, tenant);  // the outcome of the commit was unknown
    if (withdrawal.status != WithdrawalStatus::claiming || withdrawal.attempt != claimed.attempt) {
      co_return fail(ErrorCode::overloaded, "It took too long, and nothing was locked; try again.");
    }
    auto unit = co_await UnitOfWork::load(cx, tenant);
    auto& batch = unit.batch();
    const auto& reserved = withdrawal.reserved;
    const auto allowance = co_await load_allowance(cx, tenant, spender);
    auto refusal = allowance.refusal(reserved.total());
    if (route_fee && *route_fee > reserved.fee_limit) refusal = fee_limit_too_low(reserved.fee_limit, *route_fee);
    if (unit.account().spendable() < reserved.total()) refusal = short_of_funds(unit.account(), reserved);
    drop_due(cx, batch, watch_of(tenant, withdrawal.id), withdrawal.due_at);
    if (refusal) {
      withdrawal.status = WithdrawalStatus::abandoned;
      batch.replace(stored->entry, to_row(withdrawal));
      claim.refuse(cx, batch, *refusal);
      co_await cx.store.commit(std::move(batch));
      co_return std::unexpected(std::move(*refusal));
    }
    withdrawal.status = WithdrawalStatus::pending;
    withdrawal.due_at = cx.now();
    add_due(cx, batch, watch_of(tenant, withdrawal.id), withdrawal.due_at);
    batch.replace(stored->entry, to_row(withdrawal));
    move_indexes(batch, tenant, stored->record, withdrawal);
    co_await unit.post(lock_transfer(withdrawal));
    allowance.count(batch, reserved.total());
    auto json = withdrawal_json(withdrawal, tenant);
    claim.write_made(batch, json, stored->entry.key);
    unit.emit(EventType::withdrawal_created, json);
    co_await unit.commit();
    co_return json;
  });
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
    drop_due(cx, batch, watch_of(tenant, claimed.id), stored->record.due_at);
    if (answer) {
      claim.write(batch, *answer, 200);
    } else {
      claim.release(batch);
    }
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

Msat default_fee_limit(Msat amount) {
  constexpr std::uint64_t sat = 1'000;
  const auto percent = (amount.value / 100 + (amount.value % 100 != 0 ? 1 : 0) + sat - 1) / sat * sat;
  return {std::max<std::uint64_t>(5 * sat, percent)};
}

Task<Result<std::string>> quote_withdrawal(Context& cx, TenantScope tenant, WithdrawalRequest asked) {
  const auto considered = co_await consider(cx, tenant, std::move(asked));
  const auto& reserved = considered.reserved;
  const auto head = co_await read_account(cx, tenant);
  co_return quote_json({
      .reserved = reserved,
      .available = head.spendable(),
      .route_fee = considered.route_fee,
      .payment_hash = considered.invoice.payment_hash,
      .payee = hex(considered.invoice.payee.bytes),
      .expires_at = considered.invoice.expires_at(),
  });
}

Task<Result<RequestedWithdrawal>> request_withdrawal(Context& cx, TenantScope tenant, WithdrawalRequest asked,
                                                     IdempotencyClaim claim) {
  auto random = claim.random(cx);
  const auto id = WithdrawalId::generate(tenant.shard(), claim.begun_at(cx), random);
  // What an earlier run of the same request locked is its answer, whatever the invoice is worth by now.
  if (const auto made = co_await cx.store.load<Withdrawal>(withdrawal_key(tenant, id)); made && is_shown(made->record.status)) {
    co_await expect_ours(made->record, asked.bolt11, asked.external_id, asked.metadata);
    WriteBatch batch;
    batch.keep(made->entry);
    auto json = withdrawal_json(made->record, tenant);
    claim.write_made(batch, json, made->entry.key);
    co_await cx.store.commit(std::move(batch));
    co_return RequestedWithdrawal{std::move(json)};
  }
  if (const auto first = co_await find_first(cx, tenant, asked)) {
    constexpr std::uint16_t ok = 200;
    co_return RequestedWithdrawal{co_await idempotency::answered(cx, claim, duplicate_json(*first, tenant), ok), true};
  }
  const auto considered = co_await consider(cx, tenant, asked);
  const auto& [invoice, reserved, route_fee] = considered;
  // Looked at before the claim too, so that nobody without the money or the right can probe or block payment hashes.
  const auto allowance = co_await load_allowance(cx, tenant, asked.spender);
  if (auto refusal = allowance.refusal(reserved.total())) co_return std::unexpected(std::move(*refusal));
  const auto head = co_await read_account(cx, tenant);
  if (head.spendable() < reserved.total()) co_return std::unexpected(short_of_funds(head, reserved));

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
                                                 .created_at = claim.begun_at(cx),
                                             });
  if (claimed.status == WithdrawalStatus::claiming) {
    const auto other = co_await lock_payment_hash(cx, tenant, claimed);
    if (other) co_return co_await refuse_by_lock(cx, tenant, claimed, *other, claim);
  }
  co_return RequestedWithdrawal{co_await lock(cx, tenant, claimed, asked.spender, route_fee, claim)};
}

}  // namespace lntpay
