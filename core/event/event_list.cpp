// Reads events by seq and by id.
#include "core/event/event_list.hpp"

namespace lntpay {

Task<Result<EventsRead>> read_events(Context& cx, TenantScope tenant, EventFilter filter, std::uint32_t limit) {
  EventsRead read{.next_after_seq = filter.after_seq};
  const auto rows = co_await cx.store.scan({tenant.key("event") + "/", event_key(tenant, filter.after_seq), scan_limit_max, false});
  for (const auto& row : rows) {
    auto event = co_await from_row<Event>(row.value);
    const bool wanted = filter.types.has(event.type);
    if (wanted && read.events.size() == limit) {
      read.has_more = true;
      co_return read;
    }
    read.next_after_seq = event.seq;
    if (wanted) read.events.push_back(std::move(event));
  }
  read.has_more = rows.size() == scan_limit_max;
  co_return read;
}

Task<Result<Event>> find_event(Context& cx, TenantScope tenant, EventId id) {
  const auto pointer = co_await cx.store.get(event_id_key(tenant, id));
  std::uint64_t seq = 0;
  if (!pointer || !row::read(pointer->value, seq)) co_return fail(ErrorCode::not_found, "There is no event with this id.");
  const auto stored = co_await cx.store.load<Event>(event_key(tenant, seq));
  co_await invariant(stored.has_value(), "I11 an event is never lost");
  co_return stored->record;
}

Result<std::vector<EventType>> event_types(const std::vector<std::string>& names) {
  std::vector<EventType> types;
  for (const auto& name : names) {
    const auto type = from_name<EventType>(name);
    if (!type) return fail(ErrorCode::invalid_request, "There is no event type " + name + ".", "types");
    types.push_back(*type);
  }
  return types;
}

}  // namespace lntpay
