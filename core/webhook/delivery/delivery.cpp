// Finding and enqueueing deliveries.
#include "core/webhook/delivery/delivery.hpp"

#include "core/tenant/readable.hpp"
#include "core/webhook/delivery/delivery_order.hpp"

namespace lntpay {

Task<Result<std::optional<Stored<Delivery>>>> find_delivery(Context& cx, TenantScope tenant, DeliveryId id) {
  const std::vector keys{delivery_key(tenant, id)};
  auto rows = co_await cx.store.get_each(keys);
  co_return readable<Delivery>(cx, keys[0], std::move(rows[0]));
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
