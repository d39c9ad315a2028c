// A delivery at the head of a queue, before a slot takes it.
#pragma once
#include <optional>
#include <vector>

#include "core/webhook/attempt/attempt_window.hpp"
#include "core/webhook/delivery/delivery.hpp"

namespace lntpay {

/// The earlier of two times, either of which may be missing.
std::optional<UnixMillis> earlier(std::optional<UnixMillis> a, std::optional<UnixMillis> b);

/// What a slot takes next.
struct Next {
  std::optional<QueueRow> row{};
  std::optional<UnixMillis> later{};  ///< without a row: when there may be one for some slot
};
/// `heads`: what `head_ranges` found.
Task<Result<Next>> next_in_queues(Context& cx, TenantScope tenant, EndpointId endpoint, Slot slot,
                                  std::vector<std::vector<Entry>> heads);
/// The queues that the slot takes from, the first one first.
std::vector<Range> head_ranges(const TenantScope& tenant, const EndpointId& endpoint, Slot slot);

/// The rows of a queued delivery; nullopt, with an alarm: missing or damaged.
struct Queued {
  QueueRow place;
  std::optional<Event> event{};
  std::optional<Stored<Delivery>> delivery{};

  [[nodiscard]] bool is_ordered() const { return delivery && delivery->record.is_ordered; }
};
Task<Result<Queued>> load_queued(Context& cx, TenantScope tenant, QueueRow place);

/// Adds to the batch that the delivery becomes a dead letter: its event is damaged, so it can never be sent.
Task<Result<>> give_up(Context& cx, WriteBatch& batch, TenantScope tenant, EndpointId endpoint, Queued queued);

}  // namespace lntpay
