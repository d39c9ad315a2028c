// Reading heads of queues and the rows of what is there.
#include "core/webhook/attempt/queued_delivery.hpp"

#include <algorithm>

#include "core/tenant/readable.hpp"
#include "core/webhook/delivery/delivery_order.hpp"

namespace lntpay {

std::optional<UnixMillis> earlier(std::optional<UnixMillis> a, std::optional<UnixMillis> b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

std::vector<Range> head_ranges(const TenantScope& tenant, const EndpointId& endpoint, Slot slot) {
  std::vector<Range> ranges;
  if (slot < retry_slots) ranges.push_back(head_range(tenant, endpoint, QueueKind::retry, 1));
  ranges.push_back(head_range(tenant, endpoint, QueueKind::first, 1));
  return ranges;
}

Task<Result<Next>> next_in_queues(Context& cx, TenantScope tenant, EndpointId endpoint, Slot slot,
                                  std::vector<std::vector<Entry>> heads) {
  Next next;
  const bool takes_retries = slot < retry_slots;
  const auto order =
      takes_retries ? std::array{QueueKind::retry, QueueKind::first} : std::array{QueueKind::first, QueueKind::retry};
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto kind = order[i];
    auto read = i < heads.size() ? std::optional(std::move(heads[i])) : std::nullopt;
    auto head = co_await queue_head(cx, tenant, endpoint, kind, 1, std::move(read));
    if (!head.due.empty() && (takes_retries || kind == QueueKind::first)) {
      next.row = std::move(head.due.front());
      co_return std::move(next);
    }
    if (!head.due.empty()) head.next = cx.now();  // for another slot
    next.later = earlier(next.later, head.next);
  }
  co_return std::move(next);
}

Task<Result<Queued>> load_queued(Context& cx, TenantScope tenant, QueueRow place) {
  const std::vector keys{event_key(tenant, place.event_seq), delivery_key(tenant, place.id)};
  auto rows = co_await cx.store.get_each(keys);
  Queued queued{.place = std::move(place)};
  if (auto event = readable<Event>(cx, keys[0], std::move(rows[0]))) queued.event = std::move(event->record);
  queued.delivery = readable<Delivery>(cx, keys[1], std::move(rows[1]));
  co_return std::move(queued);
}

Task<Result<>> give_up(Context& cx, WriteBatch& batch, TenantScope tenant, EndpointId endpoint, Queued queued) {
  batch.erase(queue_key(tenant, endpoint, queued.place));
  if (!queued.delivery) co_return {};
  auto& [delivery, row] = *queued.delivery;
  delivery.status = DeliveryStatus::failed;
  delivery.next_attempt_at.reset();
  delivery.last_reason = "the event cannot be read from the store";
  batch.put(dead_key(tenant, endpoint, delivery.event_seq), delivery.id.text());
  batch.replace(row, to_row(delivery));
  if (delivery.is_ordered) co_await pass_turn(cx, batch, tenant, delivery);
  co_return {};
}

}  // namespace lntpay
