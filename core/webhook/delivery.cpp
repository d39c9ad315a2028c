// Deliveries: row keys and enqueueing.
#include "core/webhook/delivery.hpp"

#include "core/webhook/delivery_order.hpp"

namespace lntpay {

std::string delivery_key(const TenantScope& tenant, const DeliveryId& id) { return tenant.key("delivery", id.text()); }

std::string delivery_of_prefix(const TenantScope& tenant, const EndpointId& endpoint) {
  return tenant.key("delivery_of", endpoint.text()).append("/");
}

std::string delivery_of_key(const TenantScope& tenant, const EndpointId& endpoint, std::uint64_t event_seq) {
  return delivery_of_prefix(tenant, endpoint).append(padded(event_seq));
}

std::string delivery_about_prefix(const TenantScope& tenant, std::string_view object) {
  return tenant.key("delivery_about", object).append("/");
}

std::string dead_prefix(const TenantScope& tenant, const EndpointId& endpoint) {
  return tenant.key("dead", endpoint.text()).append("/");
}

std::string dead_key(const TenantScope& tenant, const EndpointId& endpoint, std::uint64_t event_seq) {
  return dead_prefix(tenant, endpoint).append(padded(event_seq));
}

std::string attempt_key(const TenantScope& tenant, const DeliveryId& id, std::uint32_t number) {
  return tenant.key("attempt", id.text()).append("/").append(padded(number));
}

Task<Result<std::optional<Stored<Delivery>>>> find_delivery(Context& cx, TenantScope tenant, DeliveryId id) {
  const std::vector keys{delivery_key(tenant, id)};
  auto rows = co_await cx.store.get_each(keys);
  auto delivery = rows[0] && *rows[0] ? from_row<Delivery>(**rows[0]) : Result<Delivery>(damaged_row(keys[0]));
  if (delivery) co_return Stored<Delivery>{std::move(*delivery), std::move(**rows[0])};
  cx.alarms.push_back(delivery.error().message);
  co_return std::nullopt;
}

Delivery enqueue(Context& cx, WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, const Event& event,
                 Enqueueing how) {
  Delivery delivery{
      .id = DeliveryId::generate(tenant.shard(), cx.now(), cx.random),
      .endpoint = endpoint,
      .event = event.id,
      .event_seq = event.seq,
      .type = event.type,
      .created_at = cx.now(),
      .next_attempt_at = cx.now(),
      .object = std::string(object_id_of(event)),
      .url = std::move(how.url),
      .is_recovered = how.is_recovered,
  };
  delivery.is_ordered = how.order == DeliveryOrder::per_object && !delivery.object.empty();
  if (delivery.is_ordered) take_place(batch, tenant, delivery);
  batch.create(delivery_key(tenant, delivery.id), to_row(delivery));
  batch.create(delivery_of_key(tenant, endpoint, event.seq), delivery.id.text());
  if (!delivery.object.empty()) batch.create(delivery_about_prefix(tenant, delivery.object).append(delivery.id.text()), "");
  put_queued(batch, tenant, endpoint, delivery.queued());
  return delivery;
}

}  // namespace lntpay
