// Claiming: the endpoint's row holds the lease, and the due row moves to its end.
#include "core/webhook/delivery_batch.hpp"

#include "core/webhook/deliver.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t purge_batch_max = 100;

/// For the due row of a deleted endpoint: cancels up to `purge_batch_max` deliveries of its queue, and continues later.
Task<Result<>> cancel_queue(Context& cx, DueWork work, EndpointId endpoint, Entry due) {
  const auto rows = co_await cx.store.scan({.prefix = queue_prefix(work.tenant, endpoint), .after = {}, .limit = purge_batch_max});
  WriteBatch batch;
  batch.remove(due);
  std::vector<std::string> keys;
  for (const auto& row : rows) {
    batch.remove(row);
    if (const auto queued = parse_queue_row(row)) keys.push_back(delivery_key(work.tenant, queued->id));
  }
  if (!keys.empty()) {
    const auto found = co_await cx.store.get_all(std::move(keys));
    for (const auto& entry : found) {
      if (!entry) continue;
      auto delivery = co_await from_row<Delivery>(entry->value);
      delivery.status = DeliveryStatus::canceled;
      delivery.next_attempt_at.reset();
      batch.replace(*entry, to_row(delivery));
    }
  }
  // Never at the time of the row that is removed: a commit changes a key once.
  if (rows.size() == purge_batch_max) add_due(cx, batch, work, cx.now() + Millis{1});
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

/// Whether the due row matches the endpoint's `due_at`. A row that was postponed after a failure does not, nor does a leftover.
bool is_in_place(const Context& cx, const DueWork& work, const std::string& key, const Endpoint& endpoint) {
  return endpoint.due_at && due_key(work, cx.on_host(*endpoint.due_at)) == key;
}

enum class LeaseCheck : std::uint8_t {
  take,       ///< the endpoint is free, and its due row has come
  held,       ///< by this run: it was claimed by a commit whose outcome was unknown
  leftover,   ///< the due row is not the endpoint's any more: remove it
  elsewhere,  ///< nothing to run now
};

LeaseCheck check_lease(const Context& cx, const DueWork& work, const std::string& key, bool has_due_row, const Endpoint& endpoint,
                       std::string_view lease) {
  if (endpoint.lease == lease) return LeaseCheck::held;
  if (!has_due_row || !is_due(due_time(key), cx.host_now())) return LeaseCheck::elsewhere;
  if (is_in_place(cx, work, key, endpoint)) return LeaseCheck::take;
  const bool free = endpoint.due_at && is_due(*endpoint.due_at, cx.now()) && !endpoint.is_busy(cx.host_now());
  return free ? LeaseCheck::take : LeaseCheck::leftover;
}

/// Reads up to 8 due deliveries of an enabled endpoint into the batch. Yields the time of the queue's first row.
Task<Result<std::optional<UnixMillis>>> load_due(Context& cx, DeliveryBatch& batch, bool enabled) {
  const auto now = cx.now();
  const auto prefix = queue_prefix(batch.tenant, batch.endpoint);
  const auto rows = co_await cx.store.scan({.prefix = prefix, .after = {}, .limit = delivery_batch_max});
  std::optional<UnixMillis> first;
  std::vector<std::string> keys;
  for (const auto& row : rows) {
    auto queued = parse_queue_row(row);
    if (!queued) co_return fail(ErrorCode::internal_error, "a queue row cannot be parsed");
    if (!first) first = queued->at;
    if (!enabled || !is_due(queued->at, now)) continue;
    keys.push_back(event_key(batch.tenant, queued->event_seq));
    batch.deliveries.push_back({.queued = std::move(*queued), .event = {}});
  }
  if (keys.empty()) co_return first;
  const auto events = co_await cx.store.get_all(std::move(keys));
  for (std::size_t i = 0; i < events.size(); ++i) {
    co_await invariant(events[i].has_value(), "a delivery's event is never deleted");
    batch.deliveries[i].event = co_await from_row<Event>(events[i]->value);
  }
  co_return first;
}

}  // namespace

Task<Result<DeliveryBatch>> claim_deliveries(Context& cx, std::string key, DueWork work, EndpointId id, std::string lease) {
  DeliveryBatch claimed{.tenant = work.tenant, .endpoint = id};
  const auto entries = co_await cx.store.get_all({key, endpoint_key(work.tenant, id.text())});
  const auto& due = entries[0];
  if (!entries[1]) {
    if (!due) co_return fail(ErrorCode::lease_elsewhere);
    co_await cancel_queue(cx, work, id, *due);
    co_return std::move(claimed);
  }
  auto endpoint = co_await from_row<Endpoint>(entries[1]->value);
  const auto check = check_lease(cx, work, key, due.has_value(), endpoint, lease);
  if (check == LeaseCheck::elsewhere) co_return fail(ErrorCode::lease_elsewhere);
  WriteBatch batch;
  if (check == LeaseCheck::leftover) {
    batch.remove(*due);
    co_await cx.store.commit(std::move(batch));
    co_return std::move(claimed);
  }
  claimed.lease = lease;
  claimed.url = endpoint.url;
  claimed.secrets = live_secrets(endpoint, work.tenant, cx.settings, cx.host_now());
  const bool enabled = endpoint.status == EndpointStatus::enabled;
  const auto first = co_await load_due(cx, claimed, enabled);
  if (check == LeaseCheck::held) co_return std::move(claimed);

  if (!is_in_place(cx, work, key, endpoint)) batch.remove(*due);
  endpoint.busy_until.reset();
  endpoint.lease.clear();
  if (claimed.deliveries.empty()) {
    move_due(cx, batch, work.tenant, endpoint, enabled ? first : std::nullopt);
  } else {
    endpoint.lease = lease;
    lease_due(cx, batch, work.tenant, endpoint, delivery_lease);
  }
  batch.replace(*entries[1], to_row(endpoint));
  co_await cx.store.commit(std::move(batch));
  co_return std::move(claimed);
}

}  // namespace lntpay
