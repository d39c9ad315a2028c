// Reading events.
#pragma once
#include <vector>

#include "core/event/event_pattern.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

struct EventFilter {
  std::uint64_t from_seq = 0;  ///< exclusive; 0: from the start of the order
  bool reverse = false;        ///< newest first
  EventTypes types = EventTypes::all();
};

struct EventsRead {
  std::vector<Event> events;
  bool has_more = false;
  std::uint64_t next_seq = 0;    ///< `EventFilter::from_seq` of the next page
  std::uint64_t oldest_seq = 1;  ///< of the events that are kept; the next event's if none is
};

/// One page after a seq, or before it where the order is reversed. Reads as much as a ReadBudget allows, so with `types` a page
/// may be short and still have more. `wait`: how long to wait for a first event where there is none, oldest first.
Task<Result<EventsRead>> read_events(Context& cx, TenantScope tenant, EventFilter filter, std::uint32_t limit, Millis wait = {});

/// Fails with not_found, also for an event that was pruned.
Task<Result<Event>> find_event(Context& cx, TenantScope tenant, EventId id);

/// Fails with invalid_request (types).
Result<std::vector<EventPattern>> event_patterns(const std::vector<std::string>& names);

}  // namespace lntpay
