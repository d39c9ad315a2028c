// Queues, places and lost flights, in one commit for each piece.
#include "core/webhook/attempt/queue_cancellation.hpp"

#include <algorithm>

#include "core/tenant/readable.hpp"
#include "core/webhook/delivery/delivery_order.hpp"

namespace lntpay {
namespace {

/// Of each queue and of the places: with their deliveries, and those in flight, within the 500 rows of a session
/// (docs/architecture.md).
constexpr std::uint32_t canceled_max = 75;

/// Cancels a delivery of a deleted endpoint.
void cancel(Context& cx, WriteBatch& batch, const std::string& key, const Result<std::optional<Entry>>& row) {
  const bool is_pruned = row && !*row;
  if (is_pruned) return;
  auto stored = readable<Delivery>(cx, key, row);
  if (!stored || stored->record.status != DeliveryStatus::pending) return;
  stored->record.status = DeliveryStatus::canceled;
  stored->record.next_attempt_at.reset();
  batch.replace(stored->entry, to_row(stored->record));
}

}  // namespace

Task<Result<>> cancel_queues(Context& cx, const DeliveryRun& run, Entry due) {
  const auto& tenant = run.work.tenant;
  WriteBatch batch;
  batch.remove(due);
  std::vector<std::string> keys;
  bool more = false;
  for (const auto kind : {QueueKind::first, QueueKind::retry}) {
    const auto rows =
        co_await cx.store.scan({.prefix = queue_prefix(tenant, run.endpoint, kind), .after = {}, .limit = canceled_max});
    more = more || rows.size() == canceled_max;
    for (const auto& row : rows) {
      batch.remove(row);
      if (const auto queued = parse_queue_row(kind, row)) keys.push_back(delivery_key(tenant, queued->id));
    }
  }
  const auto places = co_await cx.store.scan({.prefix = order_prefix(tenant, run.endpoint), .after = {}, .limit = canceled_max});
  more = more || places.size() == canceled_max;
  for (const auto& row : places) {
    batch.remove(row);
    if (const auto place = from_row<OrderPlace>(row)) keys.push_back(delivery_key(tenant, place->delivery));
  }
  const auto window = co_await load_window(cx, tenant, run.endpoint, batch);
  for (Slot slot = 0; slot < window_slots; ++slot) {
    if (!window.is_lost(slot, cx)) continue;
    batch.remove(window.flights[slot]->entry);
    keys.push_back(delivery_key(tenant, window.flights[slot]->record.delivery));
  }
  // A redelivery that was requested during an attempt is in flight and in the queue.
  std::ranges::sort(keys);
  keys.erase(std::ranges::unique(keys).begin(), keys.end());
  const auto found = keys.empty() ? std::vector<Result<std::optional<Entry>>>{} : co_await cx.store.get_each(keys);
  for (std::size_t i = 0; i < found.size(); ++i) cancel(cx, batch, keys[i], found[i]);
  if (more) start_run(cx, batch, tenant, run.endpoint);
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

}  // namespace lntpay
