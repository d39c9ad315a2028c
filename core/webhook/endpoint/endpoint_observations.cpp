// Counting missed events page by page, from the events and the indexes of the endpoint's deliveries.
#include "core/webhook/endpoint/endpoint_observations.hpp"

#include <algorithm>

#include "core/event/event_retention.hpp"
#include "core/storage/read_budget.hpp"
#include "core/webhook/endpoint/failure_run.hpp"
#include "core/webhook/queue/delivery_keys.hpp"

namespace lntpay {
namespace {

/// What a page costs at least of the events that may be read, so that many short disabled times do not make a session too long.
constexpr std::uint32_t page_cost_min = 125;

/// When the endpoint's attempts began to fail; nullopt: the last one succeeded, or it was enabled or moved since.
std::optional<UnixMillis> failing_since(const Endpoint& endpoint, const std::optional<Entry>& row) {
  const auto run = row ? from_row<FailureRun>(*row) : Result<FailureRun>(FailureRun{});
  return run && row && run->epoch == endpoint.epoch ? std::optional(run->since) : std::nullopt;
}

/// The seqs that end the keys of an index, from `first` on, in order.
Task<Result<std::vector<std::uint64_t>>> seqs_in(Context& cx, std::string prefix, std::uint64_t first, std::uint32_t limit) {
  auto after = prefix + padded(first - 1);
  const auto rows = co_await cx.store.scan({.prefix = std::move(prefix), .after = std::move(after), .limit = limit});
  std::vector<std::uint64_t> seqs;
  for (const auto& row : rows) {
    if (const auto seq = seq_of_event_key(row.key)) seqs.push_back(*seq);
  }
  co_return std::move(seqs);
}

/// How many of these events the endpoint did not get.
Task<Result<std::uint64_t>> count_undelivered(Context& cx, TenantScope tenant, EndpointId id, std::vector<std::uint64_t> events,
                                              std::uint32_t limit) {
  if (events.empty()) co_return 0;
  // An endpoint has one delivery of an event at most, so a page of them reaches as far as one of events.
  const auto delivered = co_await seqs_in(cx, delivery_of_prefix(tenant, id), events.front(), limit);
  const auto failed = co_await seqs_in(cx, dead_prefix(tenant, id), events.front(), limit);
  co_return static_cast<std::uint64_t>(std::ranges::count_if(events, [&](std::uint64_t seq) {
    return !std::ranges::binary_search(delivered, seq) || std::ranges::binary_search(failed, seq);
  }));
}

Task<Result<>> count_missed(Context& cx, TenantScope tenant, Endpoint& endpoint, std::uint32_t left) {
  const auto wanted = endpoint.received();
  for (const auto& range : endpoint.missed) {
    auto next = range.first;
    for (bool more = true; more;) {
      if (left == 0) {
        endpoint.missed_events_capped = true;
        co_return {};
      }
      const auto limit = std::min(left, read_page_rows);
      const auto rows =
          co_await cx.store.scan({.prefix = tenant.key("event") + "/", .after = event_key(tenant, next - 1), .limit = limit});
      left -= std::min(left, std::max(static_cast<std::uint32_t>(rows.size()), page_cost_min));
      more = rows.size() == limit;
      std::vector<std::uint64_t> events;
      for (const auto& row : rows) {
        next = seq_of_event_key(row.key).value_or(next) + 1;
        if (next > range.last.value_or(next)) more = false;
        const auto event = from_row<Event>(row);
        if (!event || event->seq > range.last.value_or(event->seq)) continue;
        if (endpoint.is_recoverable(*event, wanted)) events.push_back(event->seq);
      }
      endpoint.missed_events += co_await count_undelivered(cx, tenant, endpoint.id, std::move(events), limit);
    }
  }
  co_return {};
}

}  // namespace

Task<Result<>> add_observations(Context& cx, TenantScope tenant, std::span<Endpoint> endpoints) {
  std::vector<std::string> keys;
  for (const auto& endpoint : endpoints) keys.push_back(failing_key(tenant, endpoint.id.text()));
  const auto failing = co_await cx.store.get_all(std::move(keys));
  const auto retention = co_await load_retention(cx, tenant);
  std::uint32_t sharing = 0;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    endpoints[i].failing_since = failing_since(endpoints[i], failing[i]);
    endpoints[i].forget_missed_before(retention.record.first_deliverable());
    if (!endpoints[i].missed.empty()) ++sharing;
  }
  for (auto& endpoint : endpoints) {
    endpoint.missed_events = 0;
    endpoint.missed_events_capped = false;
    if (!endpoint.missed.empty()) co_await count_missed(cx, tenant, endpoint, missed_examined_max / sharing);
  }
  co_return {};
}

}  // namespace lntpay
