// Reading events.
#pragma once
#include <vector>

#include "core/event/event.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

struct EventFilter {
  std::uint64_t after_seq = 0;
  EventTypes types = EventTypes::all();
};

struct EventsRead {
  std::vector<Event> events;
  bool has_more = false;
  std::uint64_t next_after_seq = 0;  ///< `EventFilter::after_seq` of the next page
};

/// Oldest first, after a seq. Reads at most 1,000 events, so with `types` a page may be short and still have more.
Task<Result<EventsRead>> read_events(Context& cx, TenantScope tenant, EventFilter filter, std::uint32_t limit);

/// Fails with not_found.
Task<Result<Event>> find_event(Context& cx, TenantScope tenant, EventId id);

/// Fails with invalid_request (types).
Result<std::vector<EventType>> event_types(const std::vector<std::string>& names);

}  // namespace lntpay
