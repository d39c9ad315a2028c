// Row keys, indexes and JSON of charges.
#include "core/charge/charge.hpp"

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/time.hpp"
#include "core/charge/checkout_token.hpp"
#include "core/crypto/sha256.hpp"
#include "core/tenant/due_work.hpp"

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

std::string charge_json(const Settings& settings, const Charge& charge, const TenantScope& tenant) {
  const auto time = [](const std::optional<UnixMillis>& at) { return at ? std::optional(rfc3339(*at)) : std::nullopt; };
  const auto text = [](const std::string& given) { return given.empty() ? std::nullopt : std::optional(given); };
  const auto sats = charge.amount.value % 1'000 == 0 ? std::optional(charge.amount.value / 1'000) : std::nullopt;
  const bool settled = charge.paid_at.has_value();
  return JsonObject{}
      .add("id", charge.id.text())
      .add("object", "charge")
      .add("status", name_of(charge.status))
      .add("amount_sats", sats)
      .add("amount_msat", charge.amount.value)
      .add("bolt11", charge.bolt11)
      .add("payment_hash", hex(charge.payment_hash))
      .add("lightning_uri", "lightning:" + charge.bolt11)
      .add("description", text(charge.description))
      .add("description_hash", charge.description_hash ? std::optional(hex(*charge.description_hash)) : std::nullopt)
      .add("expires_at", rfc3339(charge.expires_at))
      .add("created_at", rfc3339(charge.created_at))
      .add("paid_at", time(charge.paid_at))
      .add("settled_msat", settled ? std::optional(charge.settled.value) : std::nullopt)
      .add("external_id", text(charge.external_id))
      .raw("metadata", charge.metadata)
      .add("checkout_url", checkout_url(settings, tenant, charge.id))
      .add("success_url", text(charge.success_url))
      .add("late_policy", name_of(charge.late_policy))
      .add("environment", name_of(tenant.environment))
      .text();
}

}  // namespace lntpay
