// The order matters: intent, guard, lock. Each is one commit in one shard, and a death between any two of them leaves nothing
// that a retry or the due task does not end.
#include "core/withdrawal/request.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/bolt11/decode.hpp"
#include "core/bolt11/payable.hpp"
#include "core/effects/due.hpp"
#include "core/ledger/audit.hpp"
#include "core/ledger/book.hpp"
#include "core/node/node.hpp"
#include "core/withdrawal/guard.hpp"

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

Error short_of_funds(const Head& head, const Reservation& reserved) {
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

Task<Result<Considered>> consider(Context& cx, Realm realm, WithdrawalRequest asked) {
  Considered considered{.invoice = co_await read_invoice(asked.bolt11)};
  const auto& invoice = considered.invoice;
  const auto node = co_await require_node(cx, realm);
  auto rules = payer_rules(cx.settings, realm);
  rules.own_node = co_await node->identity();
  co_await check_payable(invoice, cx.now(), rules);
  const auto amount = co_await amount_to_pay(invoice, asked.amount);
  considered.reserved = {amount, asked.fee_limit.value_or(default_fee_limit(amount))};
  considered.route_fee = co_await node->route_fee(invoice, amount);
  co_return considered;
}

Task<Result<>> write_intent(Context& cx, Realm realm, Withdrawal& withdrawal) {
  withdrawal.due_at = cx.now() + claiming_lease;
  Plan plan;
  plan.create(withdrawal_key(realm, withdrawal.id), to_row(withdrawal));
  plan_due_on_host(cx, plan, watch_of(realm, withdrawal.id), cx.on_host(withdrawal.due_at));
  co_return co_await attempt(cx.store.commit(std::move(plan)));
}

/// A source of chance that repeats itself gives two requests one id: the second is refused, never answered with the first's.
Result<> expect_ours(const Withdrawal& stored, std::string_view bolt11, std::string_view external_id, std::string_view metadata) {
  if (stored.bolt11 == bolt11 && stored.external_id == external_id && stored.metadata == metadata) return {};
  return fail(ErrorCode::internal_error, "an id was drawn twice: " + stored.id.text());
}

/// The withdrawal `claiming`, new or as an earlier run left it: one that was abandoned begins its next attempt. One that is past
/// that is yielded as it is.
Task<Result<Withdrawal>> claim_intent(Context& cx, Realm realm, Withdrawal fresh) {
  return retry([&cx, realm, fresh]() -> Task<Result<Withdrawal>> {
    auto withdrawal = fresh;
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(realm, fresh.id));
    if (!stored) {
      co_await write_intent(cx, realm, withdrawal);
      co_return withdrawal;
    }
    co_await expect_ours(stored->record, fresh.bolt11, fresh.external_id, fresh.metadata);
    if (stored->record.status != WithdrawalStatus::abandoned) co_return stored->record;
    withdrawal = stored->record;
    withdrawal.status = WithdrawalStatus::claiming;
    ++withdrawal.attempt;
    withdrawal.due_at = cx.now() + claiming_lease;
    Plan plan;
    plan.replace(stored->entry, to_row(withdrawal));
    plan_due_on_host(cx, plan, watch_of(realm, fresh.id), cx.on_host(withdrawal.due_at));
    co_await cx.store.commit(std::move(plan));
    co_return withdrawal;
  });
}

/// A withdrawal of the workspace's own that holds the invoice, for this amount: it is the answer to a second request.
bool is_first(const Withdrawal& withdrawal, const Guard& guard, Msat amount) {
  return is_shown(withdrawal.status) && withdrawal.status != WithdrawalStatus::failed && withdrawal.attempt == guard.attempt &&
         withdrawal.reserved.amount == amount;
}

std::string duplicate_json(const Withdrawal& first, const Realm& realm) {
  return withdrawal_json(first, realm, "duplicate_of", "\"" + first.id.text() + "\"");
}

/// The same before anything is judged or claimed: neither the balance nor the invoice's expiry makes a second one of it.
Task<Result<std::optional<Withdrawal>>> find_first(Context& cx, Realm realm, WithdrawalRequest asked) {
  const auto invoice = co_await read_invoice(asked.bolt11);
  const auto amount = co_await amount_to_pay(invoice, asked.amount);
  const auto guard = co_await cx.store.load<Guard>(guard_key(realm.environment, invoice.payment_hash));
  if (!guard || guard->record.workspace != realm.workspace) co_return std::nullopt;
  const auto first = co_await cx.store.load<Withdrawal>(withdrawal_key(realm, guard->record.withdrawal));
  // Another invoice over the same hash is judged like any other.
  const bool same = first && ascii_lower(first->record.bolt11) == ascii_lower(asked.bolt11);
  if (!same || !is_first(first->record, guard->record, amount)) co_return std::nullopt;
  co_return first->record;
}

/// Another withdrawal holds the invoice: the workspace's own one is the answer, somebody else's is not shown.
Task<Result<RequestedWithdrawal>> refuse_by_guard(Context& cx, Realm realm, Withdrawal ours, Guard guard,
                                                  idempotency::Receipt receipt) {
  std::optional<Stored<Withdrawal>> first;
  if (guard.workspace == realm.workspace) {
    first = co_await cx.store.load<Withdrawal>(withdrawal_key(realm, guard.withdrawal));
  }
  const bool claiming = first && !is_shown(first->record.status);
  if (first && is_first(first->record, guard, ours.reserved.amount)) {
    RequestedWithdrawal made{duplicate_json(first->record, realm), true};
    co_await abandon_claim(cx, realm, ours, receipt, made.json);
    co_return made;
  }
  co_await abandon_claim(cx, realm, ours, receipt, std::nullopt);
  Error error{.code = ErrorCode::invalid_state,
              .message = "A withdrawal for this invoice is under way or was paid; ask the payee for a new invoice.",
              .param = "bolt11"};
  if (claiming || !first) error.retry_after_s = 2;
  co_return std::unexpected(std::move(error));
}

/// The last of the three commits: the balance moves, and only now is there a withdrawal that anybody sees.
Task<Result<std::string>> lock(Context& cx, Realm realm, Withdrawal claimed, Spender spender, std::optional<Msat> route_fee,
                               idempotency::Receipt receipt) {
  return retry([&cx, realm, claimed, spender, route_fee, receipt]() -> Task<Result<std::string>> {
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(realm, claimed.id));
    if (!stored) co_return fail(ErrorCode::not_found);
    auto withdrawal = stored->record;
    if (is_shown(withdrawal.status)) co_return withdrawal_json(withdrawal, realm);  // the outcome of the commit was unknown
    if (withdrawal.status != WithdrawalStatus::claiming || withdrawal.attempt != claimed.attempt) {
      co_return fail(ErrorCode::overloaded, "It took too long, and nothing was locked; try again.");
    }
    auto book = co_await Book::load(cx, realm);
    auto& plan = book.plan();
    const auto& reserved = withdrawal.reserved;
    const auto allowance = co_await load_allowance(cx, realm, spender);
    auto refusal = allowance.refusal(reserved.total());
    if (route_fee && *route_fee > reserved.fee_limit) refusal = fee_limit_too_low(reserved.fee_limit, *route_fee);
    if (book.head().spendable() < reserved.total()) refusal = short_of_funds(book.head(), reserved);
    drop_due(cx, plan, watch_of(realm, withdrawal.id), withdrawal.due_at);
    if (refusal) {
      withdrawal.status = WithdrawalStatus::abandoned;
      plan.replace(stored->entry, to_row(withdrawal));
      receipt.refuse(cx, plan, *refusal);
      co_await cx.store.commit(std::move(plan));
      co_return std::unexpected(std::move(*refusal));
    }
    withdrawal.status = WithdrawalStatus::pending;
    withdrawal.due_at = cx.now();
    plan_due(cx, plan, watch_of(realm, withdrawal.id), withdrawal.due_at);
    plan.replace(stored->entry, to_row(withdrawal));
    move_indexes(plan, realm, stored->record, withdrawal);
    co_await book.post(lock_transfer(withdrawal));
    allowance.count(plan, reserved.total());
    auto json = withdrawal_json(withdrawal, realm);
    receipt.write_made(plan, json, stored->entry.key);
    book.emit(EventType::withdrawal_created, json);
    co_await book.commit();
    co_return json;
  });
}

}  // namespace

Task<Result<>> abandon_claim(Context& cx, Realm realm, Withdrawal claimed, idempotency::Receipt receipt,
                             std::optional<std::string> answer) {
  return retry([&cx, realm, claimed, receipt, answer]() -> Task<Result<>> {
    const auto stored = co_await cx.store.load<Withdrawal>(withdrawal_key(realm, claimed.id));
    if (!stored || stored->record.status != WithdrawalStatus::claiming || stored->record.attempt != claimed.attempt) co_return {};
    auto withdrawal = stored->record;
    withdrawal.status = WithdrawalStatus::abandoned;
    Plan plan;
    plan.replace(stored->entry, to_row(withdrawal));
    drop_due(cx, plan, watch_of(realm, claimed.id), stored->record.due_at);
    if (answer) {
      receipt.write(plan, *answer, 200);
    } else {
      receipt.release(plan);
    }
    co_return co_await attempt(cx.store.commit(std::move(plan)));
  });
}

Msat default_fee_limit(Msat amount) {
  constexpr std::uint64_t sat = 1'000;
  const auto percent = (amount.value / 100 + (amount.value % 100 != 0 ? 1 : 0) + sat - 1) / sat * sat;
  return {std::max<std::uint64_t>(5 * sat, percent)};
}

Task<Result<std::string>> quote_withdrawal(Context& cx, Realm realm, WithdrawalRequest asked) {
  const auto considered = co_await consider(cx, realm, std::move(asked));
  const auto& reserved = considered.reserved;
  const auto head = co_await read_head(cx, realm);
  const auto& route = considered.route_fee;
  co_return JsonObject{}
      .add("object", "withdrawal_quote")
      .add("amount_msat", reserved.amount.value)
      .add("max_fee_msat", reserved.fee_limit.value)
      .add("required_msat", reserved.total().value)
      .add("available_msat", head.spendable().value)
      .add("sufficient", head.spendable() >= reserved.total())
      .add("route_fee_msat", route ? std::optional(route->value) : std::nullopt)
      .add("payment_hash", hex(considered.invoice.payment_hash))
      .add("payee", hex(considered.invoice.payee.bytes))
      .add("expires_at", rfc3339(considered.invoice.expires_at()))
      .text();
}

Task<Result<RequestedWithdrawal>> request_withdrawal(Context& cx, Realm realm, WithdrawalRequest asked,
                                                     idempotency::Receipt receipt) {
  auto chance = receipt.chance(cx);
  const auto id = WithdrawalId::draw(realm.shard(), receipt.begun_at(cx), chance);
  // What an earlier run of the same request locked is its answer, whatever the invoice is worth by now.
  if (const auto made = co_await cx.store.load<Withdrawal>(withdrawal_key(realm, id)); made && is_shown(made->record.status)) {
    co_await expect_ours(made->record, asked.bolt11, asked.external_id, asked.metadata);
    Plan plan;
    plan.keep(made->entry);
    auto json = withdrawal_json(made->record, realm);
    receipt.write_made(plan, json, made->entry.key);
    co_await cx.store.commit(std::move(plan));
    co_return RequestedWithdrawal{std::move(json)};
  }
  if (const auto first = co_await find_first(cx, realm, asked)) {
    constexpr std::uint16_t ok = 200;
    co_return RequestedWithdrawal{co_await idempotency::answered(cx, receipt, duplicate_json(*first, realm), ok), true};
  }
  const auto considered = co_await consider(cx, realm, asked);
  const auto& [invoice, reserved, route_fee] = considered;
  // Looked at before the claim too, so that nobody without the money or the right can probe or block payment hashes.
  const auto allowance = co_await load_allowance(cx, realm, asked.spender);
  if (auto refusal = allowance.refusal(reserved.total())) co_return std::unexpected(std::move(*refusal));
  const auto head = co_await read_head(cx, realm);
  if (head.spendable() < reserved.total()) co_return std::unexpected(short_of_funds(head, reserved));

  const auto claimed = co_await claim_intent(cx, realm,
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
                                                 .created_at = receipt.begun_at(cx),
                                             });
  if (claimed.status == WithdrawalStatus::claiming) {
    const auto other = co_await claim_guard(cx, realm, claimed);
    if (other) co_return co_await refuse_by_guard(cx, realm, claimed, *other, receipt);
  }
  co_return RequestedWithdrawal{co_await lock(cx, realm, claimed, asked.spender, route_fee, receipt)};
}

}  // namespace lntpay
