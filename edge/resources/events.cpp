// /v1/events, without gaps by seq: a reader that keeps the last seq misses no event. The object: core/event/event_object.hpp.
#include <limits>

#include "core/access/event_access.hpp"
#include "core/base/integer.hpp"
#include "core/event/event_list.hpp"
#include "core/event/event_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace events_resource {
namespace {

constexpr Field types_field{.name = "types",
                            .type = FieldType::names,
                            .description = "Only events of these types or families (charge.*).",
                            .max = 20,
                            .names = enum_names<EventPattern>};

constexpr Field list_query[] = {
    limit_field,
    fields::after_seq,
    {.name = "before_seq",
     .type = FieldType::integer,
     .description = "Only those with a smaller seq, newest first.",
     .min = 1,
     .instead_of = "after_seq"},
    {.name = "order", .type = FieldType::one_of, .description = "asc (oldest first, the default) or desc.", .names = order_names},
    types_field,
    {.name = "wait",
     .type = FieldType::integer,
     .description = "Seconds to wait for an event where there is none after after_seq; oldest first only.",
     .min = 0,
     .max = 25},
};

constexpr Field stream_query[] = {
    {.name = "after_seq",
     .type = FieldType::integer,
     .description = "Where a stream begins that has no Last-Event-ID yet; default: with the next event.",
     .min = 0},
    types_field,
    {.name = "wait", .type = FieldType::integer, .description = "Seconds to wait for an event; default: 25.", .min = 0, .max = 25},
};
constexpr std::string_view stream_media[] = {"text/event-stream"};
constexpr auto stream_wait_s = 25;

/// Those that the query names, of those that the key may read.
Result<EventTypes> types_in(const Call& call) {
  const auto readable = readable_events(call.key.grant.scopes);
  if (!call.query.has("types")) return readable;
  const auto patterns = event_patterns(call.query.names("types"));
  if (!patterns) return std::unexpected(patterns.error());
  return readable.common(types_matching(*patterns));
}

/// What a query asks for, of the types that its key may read. Fails with invalid_request where parameters contradict each other.
Result<EventFilter> filter_in(const Call& call) {
  const auto after = call.query.integer("after_seq");
  const auto before = call.query.integer("before_seq");
  const auto order = call.query.text("order");
  if (after && before) return fail(ErrorCode::invalid_request, "Give either after_seq or before_seq.", "before_seq");
  const auto types = types_in(call);
  if (!types) return std::unexpected(types.error());
  const EventFilter filter{.from_seq = before.value_or(after.value_or(0)), .reverse = before || order == "desc", .types = *types};
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
  const auto filter = co_await filter_in(call);
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

/// Where a stream continues: after the `Last-Event-ID`, which browsers send by themselves, or after `after_seq`; nullopt: it begins
/// now. Fails with invalid_request.
Result<std::optional<std::uint64_t>> place_in(const Call& call) {
  for (const auto& [name, value] : call.request.headers) {
    if (name != "last-event-id") continue;
    if (const auto seq = parse_integer<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max())) return seq;
    return fail(ErrorCode::invalid_request, "Last-Event-ID must be the id of an event of this stream, which is its seq.",
                "Last-Event-ID");
  }
  return call.query.integer("after_seq");
}

/// As text/event-stream (HTML, section 9.2): a JSON text has no line break. The last id is where the reader continues; without data
/// it is kept and not shown.
std::string stream_text(const EventsRead& read, std::uint64_t from, TenantScope tenant) {
  std::string text = "retry: 100\n\n";
  if (from + 1 < read.oldest_seq) text += "event: pruned\ndata: {\"oldest_seq\":" + std::to_string(read.oldest_seq) + "}\n\n";
  for (const auto& event : read.events)
    text += "id: " + std::to_string(event.seq) + "\ndata: " + event_json(event, tenant) + "\n\n";
  return text + "id: " + std::to_string(read.next_seq) + "\n\n";
}

/// A bounded part of the stream, which the reader continues at its end: so it needs no open connection on hosts that have none,
/// and no event is lost with one. The first part of a stream that begins now only states where that is, at once.
Done stream(Call& call) {
  const auto place = co_await place_in(call);
  const auto types = co_await types_in(call);
  const auto wait = seconds(static_cast<std::int64_t>(call.query.integer("wait").value_or(stream_wait_s)));
  const auto newest = co_await read_events(call.cx, call.tenant, {.reverse = true}, 1);
  const auto last = newest.events.empty() ? newest.oldest_seq - 1 : newest.events.front().seq;
  // A place after the last event is of a sandbox that was reset since.
  const auto from = place.value_or(last) > last ? 0 : place.value_or(last);
  const auto read =
      co_await read_events(call.cx, call.tenant, {.from_seq = from, .types = types}, page_limit_max, place ? wait : Millis{});
  call.headers.push_back({"content-type", std::string(stream_media[0])});
  co_return stream_text(read, from, call.tenant);
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
     .pattern = "/v1/events/stream",
     .summary = "Read events as they happen, as server-sent events",
     .handler = stream,
     .scopes = {Scope::webhooks_read},
     .rate_class = ratelimit::RateClass::stream,
     .query = stream_query,
     .media = stream_media},
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
