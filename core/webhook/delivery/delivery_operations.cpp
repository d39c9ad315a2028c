// API operations on deliveries: test event, list, get, redeliver.
#include <algorithm>

#include "core/event/event_retention.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/request/audit_trail.hpp"
#include "core/tenant/filtered_list.hpp"
#include "core/webhook/delivery/charge_target.hpp"
#include "core/webhook/delivery/delivery.hpp"
#include "core/webhook/delivery/delivery_order.hpp"
#include "core/webhook/delivery/test_event_object.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t log_attempts_max = 100;

Task<Result<Stored<Endpoint>>> load_enabled(Context& cx, std::string key) {
  auto stored = co_await cx.store.load<Endpoint>(std::move(key));
  if (!stored) co_return fail(ErrorCode::not_found);
  if (stored->record.status != EndpointStatus::enabled) {
    co_return fail(ErrorCode::invalid_state, "The endpoint is disabled. Enable it first.");
  }
  co_return std::move(*stored);
}

}  // namespace

void requeue(Context& cx, WriteBatch& batch, const TenantScope& tenant, Stored<Delivery>& stored, bool is_recovered) {
  auto& delivery = stored.record;
  std::string left;
  if (delivery.next_attempt_at) left = queue_key(tenant, delivery.endpoint, delivery.queued());
  if (delivery.status == DeliveryStatus::failed) batch.erase(dead_key(tenant, delivery.endpoint, delivery.event_seq));
  delivery.status = DeliveryStatus::pending;
  delivery.tries = 0;
  delivery.is_recovered = is_recovered;
  delivery.next_attempt_at = cx.now();
  if (!left.empty() && left != queue_key(tenant, delivery.endpoint, delivery.queued())) batch.erase(std::move(left));
  put_queued(batch, tenant, delivery.endpoint, delivery.queued());
  if (delivery.is_ordered) take_place(batch, tenant, delivery);
  batch.replace(stored.entry, to_row(delivery));
}

Task<Result<Delivery>> send_test_event(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim,
                                       std::optional<EventSample> sample) {
  co_return co_await retry([&]() -> Task<Result<Delivery>> {
    auto [endpoint, entry] = co_await load_enabled(cx, endpoint_key(tenant, id.text()));
    auto unit = co_await UnitOfWork::load(cx, tenant);
    const auto event = unit.emit(EventType::webhook_test, test_event_json(id, sample ? &*sample : nullptr));
    auto delivery = enqueue(cx, unit.batch(), tenant, endpoint.id, event);
    unit.batch().keep(entry);
    start_run(cx, unit.batch(), tenant, endpoint.id);
    claim.write(unit.batch(), delivery_json(delivery));
    add_audit_note(cx, unit.batch(), tenant,
                   {"webhook_endpoint.test", id.text(), std::string(sample ? name_of(sample->type) : "")});
    co_await unit.commit();
    co_return std::move(delivery);
  });
}

bool DeliveryFilter::matches(const Delivery& delivery) const {
  return (!endpoint || delivery.endpoint == *endpoint) && (!status || delivery.status == *status) &&
         (!type || delivery.type == *type) && (object.empty() || delivery.object == object) && readable.has(delivery.type) &&
         (!created_gte || delivery.created_at >= *created_gte) && (!created_lt || delivery.created_at < *created_lt);
}

Task<Result<Listed<Delivery>>> list_deliveries(Context& cx, TenantScope tenant, DeliveryFilter filter, Page page) {
  Walk walk{tenant.key("delivery") + "/", "delivery", false};
  if (!filter.object.empty()) {
    walk = {delivery_about_prefix(tenant, filter.object), "delivery", true};
  } else if (filter.endpoint) {
    walk = {delivery_of_prefix(tenant, *filter.endpoint), "delivery", true};
  }
  const auto endpoint = filter.endpoint;
  const bool is_first_page = page.after_key.empty();
  auto listed = co_await list_filtered<Delivery>(cx, tenant, std::move(walk), std::move(page),
                                                 [&filter](const Delivery& delivery) { return filter.matches(delivery); });
  if (endpoint && is_first_page && listed.items.empty()) {
    // A deleted endpoint exists as long as its log does, also where the filter finds nothing.
    const auto found = co_await cx.store.get(endpoint_key(tenant, endpoint->text()));
    const auto log = co_await cx.store.scan({.prefix = delivery_of_prefix(tenant, *endpoint), .after = {}, .limit = 1});
    if (!found && log.empty()) co_return fail(ErrorCode::not_found);
  }
  co_return std::move(listed);
}

Task<Result<DeliveryWithLog>> get_delivery(Context& cx, TenantScope tenant, DeliveryId id) {
  auto stored = co_await cx.store.load<Delivery>(delivery_key(tenant, id));
  if (!stored) co_return fail(ErrorCode::not_found);
  DeliveryWithLog found{std::move(stored->record), {}};
  const auto rows = co_await cx.store.scan(
      {.prefix = tenant.key("attempt", id.text()).append("/"), .after = {}, .limit = log_attempts_max, .reverse = true});
  for (const auto& row : rows) found.log.push_back(co_await from_row<DeliveryAttempt>(row));
  std::ranges::reverse(found.log);
  co_return std::move(found);
}

Task<Result<Delivery>> redeliver(Context& cx, TenantScope tenant, DeliveryId id, IdempotencyClaim claim) {
  co_return co_await retry([&]() -> Task<Result<Delivery>> {
    auto stored = co_await cx.store.load<Delivery>(delivery_key(tenant, id));
    if (!stored) co_return fail(ErrorCode::not_found);
    WriteBatch batch;
    if (const auto& endpoint = stored->record.endpoint; !is_charge_target(endpoint)) {
      auto loaded = co_await attempt(load_enabled(cx, endpoint_key(tenant, endpoint.text())));
      if (!loaded && loaded.error().code == ErrorCode::not_found) {
        co_return fail(ErrorCode::invalid_state, "The endpoint of this delivery was deleted. Create a new endpoint.");
      }
      batch.keep((co_await std::move(loaded)).entry);
    }
    const auto retention = co_await load_retention(cx, tenant);
    if (stored->record.event_seq < retention.record.first_deliverable())
      co_return fail(ErrorCode::invalid_state, "The event of this delivery is older than the retention period.");
    retention.keep(batch, tenant);
    requeue(cx, batch, tenant, *stored);
    start_run(cx, batch, tenant, stored->record.endpoint);
    claim.write(batch, delivery_json(stored->record));
    add_audit_note(cx, batch, tenant, {"webhook_delivery.redeliver", id.text()});
    co_await cx.store.commit(std::move(batch));
    co_return std::move(stored->record);
  });
}

}  // namespace lntpay
