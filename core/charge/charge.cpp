// The rows of charges: keys, indexes, due work.
#include "core/charge/charge.hpp"

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/metadata_index.hpp"

namespace lntpay {
namespace {

DueWork due_work_of(const TenantScope& tenant, const Charge& charge) { return {"charge", tenant, charge.id.text()}; }

}  // namespace

std::string charge_key(const TenantScope& tenant, const ChargeId& id) { return tenant.key("charge", id.text()); }
std::string new_charge_key(const TenantScope& tenant, const ChargeId& id) { return tenant.key("charge_new", id.text()); }

std::string charges_by_status(const TenantScope& tenant, ChargeStatus status) {
  return tenant.key("charge_by/status", name_of(status)) + "/";
}

std::string charges_by_external_id(const TenantScope& tenant, std::string_view external_id) {
  // A hash, because the user's text may contain any character.
  return tenant.key("charge_by/external_id", hex(sha256(bytes_of(external_id)))) + "/";
}

void put_indexes(WriteBatch& batch, const TenantScope& tenant, const Charge& charge) {
  batch.put(charges_by_status(tenant, charge.status) + charge.id.text(), "");
  if (!charge.external_id.empty()) batch.put(charges_by_external_id(tenant, charge.external_id) + charge.id.text(), "");
  move_metadata_index(batch, tenant, charge_indexes, charge.id.text(), "", charge.metadata);
}

void move_indexes(WriteBatch& batch, const TenantScope& tenant, const Charge& before, const Charge& after) {
  batch.erase(charges_by_status(tenant, before.status) + before.id.text());
  batch.put(charges_by_status(tenant, after.status) + after.id.text(), "");
}

void move_due_row(Context& cx, WriteBatch& batch, const TenantScope& tenant, Charge& charge, UnixMillis at) {
  if (charge.due_at != at) remove_due(cx, batch, due_work_of(tenant, charge), charge.due_at);
  add_due(cx, batch, due_work_of(tenant, charge), at);
  charge.due_at = at;
}

void lease_due_row(Context& cx, WriteBatch& batch, const TenantScope& tenant, Charge& charge, UnixMillis until) {
  if (charge.due_at != until) remove_due(cx, batch, due_work_of(tenant, charge), charge.due_at);
  add_due_on_host(cx, batch, due_work_of(tenant, charge), cx.on_host(until));
  charge.due_at = until;
}

void remove_due_row(const Context& cx, WriteBatch& batch, const TenantScope& tenant, const Charge& charge) {
  remove_due(cx, batch, due_work_of(tenant, charge), charge.due_at);
}

std::string finder_key(Environment environment, const Bytes32& payment_hash) {
  std::string key(Shard::of_hash(payment_hash).text());
  return key.append("/hash/").append(name_of(environment)).append("/").append(hex(payment_hash)).append("/charge");
}

}  // namespace lntpay
