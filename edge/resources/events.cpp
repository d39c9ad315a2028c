// /v1/events, without gaps by seq: a reader that keeps the last seq misses no event. The object: core/event/event_object.hpp.
#include "core/access/event_access.hpp"
#include "core/event/event_list.hpp"
#include "core/event/event_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace events_resource {
namespace {

constexpr Field list_query[] = {
    limit_field,
    fields::after_seq,
    {.name = "before_seq",
     .type = FieldType::integer,
     .description = "Only those with a smaller seq, newest first.",
     .min = 1,
     .instead_of = "after_seq"},
    {.name = "order", .type = FieldType::one_of, .description = "asc (oldest first, the default) or desc.", .names = order_names},
    {.name = "types",
     .type = FieldType::names,
     .description = "Only events of these types or families (charge.*).",
     .max = 20,
     .names = enum_names<EventPattern>},
    {.name = "wait",
     .type = FieldType::integer,
     .description = "Seconds to wait for an event where there is none after after_seq; oldest first only.",
     .min = 0,
     .max = 25},
};

/// What a query asks for, of the types that its key may read. Fails with invalid_request where parameters contradict each other.
Result<EventFilter> filter_in(const Call& call) {
  const auto after = call.query.integer("after_seq");
  const auto before = call.query.integer("before_seq");
  const auto order = call.query.text("order");
  if (after && before) return fail(ErrorCode::invalid_request, "Give either after_seq or before_seq.", "before_seq");
  const EventFilter filter{.from_seq = before.value_or(after.value_or(0)),
                           .reverse = before || order == "desc",
                           .types = readable_events(call.key.grant.scopes)};
  if (before && order == "asc")
    return fail(ErrorCode::invalid_request, "before_seq lists newest first. With order=asc give after_seq.", "before_seq");
  if (filter.reverse && after)
    return fail(ErrorCode::invalid_request, "after_seq lists oldest first. With order=desc give before_seq.", "after_seq");
  if (filter.reverse && wait_of(call) > Millis{}) {
    return fail(ErrorCode::invalid_request,
                "Only a list that is read oldest first can wait for the next event. Leave out wait, or give after_seq.", "wait");
  }
  return filter;
}

Done list(Call& call) {
  auto filter = co_await filter_in(call);
  if (call.query.has("types"))
    filter.types = filter.types.common(types_matching(co_await event_patterns(call.query.names("types"))));
  const auto limit = static_cast<std::uint32_t>(call.query.integer("limit").value_or(page_limit_default));
  const auto read = co_await read_events(call.cx, call.tenant, filter, limit, wait_of(call));
  std::vector<std::string> items;
  for (const auto& event : read.events) items.push_back(event_json(event, call.tenant));
  ListView list{.items = items, .has_more = read.has_more};
  (filter.reverse ? list.next_before_seq : list.next_after_seq) = read.next_seq;
  list.oldest_seq = read.oldest_seq;
  co_return list_json(list);
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
