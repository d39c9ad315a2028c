// Endpoint rows, and the API operations on them.
#include "core/webhook/endpoint.hpp"

#include <algorithm>

#include "core/ledger/unit_of_work.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/due_work.hpp"
#include "core/webhook/delivery.hpp"
#include "core/webhook/egress.hpp"
#include "core/webhook/signature.hpp"

namespace lntpay {
namespace {

Result<> check_url(const std::string& url, const Context& cx, const TenantScope& tenant) {
  const auto allowed = check_egress_url(url, cx.settings.egress, tenant.environment);
  if (!allowed) return fail(ErrorCode::invalid_request, allowed.error() + ".", "url");
  return {};
}

Result<> check_description(std::string_view description) {
  if (description.size() <= description_bytes_max) return {};
  return fail(ErrorCode::invalid_request, "The description is longer than 500 bytes.", "description");
}

Result<SealedSecret> sealed(const Secret& secret, const Endpoint& endpoint, const TenantScope& tenant, const Settings& settings) {
  if (const auto ring = invariant(!settings.seal.empty(), "a host configures a key to seal secrets with"); !ring) {
    return std::unexpected(ring.error());
  }
  return SealedSecret{seal(settings.seal, endpoint_key(tenant, endpoint.id.text()), secret.reveal()), unix_millis_max};
}

Task<Result<Stored<Endpoint>>> load_endpoint(Context& cx, TenantScope tenant, EndpointId id) {
  auto stored = co_await cx.store.load<Endpoint>(endpoint_key(tenant, id.text()));
  if (!stored) co_return fail(ErrorCode::not_found);
  co_return std::move(*stored);
}

/// The time of the first row of the endpoint's queue.
Task<Result<std::optional<UnixMillis>>> first_in_queue(Context& cx, TenantScope tenant, EndpointId id) {
  const auto rows = co_await cx.store.scan({.prefix = queue_prefix(tenant, id), .after = {}, .limit = 1});
  const auto first = rows.empty() ? std::nullopt : parse_queue_row(rows.front());
  if (!first) co_return std::nullopt;
  co_return first->at;
}

/// While a task delivers, the due row stays at the end of its lease, and the task moves it.
void set_status(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, EndpointStatus status,
                std::optional<UnixMillis> first) {
  if (endpoint.status == status) return;
  const bool enabled = status == EndpointStatus::enabled;
  endpoint.status = status;
  endpoint.failing_since.reset();
  endpoint.disabled_at = enabled ? std::nullopt : std::optional(cx.now());
  endpoint.disabled_reason = enabled ? "" : "disabled by request";
  if (!endpoint.is_busy(cx.host_now())) move_due(cx, batch, tenant, endpoint, enabled ? first : std::nullopt);
}

}  // namespace

std::optional<SealedSecret> SealedSecret::parse(std::string_view text) {
  const auto at = text.rfind('@');
  SealedSecret secret;
  if (at == text.npos || !row::read(text.substr(at + 1), secret.until)) return std::nullopt;
  secret.sealed = text.substr(0, at);
  return secret;
}

EventTypes Endpoint::received() const {
  const auto chosen = types.empty() ? EventTypes::all() : EventTypes::of(types);
  return allowed ? chosen.common(*allowed) : chosen;
}

bool Endpoint::wants(EventType type) const {
  return status == EndpointStatus::enabled && type != EventType::webhook_test && received().has(type);
}

std::string endpoint_key(const TenantScope& tenant, std::string_view id) { return tenant.key("whe/").append(id); }

void move_due(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, std::optional<UnixMillis> at) {
  if (endpoint.due_at == at) return;
  const DueWork work{"webhook", tenant, endpoint.id.text()};
  if (endpoint.due_at) remove_due(cx, batch, work, *endpoint.due_at);
  if (at) add_due(cx, batch, work, *at);
  endpoint.due_at = at;
}

void lease_due(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, Millis lease) {
  const DueWork work{"webhook", tenant, endpoint.id.text()};
  const auto until = cx.now() + lease;
  if (endpoint.due_at && *endpoint.due_at != until) remove_due(cx, batch, work, *endpoint.due_at);
  add_due_on_host(cx, batch, work, cx.on_host(until));
  endpoint.due_at = until;
  endpoint.busy_until = cx.on_host(until);
}

void due_no_later(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, UnixMillis at) {
  if (endpoint.status != EndpointStatus::enabled || endpoint.is_busy(cx.host_now())) return;
  if (!endpoint.due_at || *endpoint.due_at > at) move_due(cx, batch, tenant, endpoint, at);
}

Result<std::vector<Secret>> live_secrets(const Endpoint& endpoint, const TenantScope& tenant, const Settings& settings,
                                         UnixMillis now) {
  std::vector<Secret> secrets;
  for (const auto& each : endpoint.secrets) {
    if (each.until <= now) continue;
    auto opened = open(settings.seal, endpoint_key(tenant, endpoint.id.text()), each.sealed);
    if (!opened) return fail(ErrorCode::internal_error, "a signing secret cannot be decrypted with the configured keys");
    secrets.push_back(std::move(*opened));
  }
  if (secrets.empty()) return fail(ErrorCode::internal_error, "an endpoint has no signing secret");
  return secrets;
}

Task<Result<EndpointWithSecret>> create_endpoint(Context& cx, TenantScope tenant, EndpointRequest asked, IdempotencyClaim claim) {
  co_await check_url(asked.url, cx, tenant);
  co_await check_description(asked.description);
  // Generated once: after an unknown outcome the operation finds its own row.
  auto random = claim.random(cx);
  auto secret = generate_signing_secret(random);
  Endpoint made{
      .id = EndpointId::generate(tenant.shard(), claim.started_at(cx), random),
      .url = std::move(asked.url),
      .description = std::move(asked.description),
      .types = std::move(asked.types),
      .created_at = cx.now(),
      .allowed = asked.allowed,
  };
  made.secrets.push_back(co_await sealed(secret, made, tenant, cx.settings));
  co_await retry([&]() -> Task<Result<>> {
    const auto key = endpoint_key(tenant, made.id.text());
    if (co_await cx.store.get(key)) co_return claim.require_earlier_run(made.id.text());
    auto unit = co_await UnitOfWork::load(cx, tenant);
    const auto count = unit.account().endpoints;
    if (count >= endpoints_max)
      co_return fail(ErrorCode::limit_exceeded, "This workspace already has 20 webhook endpoints, the maximum. Delete one first.");
    unit.batch().create_final(key, to_row(made));
    claim.write(unit.batch(), endpoint_json(made, tenant, &secret));
    add_audit_note(cx, unit.batch(), tenant, {"webhook_endpoint.create", made.id.text(), made.url});
    unit.set_endpoints(count + 1);
    co_return co_await attempt(unit.commit());
  });
  co_return EndpointWithSecret{std::move(made), std::move(secret)};
}

Task<Result<std::vector<Endpoint>>> list_endpoints(Context& cx, TenantScope tenant) {
  const auto rows = co_await cx.store.scan({.prefix = endpoint_key(tenant), .after = {}});
  std::vector<Endpoint> endpoints;
  for (const auto& row : rows) endpoints.push_back(co_await from_row<Endpoint>(row.value));
  co_return endpoints;
}

Task<Result<Endpoint>> get_endpoint(Context& cx, TenantScope tenant, EndpointId id) {
  auto stored = co_await load_endpoint(cx, std::move(tenant), std::move(id));
  co_return std::move(stored.record);
}

Task<Result<>> delete_endpoint(Context& cx, TenantScope tenant, EndpointId id) {
  bool tried = false;
  co_return co_await attempt(retry([&]() -> Task<Result<>> {
    auto stored = co_await attempt(load_endpoint(cx, tenant, id));
    if (!stored && stored.error().code == ErrorCode::not_found && tried) co_return {};
    auto [endpoint, entry] = co_await std::move(stored);
    const auto first = co_await first_in_queue(cx, tenant, id);
    auto unit = co_await UnitOfWork::load(cx, tenant);
    unit.batch().remove(entry);
    // The due row of a deleted endpoint cancels the rest of its queue.
    move_due(cx, unit.batch(), tenant, endpoint, first ? std::optional(cx.now()) : std::nullopt);
    unit.set_endpoints(unit.account().endpoints - 1);
    add_audit_note(cx, unit.batch(), tenant, {"webhook_endpoint.delete", id.text(), endpoint.url});
    tried = true;
    co_return co_await attempt(unit.commit());
  }));
}

Task<Result<Endpoint>> change_endpoint(Context& cx, TenantScope tenant, EndpointId id, EndpointChange change) {
  if (change.url) co_await check_url(*change.url, cx, tenant);
  if (change.description) co_await check_description(*change.description);
  co_return co_await retry([&]() -> Task<Result<Endpoint>> {
    auto [endpoint, entry] = co_await load_endpoint(cx, tenant, id);
    const auto first = co_await first_in_queue(cx, tenant, id);
    WriteBatch batch;
    if (change.url) endpoint.url = *change.url;
    if (change.description) endpoint.description = *change.description;
    if (change.types) {
      endpoint.types = *change.types;
      endpoint.allowed = change.allowed;
    }
    if (change.status) set_status(cx, batch, tenant, endpoint, *change.status, first);
    batch.replace(entry, to_row(endpoint));
    add_audit_note(cx, batch, tenant, {"webhook_endpoint.change", id.text(), endpoint.url});
    co_await cx.store.commit(std::move(batch));
    co_return std::move(endpoint);
  });
}

Task<Result<EndpointWithSecret>> rotate_secret(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim) {
  auto random = claim.random(cx);
  auto secret = generate_signing_secret(random);
  auto rotated = co_await retry([&]() -> Task<Result<Endpoint>> {
    auto [endpoint, entry] = co_await load_endpoint(cx, tenant, id);
    auto newest = co_await sealed(secret, endpoint, tenant, cx.settings);
    // Sealing is deterministic for a key and a secret, so a row with this text was written by this call.
    if (endpoint.secrets.front().sealed == newest.sealed) co_return std::move(endpoint);
    const auto now = cx.host_now();
    std::erase_if(endpoint.secrets, [&](const SealedSecret& each) { return each.until <= now; });
    if (endpoint.secrets.size() >= live_secrets_max) {
      co_return fail(ErrorCode::invalid_state,
                     "Three secrets are already active. Wait until the oldest one expires, 24 hours after it was rotated.");
    }
    for (auto& former : endpoint.secrets) former.until = std::min(former.until, now + secret_overlap);
    endpoint.secrets.insert(endpoint.secrets.begin(), std::move(newest));
    WriteBatch batch;
    batch.replace(entry, to_row(endpoint));
    claim.write(batch, endpoint_json(endpoint, tenant, &secret));
    add_audit_note(cx, batch, tenant, {"webhook_endpoint.rotate_secret", id.text()});
    co_await cx.store.commit(std::move(batch));
    co_return std::move(endpoint);
  });
  co_return EndpointWithSecret{std::move(rotated), std::move(secret)};
}

}  // namespace lntpay
