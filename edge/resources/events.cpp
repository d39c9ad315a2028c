// /v1/events, without gaps by seq: a reader that keeps the last seq misses no event. The object: core/event/event_object.hpp.
#include "core/access/event_access.hpp"
#include "core/event/event_list.hpp"
#include "core/event/event_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace events_resource {
namespace {

constexpr Field list_query[] = {
    limit_field,
    fields::after_seq,
    {.name = "types",
     .type = FieldType::names,
     .description = "Only events of these types.",
     .max = 20,
     .names = enum_names<EventType>},
};

Done list(Call& call) {
  EventFilter filter{.after_seq = call.query.integer("after_seq").value_or(0), .types = readable_events(call.key.grant.scopes)};
  if (call.query.has("types")) filter.types = filter.types.common(EventTypes::of(co_await event_types(call.query.names("types"))));
  const auto limit = static_cast<std::uint32_t>(call.query.integer("limit").value_or(page_limit_default));
  const auto read = co_await read_events(call.cx, call.tenant, filter, limit);
  std::vector<std::string> items;
  for (const auto& event : read.events) items.push_back(event_json(event, call.tenant));
  co_return list_json({.items = items, .has_more = read.has_more, .next_after_seq = read.next_after_seq});
}

Done get(Call& call) {
  const auto event = co_await find_event(call.cx, call.tenant, co_await path_id<EventId>(call));
  co_await require_readable(call.key.grant.scopes, {event.type});
  co_return event_json(event, call.tenant);
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/events",
     .summary = "Read events in order",
     .handler = list,
     .scopes = {Scope::webhooks_read},
     .query = list_query,
     .answer = event_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/events/{event}",
     .summary = "Get an event",
     .handler = get,
     .scopes = {Scope::webhooks_read},
     .answer = event_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace events_resource

std::span<const Route> resources::events() { return events_resource::routes; }

}  // namespace lntpay
