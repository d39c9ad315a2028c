// Places: taking one, waiting for the turn, releasing the next one.
#include "core/webhook/delivery/delivery_order.hpp"

#include "core/tenant/readable.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t places_read = 10;

/// Those of one object; ends with "/".
std::string object_prefix(const TenantScope& tenant, const Delivery& delivery) {
  return order_prefix(tenant, delivery.endpoint).append(delivery.object).append("/");
}

/// Queues a held delivery where it was. False if its rows are damaged: it cannot be sent.
Task<Result<bool>> release(Context& cx, WriteBatch& batch, TenantScope tenant, Entry row) {
  auto read = readable<OrderPlace>(cx, row.key, row);
  if (!read) co_return false;
  auto& place = read->record;
  if (!place.is_held) co_return true;  // it is in its queue
  const auto stored = co_await find_delivery(cx, tenant, place.delivery);
  if (!stored || !stored->record.next_attempt_at) co_return false;
  put_queued(batch, tenant, stored->record.endpoint, stored->record.queued());
  start_run(cx, batch, tenant, stored->record.endpoint);
  place.is_held = false;
  batch.replace(read->entry, to_row(place));
  co_return true;
}

}  // namespace

std::string order_prefix(const TenantScope& tenant, const EndpointId& endpoint) {
  return tenant.key("order", endpoint.text()).append("/");
}

std::string order_key(const TenantScope& tenant, const Delivery& delivery) {
  return object_prefix(tenant, delivery).append(padded(delivery.event_seq));
}

void take_place(WriteBatch& batch, const TenantScope& tenant, const Delivery& delivery) {
  batch.put(order_key(tenant, delivery), to_row(OrderPlace{.delivery = delivery.id}));
}

Task<Result<bool>> has_turn(Context& cx, WriteBatch& batch, TenantScope tenant, Delivery delivery, QueueRow queued) {
  const auto own = order_key(tenant, delivery);
  const auto first = co_await cx.store.scan({.prefix = object_prefix(tenant, delivery), .after = {}, .limit = 1});
  if (first.empty() || first.front().key >= own) {
    // It may have been held, and redelivered since.
    auto place = to_row(OrderPlace{.delivery = delivery.id});
    if (first.empty() || first.front().key != own || first.front().value != place) batch.put(own, std::move(place));
    co_return true;
  }
  // Written again, so that the commit which ends that delivery runs again, and finds this one.
  batch.replace(first.front(), first.front().value);
  batch.put(own, to_row(OrderPlace{.delivery = delivery.id, .is_held = true}));
  batch.erase(queue_key(tenant, delivery.endpoint, queued));
  co_return false;
}

Task<Result<>> pass_turn(Context& cx, WriteBatch& batch, TenantScope tenant, Delivery ended) {
  const auto own = order_key(tenant, ended);
  const auto rows = co_await cx.store.scan({.prefix = object_prefix(tenant, ended), .after = {}, .limit = places_read});
  bool is_passed = false;
  bool is_removed = false;
  for (const auto& row : rows) {
    if (row.key == own) {
      batch.remove(row);
      is_removed = true;
    } else if (!is_passed) {
      is_passed = co_await release(cx, batch, tenant, row);
      if (!is_passed) batch.remove(row);
    }
  }
  if (!is_removed) batch.erase(own);
  co_return {};
}

}  // namespace lntpay
