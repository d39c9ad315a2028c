// Endpoint rows, and the API operations on them.
#include "core/webhook/endpoint/endpoint.hpp"

#include <algorithm>

#include "core/ledger/unit_of_work.hpp"
#include "core/request/audit_trail.hpp"
#include "core/webhook/egress/egress.hpp"
#include "core/webhook/endpoint/endpoint_observations.hpp"
#include "core/webhook/endpoint/failure_run.hpp"
#include "core/webhook/queue/delivery_keys.hpp"
#include "core/webhook/queue/delivery_queue.hpp"
#include "core/webhook/queue/pace.hpp"

namespace lntpay {
namespace {

Result<> check_url(const std::string& url, const Context& cx, const TenantScope& tenant) {
  const auto allowed = check_egress_url(url, cx.settings.egress, tenant.environment);
  if (!allowed) return fail(ErrorCode::invalid_request, "The URL cannot be used: " + allowed.error() + ".", "url");
  return {};
}

Result<> check_description(std::string_view description) {
  if (description.size() <= description_bytes_max) return {};
  return fail(ErrorCode::invalid_request, "The description is longer than 500 bytes.", "description");
}

Result<> apply(const SendingOptions& options, Endpoint& endpoint, const Settings& settings, const TenantScope& tenant) {
  if (options.ordering) endpoint.ordering = *options.ordering;
  if (options.max_per_second) endpoint.max_per_second = *options.max_per_second;
  if (!options.headers) return {};
  auto sealed = seal_headers(*options.headers, settings.seal, endpoint_key(tenant, endpoint.id.text()));
  if (!sealed) return std::unexpected(sealed.error());
  endpoint.headers = std::move(*sealed);
  return {};
}

/// The values of headers are secrets of the receiver that they were set for: another origin gets none that the caller does not
/// give.
Result<> check_headers_follow(const Endpoint& endpoint, const EndpointChange& change) {
  if (endpoint.headers.empty() || change.sending.headers || origin_of(*change.url) == origin_of(endpoint.url)) return {};
  return fail(
      ErrorCode::invalid_request,
      "The new URL has another origin, and the endpoint's headers were set for the former one. Set headers with the url; {} "
      "removes them.",
      "headers");
}

/// For the audit trail: paths and queries often hold tokens.
Act act_on(const Endpoint& endpoint, std::string_view action) {
  return {"webhook_endpoint." + std::string(action), endpoint.id.text(), origin_of(endpoint.url)};
}

}  // namespace

Task<Result<Stored<Endpoint>>> load_endpoint(Context& cx, TenantScope tenant, EndpointId id) {
  auto stored = co_await cx.store.load<Endpoint>(endpoint_key(tenant, id.text()));
  if (!stored) co_return fail(ErrorCode::not_found);
  co_return std::move(*stored);
}

std::string SeqRange::text() const { return std::to_string(first) + "-" + (last ? std::to_string(*last) : std::string{}); }

std::optional<SeqRange> SeqRange::parse(std::string_view text) {
  SeqRange range;
  const bool good = row::read(row::cut(text, '-'), range.first) && row::read(text, range.last);
  return good ? std::optional(range) : std::nullopt;
}

void Endpoint::disable(UnixMillis now, std::string reason, std::uint64_t last_seq) {
  status = EndpointStatus::disabled;
  disabled_at = now;
  disabled_reason = std::move(reason);
  missed.push_back({.first = last_seq + 1});
}

void Endpoint::enable(std::uint64_t last_seq) {
  status = EndpointStatus::enabled;
  disabled_at.reset();
  disabled_reason.clear();
  ++epoch;
  if (!missed.empty() && !missed.back().last) missed.back().last = last_seq;
  if (!missed.empty() && missed.back().first > last_seq) missed.pop_back();
  // The two oldest become one, with what lies between them: a recovery examines it, and finds it delivered.
  if (missed.size() > missed_ranges_max) {
    missed[1].first = missed[0].first;
    missed.erase(missed.begin());
  }
}

void Endpoint::forget_missed_before(std::uint64_t seq) {
  std::erase_if(missed, [seq](const SeqRange& range) { return range.last && *range.last < seq; });
  for (auto& range : missed) range.first = std::max(range.first, seq);
}

EventTypes Endpoint::received() const {
  const auto chosen = types.empty() ? EventTypes::all() : types_matching(types);
  return allowed ? chosen.common(*allowed) : chosen;
}

bool Endpoint::wants(EventType type) const {
  return status == EndpointStatus::enabled && type != EventType::webhook_test && received().has(type);
}

bool Endpoint::is_recoverable(const Event& event, EventTypes wanted) const {
  return event.type != EventType::webhook_test && wanted.has(event.type) && object_id_of(event) != id.text();
}

std::string endpoint_key(const TenantScope& tenant, std::string_view id) { return tenant.key("whe/").append(id); }

Task<Result<EndpointWithSecret>> create_endpoint(Context& cx, TenantScope tenant, EndpointRequest asked, IdempotencyClaim claim) {
  co_await check_url(asked.url, cx, tenant);
  co_await check_description(asked.description);
  co_await invariant(!cx.settings.seal.empty(), "a host configures a key to seal secrets with");
  // Generated once: after an unknown outcome the operation finds its own row.
  auto random = claim.random(cx);
  Endpoint made{
      .id = EndpointId::generate(tenant.shard(), claim.started_at(cx), random),
      .url = std::move(asked.url),
      .description = std::move(asked.description),
      .types = std::move(asked.types),
      .created_at = cx.now(),
      .allowed = asked.allowed,
  };
  auto [stored, secret] = new_signing_secret(random, cx.settings, endpoint_key(tenant, made.id.text()), cx.host_now());
  made.secrets.push_back(std::move(stored));
  co_await apply(asked.sending, made, cx.settings, tenant);
  co_await retry([&]() -> Task<Result<>> {
    const auto key = endpoint_key(tenant, made.id.text());
    if (co_await cx.store.get(key)) co_return claim.require_earlier_run(made.id.text());
    auto unit = co_await UnitOfWork::load(cx, tenant);
    const auto count = unit.account().endpoints;
    if (count >= endpoints_max)
      co_return fail(ErrorCode::limit_exceeded, "This workspace already has 20 webhook endpoints, the maximum. Delete one first.");
    unit.batch().create_final(key, to_row(made));
    claim.write(unit.batch(), endpoint_json(made, tenant, cx.host_now(), &secret));
    add_audit_note(cx, unit.batch(), tenant, act_on(made, "create"));
    unit.set_endpoints(count + 1);
    co_return co_await attempt(unit.commit());
  });
  co_return EndpointWithSecret{std::move(made), std::move(secret)};
}

Task<Result<std::vector<Endpoint>>> list_endpoints(Context& cx, TenantScope tenant) {
  const auto rows = co_await cx.store.scan({.prefix = endpoint_key(tenant), .after = {}});
  std::vector<Endpoint> endpoints;
  for (const auto& row : rows) endpoints.push_back(co_await from_row<Endpoint>(row));
  if (!endpoints.empty()) co_await add_observations(cx, tenant, endpoints);
  co_return endpoints;
}

Task<Result<Endpoint>> get_endpoint(Context& cx, TenantScope tenant, EndpointId id) {
  auto stored = co_await load_endpoint(cx, tenant, id);
  co_await add_observations(cx, tenant, {&stored.record, 1});
  co_return std::move(stored.record);
}

Task<Result<>> delete_endpoint(Context& cx, TenantScope tenant, EndpointId id) {
  bool tried = false;
  co_return co_await attempt(retry([&]() -> Task<Result<>> {
    auto stored = co_await attempt(load_endpoint(cx, tenant, id));
    if (!stored && stored.error().code == ErrorCode::not_found && tried) co_return {};
    auto [endpoint, entry] = co_await std::move(stored);
    auto unit = co_await UnitOfWork::load(cx, tenant);
    unit.batch().remove(entry);
    for (const auto& key : {failing_key(tenant, id.text()), pace_key(tenant, id.text()), recovery_key(tenant, id)})
      unit.batch().erase(key);
    start_run(cx, unit.batch(), tenant, id);  // it cancels what is queued
    unit.set_endpoints(unit.account().endpoints - 1);
    add_audit_note(cx, unit.batch(), tenant, act_on(endpoint, "delete"));
    tried = true;
    co_return co_await attempt(unit.commit());
  }));
}

Task<Result<Endpoint>> change_endpoint(Context& cx, TenantScope tenant, EndpointId id, EndpointChange change) {
  if (change.url) co_await check_url(*change.url, cx, tenant);
  if (change.description) co_await check_description(*change.description);
  co_return co_await retry([&]() -> Task<Result<Endpoint>> {
    auto [endpoint, entry] = co_await load_endpoint(cx, tenant, id);
    std::optional<UnitOfWork> unit;  // no event is emitted while the status changes
    if (change.status && *change.status != endpoint.status) unit = co_await UnitOfWork::load(cx, tenant);
    WriteBatch own;
    auto& batch = unit ? unit->batch() : own;
    if (change.url && *change.url != endpoint.url) {
      co_await check_headers_follow(endpoint, change);
      endpoint.url = *change.url;
      ++endpoint.epoch;
    }
    if (change.description) endpoint.description = *change.description;
    if (change.types) {
      endpoint.types = *change.types;
      endpoint.allowed = change.allowed;
    }
    co_await apply(change.sending, endpoint, cx.settings, tenant);
    const bool is_disabled = unit && *change.status == EndpointStatus::disabled;
    if (is_disabled) {
      // Its own event, which follows, is none that it misses.
      endpoint.disable(cx.now(), "disabled by request", unit->account().events + 1);
    } else if (unit) {
      endpoint.enable(unit->account().events);
      start_run(cx, batch, tenant, id);
    }
    co_await add_observations(cx, tenant, {&endpoint, 1});
    batch.replace(entry, to_row(endpoint));
    add_audit_note(cx, batch, tenant, act_on(endpoint, "change"));
    if (is_disabled) unit->emit(EventType::webhook_endpoint_disabled, endpoint_json(endpoint, tenant, cx.host_now()));
    co_await (unit ? unit->commit() : cx.store.commit(std::move(own)));
    co_return std::move(endpoint);
  });
}

}  // namespace lntpay
