// Reads events by seq and by id.
#include "core/event/event_list.hpp"

#include <algorithm>

#include "core/event/event_retention.hpp"
#include "core/storage/read_budget.hpp"

namespace lntpay {

namespace {

Task<Result<EventsRead>> read_rows(Context& cx, TenantScope tenant, EventFilter filter, std::uint32_t limit) {
  EventsRead read{.next_seq = filter.from_seq};
  ReadBudget budget(cx.seam);
  auto page = std::min(limit + 1, budget.next_page());
  for (; page > 0; page = budget.next_page()) {
    const auto after = read.next_seq == 0 ? std::string{} : event_key(tenant, read.next_seq);
    const auto rows = co_await cx.store.scan({tenant.key("event") + "/", after, page, filter.reverse});
    budget.count(rows.size());
    for (const auto& row : rows) {
      auto event = co_await from_row<Event>(row);
      const bool wanted = filter.types.has(event.type);
      if (wanted && read.events.size() == limit) {
        read.has_more = true;
        co_return read;
      }
      read.next_seq = event.seq;
      if (wanted) read.events.push_back(std::move(event));
    }
    if (rows.size() < page) co_return read;
  }
  read.has_more = true;
  co_return read;
}

Task<Result<EventsRead>> read_page(Context& cx, TenantScope tenant, EventFilter filter, std::uint32_t limit) {
  auto read = co_await read_rows(cx, tenant, filter, limit);
  // Read after the events: what is pruned between the two reads is reported, and never looks like a gap.
  const auto retention = co_await load_retention(cx, tenant);
  read.oldest_seq = retention.record.oldest_seq;
  // A reader that begins before the oldest event continues, and waits, after those that were pruned.
  if (!filter.reverse) read.next_seq = std::max(read.next_seq, read.oldest_seq - 1);
  co_return read;
}

}  // namespace

Task<Result<EventsRead>> read_events(Context& cx, TenantScope tenant, EventFilter filter, std::uint32_t limit, Millis wait) {
  const auto until = cx.host_now() + wait;
  for (bool again = true; again;) {
    auto read = co_await read_page(cx, tenant, filter, limit);
    if (!read.events.empty() || read.has_more || filter.reverse || cx.host_now() >= until) co_return read;
    filter.from_seq = read.next_seq;
    again = co_await cx.wait.until({{event_key(tenant, read.next_seq + 1), std::nullopt}}, until);
  }
  co_return co_await read_page(cx, tenant, filter, limit);
}

Task<Result<Event>> find_event(Context& cx, TenantScope tenant, EventId id) {
  const auto pointer = co_await cx.store.get(event_id_key(tenant, id));
  std::uint64_t seq = 0;
  if (!pointer) co_return fail(ErrorCode::not_found, "There is no event with this id.");
  if (!row::read(pointer->value, seq)) co_return damaged_row(pointer->key);
  const auto stored = co_await cx.store.load<Event>(event_key(tenant, seq));
  if (!stored) {
    const auto retention = co_await load_retention(cx, tenant);
    co_await invariant(seq < retention.record.oldest_seq, "I11 an event is never lost");
    co_return fail(ErrorCode::not_found, "There is no event with this id.");
  }
  co_return stored->record;
}

Result<std::vector<EventPattern>> event_patterns(const std::vector<std::string>& names) {
  std::vector<EventPattern> patterns;
  for (const auto& name : names) {
    const auto pattern = from_name<EventPattern>(name);
    if (!pattern) return fail(ErrorCode::invalid_request, "There is no event type " + name + ".", "types");
    patterns.push_back(*pattern);
  }
  return patterns;
}

}  // namespace lntpay
