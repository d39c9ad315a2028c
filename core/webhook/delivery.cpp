// Deliveries: row keys and enqueueing.
#include "core/webhook/delivery.hpp"

namespace lntpay {
std::string delivery_key(const TenantScope& tenant, const DeliveryId& id) { return tenant.key("delivery", id.text()); }

std::string delivery_of_key(const TenantScope& tenant, const EndpointId& endpoint, std::string_view delivery) {
  return tenant.key("delivery_of", endpoint.text()).append("/").append(delivery);
}

std::string dead_key(const TenantScope& tenant, const EndpointId& endpoint, std::string_view delivery) {
  return tenant.key("dead", endpoint.text()).append("/").append(delivery);
}

std::string attempt_key(const TenantScope& tenant, const DeliveryId& id, std::uint32_t number) {
  return tenant.key("attempt", id.text()).append("/").append(padded(number));
}

std::string queue_prefix(const TenantScope& tenant, const EndpointId& endpoint) {
  return tenant.key("queue", endpoint.text()).append("/");
}

std::string queue_key(const TenantScope& tenant, const EndpointId& endpoint, UnixMillis at, const DeliveryId& id) {
  return queue_prefix(tenant, endpoint).append(padded(at.value)).append("/").append(id.text());
}

std::optional<QueueRow> parse_queue_row(const Entry& row) {
  std::string_view key = row.key;
  const auto last = key.rfind('/');
  if (last == key.npos) return std::nullopt;
  auto id = DeliveryId::parse(key.substr(last + 1));
  key = key.substr(0, last);
  QueueRow queued;
  const bool good = id && row::read(key.substr(key.rfind('/') + 1), queued.at.value) && row::read(row.value, queued.event_seq);
  if (!good) return std::nullopt;
  queued.id = std::move(*id);
  return queued;
}

Delivery enqueue(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, const Event& event) {
  Delivery delivery{
      .id = DeliveryId::generate(tenant.shard(), cx.now(), cx.random),
      .endpoint = endpoint.id,
      .event = event.id,
      .event_seq = event.seq,
      .type = event.type,
      .created_at = cx.now(),
      .next_attempt_at = cx.now(),
  };
  batch.create(delivery_key(tenant, delivery.id), to_row(delivery));
  batch.create(delivery_of_key(tenant, endpoint.id, delivery.id.text()), "");
  batch.create(queue_key(tenant, endpoint.id, cx.now(), delivery.id), std::to_string(event.seq));
  ++endpoint.queued;
  due_no_later(cx, batch, tenant, endpoint, cx.now());
  return delivery;
}

}  // namespace lntpay
