// Matching keys with shapes. Prefixes of keys that differ only later ("charge", "charge_by/status") are distinct parts.
#include "core/store_check/row_kinds.hpp"

#include "core/store_check/row_rules.hpp"

namespace lntpay {
namespace {

constexpr RowKind row_kinds[] = {
    {"account", "{tenant}/head", rules::account},
    {"ledger entry", "{tenant}/ledger/{seq}", rules::ledger_entry},
    {"transfer", "{tenant}/transfer/{id}", rules::transfer},
    {"adjustment", "{tenant}/adjustment/{transfer}", rules::adjustment},
    {"event", "{tenant}/event/{seq}", rules::event},
    {"event id", "{tenant}/event_id/{id}", rules::event_id},
    {"retention", "{tenant}/retention", rules::retention},

    {"charge", "{tenant}/charge/{id}", rules::charge},
    {"new charge", "{tenant}/charge_new/{id}", rules::new_charge},
    {"charge by status", "{tenant}/charge_by/status/{status}/{id}", rules::charge_by_status},
    {"charge by external id", "{tenant}/charge_by/external_id/{hash}/{id}", rules::charge_by_external_id},
    {"charge by metadata", "{tenant}/charge_by/metadata/{hash}/{id}", rules::charge_by_metadata},
    {"charge finder", "{shard}/hash/{environment}/{hash}/charge", rules::charge_finder},
    {"test challenge", "{tenant}/challenge/{hash}", rules::challenge},
    {"live challenge", "{shard}/live_challenge/{hash}", rules::live_challenge},
    {"withdrawal", "{tenant}/wd/{id}", rules::withdrawal},
    {"withdrawal by status", "{tenant}/wd_by/status/{status}/{id}", rules::withdrawal_by_status},
    {"withdrawal by external id", "{tenant}/wd_by/external_id/{hash}/{id}", rules::withdrawal_by_external_id},
    {"withdrawal by metadata", "{tenant}/wd_by/metadata/{hash}/{id}", rules::withdrawal_by_metadata},
    {"withdrawal by charge", "{tenant}/wd_by/charge/{charge}/{id}", rules::withdrawal_by_charge},
    {"payment-hash lock", "{shard}/hash/{environment}/{hash}/guard", rules::payment_hash_lock},
    {"day of an API key", "{tenant}/key_day/{id}", rules::key_day},
    {"sandbox invoice", "{tenant}/sandbox/invoice/{hash}", rules::sandbox_invoice},
    {"sandbox invoice to pay", "{tenant}/sandbox/outside/{hash}", rules::sandbox_outside},
    {"sandbox payment", "{tenant}/sandbox/payment/{hash}", rules::sandbox_payment},

    {"webhook endpoint", "{tenant}/whe/{id}", rules::endpoint},
    {"charge target of format 6", "{tenant}/charge_target/{id}", rules::charge_target},
    {"webhook secret", "{tenant}/webhook_secret", rules::webhook_secret},
    {"delivery", "{tenant}/delivery/{id}", rules::delivery},
    {"delivery of an endpoint", "{tenant}/delivery_of/{endpoint}/{seq}", rules::delivery_of},
    {"delivery about an object", "{tenant}/delivery_about/{object}/{id}", rules::delivery_about},
    {"attempt", "{tenant}/attempt/{delivery}/{n}", rules::attempt},
    {"queued delivery", "{tenant}/queue/{endpoint}/{ms}/{delivery}", rules::queued_first},
    {"queued retry", "{tenant}/retry/{endpoint}/{ms}/{delivery}", rules::queued_retry},
    {"attempt in flight", "{tenant}/flight/{endpoint}/{slot}", rules::flight},
    {"place in an object's order", "{tenant}/order/{endpoint}/{object}/{seq}", rules::order_place},
    {"pace of an endpoint", "{tenant}/pace/{endpoint}", rules::pace},
    {"dead letter", "{tenant}/dead/{endpoint}/{seq}", rules::dead_letter},
    {"failing endpoint", "{tenant}/failing/{endpoint}", rules::failing},
    {"recovery", "{tenant}/recovery/{endpoint}", rules::recovery},

    {"workspace", "{shard}/workspace/{id}", rules::workspace},
    {"listed workspace", "00/workspaces/{ms}/{id}", rules::listed_workspace},
    {"used shard", "00/shard/{number}", rules::used_shard},
    {"API key", "{shard}/key/{hmac}", rules::api_key},
    {"API key pointer", "{tenant}/apikey/{id}", rules::key_pointer},
    {"gate", "{tenant}/gate/{id}", rules::gate},
    {"closed gate", "{tenant}/closed_gate/{id}", rules::gate},
    {"gate finder", "{shard}/gate_finder/{id}", rules::gate_finder},
    {"pay link", "{tenant}/pay_link/{id}", rules::pay_link},
    {"name of a pay link", "{shard}/pay_name/{environment}/{name}", rules::pay_name},
    {"uses of a payment", "{tenant}/uses/{hash}", rules::payment_uses},
    {"redemption", "{shard}/redemption/{id}", rules::redemption},
    {"quota of a gate", "{tenant}/minting/{gate}", rules::minting},
    {"Idempotency-Key", "{tenant}/idem/{hash}", rules::idempotency_key},
    {"audit note", "{tenant}/audit/{ms}/{subject}/{request}", rules::audit_note},
    {"logged request", "{tenant}/request/{id}", rules::logged_request},
    {"sandbox controls", "{tenant}/sandbox/controls", rules::sandbox_controls},
    {"sandbox clock", "{tenant}/sandbox/clock_move", rules::clock_move},
    {"due work", "{shard}/due/{kind}/{ms}/{environment}/{workspace}/{id}", rules::due_work},
    {"format", "00/format", rules::format},
    {"stream cursor", "00/node/live/cursor", rules::stream_cursor},
    {"unmatched settlement", "00/node/live/unmatched/{number}", rules::unmatched_settlement},
    {"unmatched settlements", "00/node/live/unmatched_count", rules::unmatched_count},
    {"node restores", "00/node/{environment}/restores", rules::restores},
};
constexpr RowKind volatile_rows{volatile_kind, "", nullptr};

/// "Ab/test/ws_…", "Ab/live/ws_…", "Ab/test/ws_….2", cut off the key.
std::optional<TenantScope> cut_tenant(std::string_view& key) {
  auto rest = key;
  row::cut(rest, '/');
  TenantScope tenant;
  const auto environment = from_name<Environment>(row::cut(rest, '/'));
  auto name = row::cut(rest, '/');
  auto workspace = WorkspaceId::parse(row::cut(name, '.'));
  if (!environment || !workspace || (!name.empty() && !row::read(name, tenant.generation))) return std::nullopt;
  tenant.environment = *environment;
  tenant.workspace = std::move(*workspace);
  // One spelling, and the shard is the workspace's.
  if (!key.starts_with(tenant.key("", {}))) return std::nullopt;
  key = rest;
  return tenant;
}

bool fits(std::string_view shape, std::string_view key, FoundKind& found) {
  if (shape.starts_with("{tenant}/")) {
    found.tenant = cut_tenant(key);
    if (!found.tenant) return false;
    row::cut(shape, '/');
  } else if (shape.starts_with("{shard}/")) {
    if (!Shard::parse(row::cut(key, '/'))) return false;
    row::cut(shape, '/');
  }
  found.names.clear();
  bool more = true;
  while (more) {
    more = shape.contains('/');
    if (more != key.contains('/')) return false;
    const auto expected = row::cut(shape, '/');
    const auto part = row::cut(key, '/');
    if (expected.starts_with('{')) {
      found.names.push_back(part);
    } else if (expected != part) {
      return false;
    }
  }
  return true;
}

}  // namespace

FoundKind kind_of(std::string_view key) {
  FoundKind found;
  if (key.starts_with('~')) return {.kind = &volatile_rows};
  for (const auto& kind : row_kinds) {
    found.tenant.reset();
    if (!fits(kind.shape, key, found)) continue;
    found.kind = &kind;
    return found;
  }
  return {};
}

}  // namespace lntpay
