// The order matters: first the row that finds the charge by its hash, then the charge and the task that looks after it, then
// the node. So a payment can never arrive for an invoice that we do not know (docs/money.md, "Charges").
#include "core/charge/create.hpp"

#include "core/crypto/sha256.hpp"
#include "core/effects/due.hpp"
#include "core/ledger/book.hpp"
#include "core/node/node.hpp"

namespace lntpay {
namespace {

/// Longer than any answer of a node: by then the one who creates has ended, and the task repairs what is left.
constexpr Millis creating_lease = minutes(2);

Task<Result<>> create_finder(Context& cx, Realm realm, Charge charge) {
  const ChargeFinder finder{realm.workspace, charge.id};
  return retry([&cx, key = finder_key(realm.environment, charge.payment_hash), row = to_row(finder)]() -> Task<Result<>> {
    const auto there = co_await cx.store.get(key);
    if (there) {
      // Ours from an earlier run. Another's would be a repeated preimage: chance does not do that, a broken source might.
      co_await invariant(there->value == row, "a payment hash belongs to one charge");
      co_return {};
    }
    Plan plan;
    plan.create_for_good(key, row);
    co_return co_await attempt(cx.store.commit(std::move(plan)));
  });
}

Task<Result<>> create_row(Context& cx, Realm realm, Charge charge) {
  return retry([&cx, realm, charge]() mutable -> Task<Result<>> {
    const auto there = co_await cx.store.get_all({new_charge_key(realm, charge.id), charge_key(realm, charge.id)});
    if (there[0] || there[1]) co_return {};
    charge.due_at = cx.now() + creating_lease;
    Plan plan;
    plan.create(new_charge_key(realm, charge.id), to_row(charge));
    plan_due(cx, plan, {"charge", realm, charge.id.text()}, charge.due_at);
    co_return co_await attempt(cx.store.commit(std::move(plan)));
  });
}

}  // namespace

Task<Result<std::string>> publish_charge(Context& cx, Realm realm, ChargeId id, NodeInvoice invoice, idempotency::Receipt receipt) {
  return retry([&cx, realm, id, invoice, receipt]() -> Task<Result<std::string>> {
    const auto stored = co_await cx.store.load<Charge>(new_charge_key(realm, id));
    if (!stored) {
      const auto published = co_await cx.store.load<Charge>(charge_key(realm, id));
      if (!published) co_return fail(ErrorCode::not_found);
      auto json = charge_json(published->record, realm);
      if (!receipt.empty()) {  // the due task was quicker, and had no receipt to write
        Plan plan;
        plan.keep(published->entry);
        receipt.write(plan, json);
        co_await cx.store.commit(std::move(plan));
      }
      co_return json;
    }
    auto charge = stored->record;
    co_await invariant(invoice.amount == charge.amount, "the node's invoice has the charge's amount");
    charge.status = ChargeStatus::pending;
    charge.bolt11 = invoice.bolt11;
    charge.expires_at = invoice.expires_at;
    charge.due_at = invoice.look_again;

    auto book = co_await Book::load(cx, realm);
    auto& plan = book.plan();
    const DueWork watch{"charge", realm, id.text()};
    plan.remove(stored->entry);
    plan.erase(due_key(watch, stored->record.due_at));
    plan_due(cx, plan, watch, charge.due_at);
    plan.create(charge_key(realm, id), to_row(charge));
    put_indexes(plan, realm, charge);
    auto json = charge_json(charge, realm);
    receipt.write(plan, json);
    book.emit(EventType::charge_created, json);
    co_await book.commit();
    co_return json;
  });
}

Task<Result<std::string>> create_charge(Context& cx, Realm realm, ChargeRequest asked, idempotency::Receipt receipt) {
  const auto node = co_await require_node(cx, realm);
  auto chance = receipt.chance(cx);
  const auto preimage = chance.bytes32();
  Charge charge{
      .id = ChargeId::draw(realm.shard(), receipt.begun_at(cx), chance),
      .status = ChargeStatus::creating,
      .amount = asked.amount,
      .description = asked.description,
      .description_hash = asked.description_hash,
      .external_id = std::move(asked.external_id),
      .metadata = std::move(asked.metadata),
      .payment_hash = sha256(preimage),
      .created_at = cx.now(),
      .expires_at = cx.now() + seconds(asked.expires_in_s),
  };
  charge.sealed_preimage = seal(cx.settings.seal, charge_key(realm, charge.id), preimage);

  co_await create_finder(cx, realm, charge);
  co_await create_row(cx, realm, charge);
  InvoiceRequest request{.preimage = preimage, .amount = charge.amount, .expiry_s = asked.expires_in_s};
  if (asked.description_hash) {
    request.description = bolt11::DescriptionHash{*asked.description_hash};
  } else {
    request.description = std::move(asked.description);
  }
  const auto invoice = co_await node->add_invoice(std::move(request));
  co_return co_await publish_charge(cx, realm, charge.id, invoice, receipt);
}

}  // namespace lntpay
