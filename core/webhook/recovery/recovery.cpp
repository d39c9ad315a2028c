// Recovery: find the first event, then piece by piece.
#include "core/webhook/recovery/recovery.hpp"

#include <algorithm>

#include "core/event/event_retention.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/request/audit_trail.hpp"
#include "core/webhook/delivery/delivery.hpp"

namespace lntpay {
namespace {

constexpr Millis recovery_lease = minutes(1);
constexpr int pieces_per_run = 8;
/// A piece writes up to five rows for each event. A run begins no further one that may not fit into the 500 rows of a session
/// (docs/architecture.md).
constexpr std::size_t recovery_rows_max = 500 - std::size_t{5} * recovery_piece - 10;

DueWork recovery_work(const TenantScope& tenant, const EndpointId& id) { return {std::string(recovery_kind), tenant, id.text()}; }

/// The seq of the first event at or after a time, among 1 to `last`; last + 1: there is none. Later ones may be before that time,
/// where the clock went back. A damaged event counts as later, so that the search ends before it rather than after it.
Task<Result<std::uint64_t>> first_seq_since(Context& cx, TenantScope tenant, UnixMillis since, std::uint64_t last) {
  std::uint64_t low = 1;
  std::uint64_t high = last + 1;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto row = co_await cx.store.get(event_key(tenant, middle));
    const auto event = row ? from_row<Event>(*row) : Result<Event>(Event{});
    if (!event || std::max(event->at, event->latest_at) >= since) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  co_return low;
}

/// Whether the endpoint did not get the event: there is no delivery, or it failed.
bool is_missed(const std::optional<Stored<Delivery>>& delivery) {
  return !delivery || delivery->record.status == DeliveryStatus::failed;
}

Task<Result<std::vector<std::optional<Stored<Delivery>>>>> deliveries_of(Context& cx, TenantScope tenant, EndpointId id,
                                                                         std::vector<Event> events) {
  std::vector<std::optional<Stored<Delivery>>> deliveries(events.size());
  std::vector<std::string> keys;
  for (const auto& event : events) keys.push_back(delivery_of_key(tenant, id, event.seq));
  const auto index = co_await cx.store.get_all(std::move(keys));
  std::vector<std::string> found;
  for (const auto& row : index) {
    if (row) found.push_back(tenant.key("delivery", row->value));
  }
  if (found.empty()) co_return std::move(deliveries);
  auto rows = co_await cx.store.get_all(std::move(found));
  std::size_t next = 0;
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (!index[i]) continue;
    auto& row = rows[next++];
    auto delivery = row ? from_row<Delivery>(*row) : Result<Delivery>(damaged_row(index[i]->key));
    if (!delivery) {  // it exists, and no recovery can mend it: the others go on
      cx.alarms.push_back(delivery.error().message);
      deliveries[i] = Stored<Delivery>{{.status = DeliveryStatus::succeeded}, {}};
      continue;
    }
    deliveries[i].emplace(std::move(*delivery), std::move(*row));
  }
  co_return std::move(deliveries);
}

/// The events of the next piece that the endpoint should have; `recovery` advances over it.
Task<Result<std::vector<Event>>> next_piece(Context& cx, TenantScope tenant, const Endpoint& endpoint, Recovery& recovery) {
  const auto rows = co_await cx.store.scan(
      {.prefix = tenant.key("event") + "/", .after = event_key(tenant, recovery.next_seq - 1), .limit = recovery_piece});
  const auto wanted = recovery.types.empty() ? endpoint.received() : endpoint.received().common(types_matching(recovery.types));
  std::vector<Event> events;
  // A full page continues after it, also where its last event is damaged.
  recovery.next_seq = rows.size() == recovery_piece ? recovery.next_seq + recovery_piece : recovery.last_seq + 1;
  for (const auto& row : rows) {
    auto event = from_row<Event>(row);
    if (!event) {
      cx.alarms.push_back(event.error().message);
      continue;
    }
    if (event->seq > recovery.last_seq) break;
    if (event->at < recovery.since || event->at >= recovery.until) continue;
    ++recovery.examined;
    if (endpoint.is_recoverable(*event, wanted)) events.push_back(std::move(*event));
  }
  co_return std::move(events);
}

/// Advances over events that are pruned. The commit conflicts if more expire meanwhile.
Task<Result<>> pass_pruned(Context& cx, WriteBatch& batch, TenantScope tenant, Recovery& recovery) {
  const auto retention = co_await load_retention(cx, tenant);
  const auto& kept = retention.record;
  recovery.pruned = recovery.pruned || (kept.expired_seq > 0 && recovery.since <= kept.expired_at);
  recovery.next_seq = std::max(recovery.next_seq, kept.first_deliverable());
  retention.keep(batch, tenant);
  co_return {};
}

/// One piece, in one commit of `written` rows. Yields the recovery after it; it ends where its endpoint was disabled or deleted.
Task<Result<Recovery>> recover_piece(Context& cx, TenantScope tenant, EndpointId id, std::size_t& written) {
  auto rows = co_await cx.store.get_all({recovery_key(tenant, id), endpoint_key(tenant, id.text())});
  if (!rows[0]) co_return Recovery{.endpoint = id, .ended_at = cx.now()};  // it went with its endpoint
  auto recovery = co_await from_row<Recovery>(*rows[0]);
  if (recovery.ended_at) co_return std::move(recovery);
  WriteBatch batch;
  co_await pass_pruned(cx, batch, tenant, recovery);
  const auto endpoint = rows[1] ? co_await from_row<Endpoint>(*rows[1]) : Endpoint{.id = id, .status = EndpointStatus::disabled};
  if (endpoint.status == EndpointStatus::enabled) {
    batch.keep(*rows[1]);
    const auto events = co_await next_piece(cx, tenant, endpoint, recovery);
    auto deliveries =
        events.empty() ? std::vector<std::optional<Stored<Delivery>>>{} : co_await deliveries_of(cx, tenant, id, events);
    bool any = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (!is_missed(deliveries[i])) continue;
      ++recovery.queued;
      if (recovery.dry_run) continue;
      any = true;
      if (deliveries[i]) {
        requeue(cx, batch, tenant, *deliveries[i], true);
      } else {
        enqueue(cx, batch, tenant, id, events[i], {.order = endpoint.ordering, .is_recovered = true});
      }
    }
    if (any) start_run(cx, batch, tenant, id);
  } else {
    recovery.next_seq = recovery.last_seq + 1;
  }
  if (recovery.next_seq > recovery.last_seq) recovery.ended_at = cx.now();
  batch.replace(*rows[0], to_row(recovery));
  written = batch.commit().ops.size();
  co_await cx.store.commit(std::move(batch));
  co_return std::move(recovery);
}

}  // namespace

Task<Result<Recovery>> start_recovery(Context& cx, TenantScope tenant, EndpointId id, RecoveryRequest asked,
                                      IdempotencyClaim claim) {
  const auto started_at = claim.started_at(cx);
  const auto until = asked.until.value_or(started_at + Millis{1});
  if (until <= asked.since) {
    if (!asked.until) co_return fail(ErrorCode::invalid_request, "since must not be later than now.", "since");
    co_return fail(ErrorCode::invalid_request, "until must be later than since.", "until");
  }
  bool tried = false;
  co_return co_await retry([&]() -> Task<Result<Recovery>> {
    const auto stored = co_await load_endpoint(cx, tenant, id);
    if (stored.record.status != EndpointStatus::enabled)
      co_return fail(ErrorCode::invalid_state, "The endpoint is disabled. Enable it first.");
    const auto former = co_await cx.store.get(recovery_key(tenant, id));
    auto last = former ? co_await from_row<Recovery>(*former) : Recovery{};
    // Written by this call, whose commit had an unknown outcome.
    if (former && tried && last.started_at == started_at) co_return std::move(last);
    if (former && !last.ended_at)
      co_return fail(ErrorCode::invalid_state, "A recovery of this endpoint is running. Wait until it has ended.");
    const auto account = co_await cx.store.load<AccountState>(account_key(tenant));
    Recovery recovery{.endpoint = id,
                      .since = asked.since,
                      .until = until,
                      .types = asked.types,
                      .dry_run = asked.dry_run,
                      .last_seq = account ? account->record.events : 0,
                      .started_at = started_at};
    recovery.next_seq = co_await first_seq_since(cx, tenant, recovery.since, recovery.last_seq);
    WriteBatch batch;
    co_await pass_pruned(cx, batch, tenant, recovery);
    if (recovery.next_seq > recovery.last_seq) {
      recovery.ended_at = recovery.started_at;
    } else {
      add_due_on_host(cx, batch, recovery_work(tenant, id), cx.host_now());
    }
    batch.keep(stored.entry);
    batch.replace_or_create(former ? &*former : nullptr, recovery_key(tenant, id), to_row(recovery));
    claim.write(batch, recovery_json(recovery));
    if (!asked.dry_run) add_audit_note(cx, batch, tenant, {"webhook_endpoint.recover", id.text(), ""});
    tried = true;
    co_await cx.store.commit(std::move(batch));
    co_return std::move(recovery);
  });
}

Task<Result<Recovery>> get_recovery(Context& cx, TenantScope tenant, EndpointId id) {
  auto stored = co_await cx.store.load<Recovery>(recovery_key(tenant, id));
  if (!stored) co_return fail(ErrorCode::not_found);
  co_return std::move(stored->record);
}

Task<Result<>> run_recovery(Context& cx, std::string due_key) {
  const auto claimed = co_await claim_record<EndpointId>(cx, std::move(due_key), recovery_lease);
  std::size_t rows = 0;
  for (int piece = 0; piece < pieces_per_run && rows < recovery_rows_max; ++piece) {
    std::size_t written = 0;
    const auto recovery = co_await retry([&] { return recover_piece(cx, claimed.tenant, claimed.id, written); });
    rows += written;
    if (recovery.ended_at) co_return co_await attempt(finish_due(cx, claimed.row));
  }
  WriteBatch batch;
  batch.remove(claimed.row);
  add_due_on_host(cx, batch, recovery_work(claimed.tenant, claimed.id), cx.host_now());
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

}  // namespace lntpay
