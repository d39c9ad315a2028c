// The order matters: finder row, then charge and due row, then the node. So a payment never arrives for an unknown invoice
// (docs/money.md, "Charges").
#include "core/charge/charge_creation.hpp"

#include <utility>

#include "core/crypto/sha256.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/lightning/node/node.hpp"

namespace lntpay {
namespace {

/// Longer than any request to a node. Afterwards the due task finishes or removes the charge.
constexpr Millis creating_lease = minutes(2);

// The ids are new, so the first try reads nothing. A conflict means that an earlier run, or a commit of unknown outcome, has
// already written the row.

Task<Result<>> create_finder(Context& cx, TenantScope tenant, Charge charge, IdempotencyClaim claim) {
  const ChargeFinder finder{tenant.workspace, charge.id};
  return retry([&cx, key = finder_key(tenant.environment, charge.payment_hash), row = to_row(finder), claim,
                again = false]() mutable -> Task<Result<>> {
    if (const auto there = std::exchange(again, true) ? co_await cx.store.get(key) : std::nullopt) {
      co_await claim.require_earlier_run("a preimage");
      co_await invariant(there->value == row, "a payment hash belongs to one charge");
      co_return {};
    }
    WriteBatch batch;
    batch.create_final(key, row);
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

/// Writes the charge and its due row, or takes over an earlier run's by moving its due row.
Task<Result<>> create_row(Context& cx, TenantScope tenant, Charge fresh) {
  return retry([&cx, tenant, fresh, again = false]() mutable -> Task<Result<>> {
    const std::vector keys{new_charge_key(tenant, fresh.id), charge_key(tenant, fresh.id)};
    std::vector<std::optional<Entry>> there(keys.size());
    if (std::exchange(again, true)) there = co_await cx.store.get_all(keys);
    if (there[1]) co_return {};
    auto charge = there[0] ? co_await from_row<Charge>(*there[0]) : fresh;
    const auto until = cx.now() + creating_lease;
    if (!there[0]) charge.due_at = until;
    WriteBatch batch;
    lease_due_row(cx, batch, tenant, charge, until);
    if (there[0]) {
      batch.replace(*there[0], to_row(charge));
    } else {
      batch.create(keys[0], to_row(charge));
      batch.keep_absent(keys[1]);
    }
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
}

}  // namespace

bool agrees(const NodeInvoice& invoice, std::optional<Msat> amount, Millis valid_for, const bolt11::Description& description) {
  const auto expiry = seconds(static_cast<std::int64_t>(invoice.expiry_s));
  return invoice.amount == amount && expiry == valid_for && invoice.description == description;
}

Task<Result<Published>> publish_charge(Context& cx, TenantScope tenant, ChargeId id, NodeInvoice invoice, IdempotencyClaim claim) {
  return retry([&cx, tenant, id, invoice, claim]() -> Task<Result<Published>> {
    auto unit = co_await UnitOfWork::load(cx, tenant, {new_charge_key(tenant, id)});
    const auto stored = co_await unit.about<Charge>();
    if (!stored) {
      const auto published = co_await cx.store.load<Charge>(charge_key(tenant, id));
      if (!published) co_return fail(ErrorCode::not_found);
      // The due task published it first, without the claim.
      co_return Published{published->record,
                          co_await idempotency::answered(cx, claim, charge_json(cx.settings, published->record, tenant))};
    }
    auto charge = stored->record;
    if (!agrees(invoice, charge.amount, charge.expires_at - charge.created_at,
                description_of(charge.description, charge.description_hash))) {
      co_await remove_new_charge(cx, tenant, *stored);
      co_return fail(ErrorCode::internal_error, "the node's invoice differs from the request: " + id.text());
    }
    charge.status = ChargeStatus::pending;
    charge.bolt11 = invoice.bolt11;
    charge.expires_at = invoice.expires_at;

    auto& batch = unit.batch();
    batch.remove(stored->entry);
    move_due_row(cx, batch, tenant, charge, invoice.next_poll_at);
    batch.create(charge_key(tenant, id), to_row(charge));
    put_indexes(batch, tenant, charge);
    auto json = charge_json(cx.settings, charge, tenant);
    claim.write(batch, json);
    unit.emit(EventType::charge_created, json);
    co_await unit.commit();
    co_return Published{std::move(charge), std::move(json)};
  });
}

Task<Result<>> remove_new_charge(Context& cx, TenantScope tenant, Stored<Charge> left) {
  WriteBatch batch;
  batch.remove(left.entry);
  remove_due_row(cx, batch, tenant, left.record);
  return cx.store.commit(std::move(batch));
}

Task<Result<Published>> create_charge(Context& cx, TenantScope tenant, ChargeRequest asked, IdempotencyClaim claim) {
  const auto node = co_await require_node(cx, tenant);
  auto random = claim.random(cx);
  const auto preimage = random.bytes32();
  Charge charge{
      .id = ChargeId::generate(tenant.shard(), claim.started_at(cx), random),
      .status = ChargeStatus::creating,
      .amount = asked.amount,
      .description = std::move(asked.description),
      .description_hash = asked.description_hash,
      .external_id = std::move(asked.external_id),
      .metadata = std::move(asked.metadata),
      .success_url = std::move(asked.success_url),
      .webhook_url = std::move(asked.webhook_url),
      .late_policy = asked.late_policy,
      .payment_hash = sha256(preimage),
      .created_at = cx.now(),
      .expires_at = cx.now() + seconds(asked.expires_in_s),
      .cancel_url = std::move(asked.cancel_url),
      .renewable = asked.renewable,
      .renews = asked.renews,
      .gate_terms = std::move(asked.gate_terms),
      .bounds = asked.bounds,
  };
  charge.sealed_preimage = seal(cx.settings.seal, charge_key(tenant, charge.id), preimage);

  co_await create_finder(cx, tenant, charge, claim);
  co_await create_row(cx, tenant, charge);
  const auto invoice =
      co_await attempt(node->add_invoice({.preimage = preimage,
                                          .amount = charge.amount,
                                          .description = description_of(charge.description, charge.description_hash),
                                          .expiry_s = asked.expires_in_s}));
  if (!invoice && invoice.error().code == ErrorCode::invalid_request) {
    // Rejected, so nothing can be paid. If the removal fails, the due task removes the charge.
    const auto left = co_await cx.store.load<Charge>(new_charge_key(tenant, charge.id));
    if (left) co_await attempt(remove_new_charge(cx, tenant, *left));
  }
  co_return co_await publish_charge(cx, tenant, charge.id, co_await Result<NodeInvoice>(invoice), claim);
}

}  // namespace lntpay
