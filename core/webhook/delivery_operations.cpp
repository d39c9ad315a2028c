// API operations on deliveries: test event, list, get, redeliver, recover.
#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/request/audit_trail.hpp"
#include "core/webhook/delivery.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t log_attempts_max = 100;
constexpr std::uint32_t recovered_max = 100;

Task<Result<Stored<Endpoint>>> load_enabled(Context& cx, TenantScope tenant, EndpointId id) {
  auto stored = co_await cx.store.load<Endpoint>(endpoint_key(tenant, id.text()));
  if (!stored) co_return fail(ErrorCode::not_found);
  if (stored->record.status != EndpointStatus::enabled) {
    co_return fail(ErrorCode::invalid_state, "The endpoint is disabled. Enable it first.");
  }
  co_return std::move(*stored);
}

/// Restarts the delivery's schedule, due now. The caller writes the endpoint's row.
void requeue(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, Stored<Delivery>& stored) {
  auto& delivery = stored.record;
  if (delivery.next_attempt_at != cx.now()) {
    if (delivery.next_attempt_at) batch.erase(queue_key(tenant, endpoint.id, *delivery.next_attempt_at, delivery.id));
    batch.put(queue_key(tenant, endpoint.id, cx.now(), delivery.id), std::to_string(delivery.event_seq));
  }
  if (delivery.status == DeliveryStatus::failed) batch.erase(dead_key(tenant, endpoint.id, delivery.id.text()));
  delivery.status = DeliveryStatus::pending;
  delivery.tries = 0;
  delivery.next_attempt_at = cx.now();
  batch.replace(stored.entry, to_row(delivery));
  ++endpoint.queued;
  due_no_later(cx, batch, tenant, endpoint, cx.now());
}

Task<Result<std::vector<Stored<Delivery>>>> load_listed(Context& cx, TenantScope tenant, std::vector<Entry> index) {
  std::vector<std::string> keys;
  for (const auto& row : index) keys.push_back(tenant.key("delivery", std::string_view(row.key).substr(row.key.rfind('/') + 1)));
  std::vector<Stored<Delivery>> deliveries;
  if (keys.empty()) co_return std::move(deliveries);
  auto rows = co_await cx.store.get_all(std::move(keys));
  for (auto& row : rows) {
    if (!row) continue;
    auto delivery = co_await from_row<Delivery>(row->value);
    deliveries.push_back({std::move(delivery), std::move(*row)});
  }
  co_return std::move(deliveries);
}

}  // namespace

Task<Result<Delivery>> send_test_event(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim) {
  co_return co_await retry([&]() -> Task<Result<Delivery>> {
    auto [endpoint, entry] = co_await load_enabled(cx, tenant, id);
    auto unit = co_await UnitOfWork::load(cx, tenant);
    const auto event = unit.emit(EventType::webhook_test, JsonObject{}
                                                              .add("object", "webhook_test")
                                                              .add("endpoint_id", id.text())
                                                              .add("message", "This is a test event. No money was moved.")
                                                              .text());
    auto delivery = enqueue(cx, unit.batch(), tenant, endpoint, event);
    unit.batch().replace(entry, to_row(endpoint));
    claim.write(unit.batch(), delivery_json(delivery));
    add_audit_note(cx, unit.batch(), tenant, {"webhook_endpoint.test", id.text()});
    co_await unit.commit();
    co_return std::move(delivery);
  });
}

Task<Result<DeliveryPage>> list_deliveries(Context& cx, TenantScope tenant, EndpointId id, std::string before,
                                           std::uint32_t limit) {
  const auto endpoint = co_await cx.store.get(endpoint_key(tenant, id.text()));
  if (!endpoint) co_return fail(ErrorCode::not_found);
  limit = std::clamp(limit, 1U, deliveries_page_max);
  auto index = co_await cx.store.scan({.prefix = delivery_of_key(tenant, id, ""),
                                       .after = before.empty() ? std::string{} : delivery_of_key(tenant, id, before),
                                       .limit = limit + 1,
                                       .reverse = true});
  DeliveryPage page{.has_more = index.size() > limit};
  if (page.has_more) index.pop_back();
  auto listed = co_await load_listed(cx, std::move(tenant), std::move(index));
  for (auto& each : listed) page.deliveries.push_back(std::move(each.record));
  co_return std::move(page);
}

Task<Result<DeliveryWithLog>> get_delivery(Context& cx, TenantScope tenant, DeliveryId id) {
  auto stored = co_await cx.store.load<Delivery>(delivery_key(tenant, id));
  if (!stored) co_return fail(ErrorCode::not_found);
  DeliveryWithLog found{std::move(stored->record), {}};
  const auto rows = co_await cx.store.scan(
      {.prefix = tenant.key("attempt", id.text()).append("/"), .after = {}, .limit = log_attempts_max, .reverse = true});
  for (const auto& row : rows) found.log.push_back(co_await from_row<DeliveryAttempt>(row.value));
  std::ranges::reverse(found.log);
  co_return std::move(found);
}

Task<Result<Delivery>> redeliver(Context& cx, TenantScope tenant, DeliveryId id, IdempotencyClaim claim) {
  co_return co_await retry([&]() -> Task<Result<Delivery>> {
    auto stored = co_await cx.store.load<Delivery>(delivery_key(tenant, id));
    if (!stored) co_return fail(ErrorCode::not_found);
    auto loaded = co_await attempt(load_enabled(cx, tenant, stored->record.endpoint));
    if (!loaded && loaded.error().code == ErrorCode::not_found) {
      co_return fail(ErrorCode::invalid_state, "The endpoint of this delivery was deleted. Create a new endpoint.");
    }
    auto [endpoint, entry] = co_await std::move(loaded);
    WriteBatch batch;
    requeue(cx, batch, tenant, endpoint, *stored);
    batch.replace(entry, to_row(endpoint));
    claim.write(batch, delivery_json(stored->record));
    add_audit_note(cx, batch, tenant, {"webhook_delivery.redeliver", id.text()});
    co_await cx.store.commit(std::move(batch));
    co_return std::move(stored->record);
  });
}

Task<Result<std::uint32_t>> recover_deliveries(Context& cx, TenantScope tenant, EndpointId id, UnixMillis since,
                                               IdempotencyClaim claim) {
  co_return co_await retry([&]() -> Task<Result<std::uint32_t>> {
    auto [endpoint, entry] = co_await load_enabled(cx, tenant, id);
    WriteBatch batch;
    std::uint32_t recovered = 0;
    // Ids begin with their time, so the index is in order of creation.
    const auto first = std::string(DeliveryIdTag::prefix).append(tenant.shard().text()).append(crockford(since.value, 10));
    auto dead =
        co_await cx.store.scan({.prefix = dead_key(tenant, id, ""), .after = dead_key(tenant, id, first), .limit = recovered_max});
    auto listed = co_await load_listed(cx, tenant, std::move(dead));
    for (auto& each : listed) {
      if (each.record.status != DeliveryStatus::failed) continue;
      requeue(cx, batch, tenant, endpoint, each);
      ++recovered;
    }
    if (recovered > 0) batch.replace(entry, to_row(endpoint));
    claim.write(batch, recovery_json(recovered));
    add_audit_note(cx, batch, tenant, {"webhook_endpoint.recover", id.text(), std::to_string(recovered) + " deliveries"});
    co_await cx.store.commit(std::move(batch));
    co_return recovered;
  });
}

}  // namespace lntpay
