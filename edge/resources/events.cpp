// /v1/events: what happened, to be pulled. Gapless by seq, so a reader that remembers the last seq misses nothing.
#include "core/base/json.hpp"
#include "core/event/event_list.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {

Done list_events(Call& call) {
  const EventFilter filter{
      .after_seq = call.query.integer("after_seq").value_or(0),
      .types = co_await event_types(call.query.names("types")),
  };
  const auto limit = static_cast<std::uint32_t>(call.query.integer("limit").value_or(page_limit_default));
  const auto read = co_await read_events(call.cx, call.tenant, filter, limit);
  JsonArray data;
  for (const auto& event : read.events) data.raw(event_json(event, call.tenant));
  co_return JsonObject{}.raw("data", data.text()).add("has_more", read.has_more).add("next_after_seq", read.next_after_seq).text();
}

Done get_event(Call& call) {
  co_return event_json(co_await find_event(call.cx, call.tenant, co_await path_id<EventId>(call)), call.tenant);
}

}  // namespace lntpay::routes
