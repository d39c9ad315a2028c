// Claims: a delivery leaves its queue, and the slot holds it until its attempt is recorded.
#include "core/webhook/attempt/attempt_claim.hpp"

#include "core/webhook/attempt/queue_cancellation.hpp"
#include "core/webhook/attempt/queued_delivery.hpp"
#include "core/webhook/delivery/delivery_order.hpp"
#include "core/webhook/queue/pace.hpp"

namespace lntpay {
namespace {

/// On a full second, so that the due row at the end of a slot's lease is moved at most once a second, however short attempts are.
UnixMillis lease_end(UnixMillis now) {
  constexpr std::uint64_t second_ms = 1'000;
  const auto end = now + flight_lease;
  return {end.value - end.value % second_ms};
}

void remember(ClaimedAttempt& claimed, Queued& queued) {
  if (queued.delivery) claimed.read.emplace(std::move(*queued.delivery));
}

Flight flight_of(const Context& cx, const QueueRow& queued, const Receiver& receiver, std::string run) {
  return {.delivery = queued.id,
          .event_seq = queued.event_seq,
          .kind = queued.kind,
          .queued_at = queued.at,
          .until = lease_end(cx.host_now()),
          .run = std::move(run),
          .epoch = receiver.epoch,
          .process = cx.settings.process};
}

/// A commit changes a key once: the due row of a slot is moved by at most one erase and one put of different keys.
void move_slot_run(Context& cx, WriteBatch& batch, const DueWork& work, UnixMillis from, std::optional<UnixMillis> to,
                   const std::string& removed = {}) {
  if (from == to) return;
  if (auto key = due_key(work, from); key != removed) batch.erase(std::move(key));
  if (to) add_due_on_host(cx, batch, work, *to);
}

void start_slots(Context& cx, WriteBatch& batch, const DeliveryRun& run, const Window& window, Slot taken, DueCounts due) {
  for (Slot slot = window_slots; slot-- > 0;) {
    if (slot == taken || !window.is_free(slot)) continue;
    const auto kind = next_for(slot, due);
    if (!kind) continue;
    --(*kind == QueueKind::first ? due.first : due.retry);
    const auto work = slot_run(run.work.tenant, run.endpoint, slot);
    if (due_key(work, cx.host_now()) != run.due_key) add_due_on_host(cx, batch, work, cx.host_now());
  }
}

/// Returns what was in flight in a crash to its queue: the endpoint is disabled. A delivery that was requeued during the attempt is
/// there already.
Task<Result<>> return_lost(Context& cx, WriteBatch& batch, const DeliveryRun& run, const Window& window) {
  const auto& tenant = run.work.tenant;
  for (Slot slot = 0; slot < window_slots; ++slot) {
    if (!window.is_lost(slot, cx)) continue;
    const auto& [flight, row] = *window.flights[slot];
    batch.remove(row);
    move_slot_run(cx, batch, slot_run(tenant, run.endpoint, slot), flight.until, std::nullopt, run.due_key);
    const auto delivery = co_await find_delivery(cx, tenant, flight.delivery);
    if (delivery && delivery->record.next_attempt_at == flight.queued_at) put_queued(batch, tenant, run.endpoint, flight.queued());
  }
  co_return {};
}

/// The first claim of a run, and the commit that it prepares.
struct FirstClaim {
  const DeliveryRun& run;
  WriteBatch batch{};
  Window window{};
  ClaimedAttempt claimed{};

  [[nodiscard]] const TenantScope& tenant() const { return run.work.tenant; }
  /// The slot that an earlier commit of the run took, whose outcome was unknown.
  [[nodiscard]] std::optional<Slot> earlier_slot() const {
    for (Slot slot = 0; slot < window_slots; ++slot) {
      if (window.flights[slot] && window.flights[slot]->record.run == run.id) return slot;
    }
    return std::nullopt;
  }
};

/// What the run's earlier commit took; nullopt if its event is damaged by now.
Task<Result<std::optional<ClaimedAttempt>>> taken_earlier(Context& cx, FirstClaim& claim, Slot slot) {
  auto& claimed = claim.claimed;
  claimed.slot = slot;
  claimed.flight = claim.window.flights[slot]->record;
  auto queued = co_await load_queued(cx, claim.tenant(), claimed.flight.queued());
  if (!queued.event) co_return std::nullopt;
  claimed.event = std::move(*queued.event);
  remember(claimed, queued);
  co_return std::move(claimed);
}

/// The other slots of a former process do not wait for the end of their leases.
void hasten_lost(Context& cx, WriteBatch& batch, const DeliveryRun& run, const Window& window, Slot taken) {
  for (Slot slot = 0; slot < window_slots; ++slot) {
    if (slot == taken || !window.is_of_former_process(slot, cx)) continue;
    const auto until = window.flights[slot]->record.until;
    if (until > cx.host_now())
      move_slot_run(cx, batch, slot_run(run.work.tenant, run.endpoint, slot), until, cx.host_now(), run.due_key);
  }
}

/// Takes a delivery whose attempt a crash has ended.
Task<Result<bool>> take_lost(Context& cx, FirstClaim& claim, Slot slot) {
  auto& [run, batch, window, claimed] = claim;
  const auto& [lost, row] = *window.flights[slot];
  const auto work = slot_run(claim.tenant(), run.endpoint, slot);
  auto queued = co_await load_queued(cx, claim.tenant(), lost.queued());
  if (!queued.event) {
    batch.remove(row);
    move_slot_run(cx, batch, work, lost.until, std::nullopt, run.due_key);
    co_await give_up(cx, batch, claim.tenant(), run.endpoint, std::move(queued));
    start_run(cx, batch, claim.tenant(), run.endpoint);
    co_return false;
  }
  claimed.slot = slot;
  claimed.event = std::move(*queued.event);
  claimed.flight = flight_of(cx, lost.queued(), claimed.receiver, run.id);
  remember(claimed, queued);
  batch.replace(row, to_row(claimed.flight));
  move_slot_run(cx, batch, work, lost.until, claimed.flight.until, run.due_key);
  if (!slot_of(run.work)) hasten_lost(cx, batch, run, window, slot);
  co_return true;
}

/// Takes a delivery from its queue into a free slot. `others`: what else is due.
Task<Result<bool>> take_queued(Context& cx, FirstClaim& claim, Slot slot, QueueRow place, DueCounts others) {
  auto& [run, batch, window, claimed] = claim;
  const auto& tenant = claim.tenant();
  auto queued = co_await load_queued(cx, tenant, std::move(place));
  const bool may_leave =
      queued.event && (!queued.is_ordered() || co_await has_turn(cx, batch, tenant, queued.delivery->record, queued.place));
  if (!queued.event) co_await give_up(cx, batch, tenant, run.endpoint, queued);
  if (!may_leave) {
    start_run(cx, batch, tenant, run.endpoint);
    co_return false;
  }
  const auto pace = co_await take_pace(cx, batch, tenant, run.endpoint, claimed.receiver.max_per_second);
  if (pace.wait_until) {
    start_run_by_pace(cx, batch, tenant, run.endpoint, *pace.wait_until);
    co_return false;
  }
  claimed.slot = slot;
  claimed.event = std::move(*queued.event);
  claimed.flight = flight_of(cx, queued.place, claimed.receiver, run.id);
  remember(claimed, queued);
  batch.create(flight_key(tenant, run.endpoint, slot), to_row(claimed.flight));
  take_from_queue(batch, tenant, run.endpoint, queued.place);
  add_due_on_host(cx, batch, slot_run(tenant, run.endpoint, slot), claimed.flight.until);
  if (slot_of(run.work)) co_return true;
  if (claimed.receiver.max_per_second == 0) {
    start_slots(cx, batch, run, window, slot, others);
  } else if (others.first + others.retry > 0) {
    start_run_by_pace(cx, batch, tenant, run.endpoint, pace.next);
  }
  co_return true;
}

/// Whether a delivery was taken.
Task<Result<bool>> take_delivery(Context& cx, FirstClaim& claim) {
  const auto& tenant = claim.tenant();
  const auto& endpoint = claim.run.endpoint;
  auto first = co_await queue_head(cx, tenant, endpoint, QueueKind::first, window_slots);
  auto retries = co_await queue_head(cx, tenant, endpoint, QueueKind::retry, retry_slots);
  DueCounts due{.first = first.due.size(), .retry = retries.due.size()};
  const auto slot = choose_slot(cx, claim.window, slot_of(claim.run.work), due);
  if (!slot) {
    // Nothing is due although the run was: the clock went back. With a full window, a run that ends checks again.
    const auto later = earlier(first.next, retries.next);
    if (due.first + due.retry == 0 && later) start_run_at(cx, claim.batch, tenant, endpoint, *later);
    co_return false;
  }
  if (!claim.window.is_free(*slot)) co_return co_await take_lost(cx, claim, *slot);
  const auto kind = *next_for(*slot, due);
  --(kind == QueueKind::first ? due.first : due.retry);
  co_return co_await take_queued(cx, claim, *slot, (kind == QueueKind::first ? first : retries).due.front(), due);
}

}  // namespace

Task<Result<std::optional<ClaimedAttempt>>> claim_first(Context& cx, const DeliveryRun& run) {
  FirstClaim claim{.run = run};
  const auto& tenant = claim.tenant();
  const auto rows = co_await cx.store.get_all({run.due_key, endpoint_key(tenant, run.endpoint.text())});
  claim.window = co_await load_window(cx, tenant, run.endpoint, claim.batch);
  const auto& due = rows[0];
  const bool is_gone = !due || !is_due(due_time(run.due_key), cx.host_now());
  std::optional<Stored<Endpoint>> endpoint;
  if (rows[1]) endpoint.emplace(co_await from_row<Endpoint>(*rows[1]), *rows[1]);
  auto receiver = receiver_of(run.endpoint, endpoint ? &endpoint->record : nullptr);
  if (!receiver) {
    if (is_gone) co_return fail(ErrorCode::lease_elsewhere);
    co_await cancel_queues(cx, run, *due);
    co_return std::nullopt;
  }
  claim.claimed = {.tenant = tenant, .receiver = std::move(*receiver)};
  if (const auto slot = claim.earlier_slot()) {
    auto taken = co_await taken_earlier(cx, claim, *slot);
    if (taken && taken->read) taken->read->endpoint = std::move(endpoint);
    co_return std::move(taken);
  }
  if (is_gone) co_return fail(ErrorCode::lease_elsewhere);
  claim.batch.remove(*due);
  if (rows[1]) claim.batch.keep(*rows[1]);
  bool is_taken = false;
  if (claim.claimed.receiver.is_enabled) {
    is_taken = co_await take_delivery(cx, claim);
  } else {
    co_await return_lost(cx, claim.batch, run, claim.window);
  }
  co_await cx.store.commit(std::move(claim.batch));
  if (!is_taken) co_return std::nullopt;
  if (claim.claimed.read) claim.claimed.read->endpoint = std::move(endpoint);
  co_return std::move(claim.claimed);
}

void free_slot(Context& cx, WriteBatch& batch, const ClaimedAttempt& ended, const Entry& flight_row) {
  batch.remove(flight_row);
  move_slot_run(cx, batch, slot_run(ended.tenant, ended.receiver.id, ended.slot), ended.flight.until, std::nullopt);
}

namespace {

/// What the slot of an ended attempt sends next.
struct Following {
  std::optional<Event> event{};
  std::optional<Stored<Delivery>> delivery{};
  std::optional<UnixMillis> wait_until{};  ///< without an event: by the pace
};

/// Without an event and a time, another run must handle the delivery, in a commit of its own: its event is damaged, or it waits for
/// its turn, which this commit may pass on.
Task<Result<Following>> follow(Context& cx, WriteBatch& batch, const ClaimedAttempt& ended, const Receiver& receiver,
                               QueueRow place) {
  auto queued = co_await load_queued(cx, ended.tenant, std::move(place));
  if (!queued.event) co_return Following{};
  if (queued.is_ordered()) {
    if (object_id_of(*queued.event) == object_id_of(ended.event)) co_return Following{};
    if (!co_await has_turn(cx, batch, ended.tenant, queued.delivery->record, queued.place)) co_return Following{};
  }
  const auto pace = co_await take_pace(cx, batch, ended.tenant, receiver.id, receiver.max_per_second);
  if (pace.wait_until) co_return Following{.wait_until = pace.wait_until};
  co_return Following{.event = std::move(queued.event), .delivery = std::move(queued.delivery)};
}

}  // namespace

Task<Result<std::optional<ClaimedAttempt>>> claim_next(Context& cx, WriteBatch& batch, const ClaimedAttempt& ended,
                                                       StandingSlot& standing, const Receiver& receiver, bool may_continue) {
  const auto& tenant = ended.tenant;
  const auto& flight_row = standing.flight;
  auto next = co_await next_in_queues(cx, tenant, receiver.id, ended.slot, std::move(standing.heads));
  Following following;
  if (next.row && may_continue) following = co_await follow(cx, batch, ended, receiver, *next.row);
  if (!following.event) {
    free_slot(cx, batch, ended, flight_row);
    if (following.wait_until) {
      start_run_by_pace(cx, batch, tenant, receiver.id, *following.wait_until);
    } else if (next.row || next.later == std::optional(cx.now())) {
      start_run(cx, batch, tenant, receiver.id);
    } else if (next.later) {
      start_run_at(cx, batch, tenant, receiver.id, *next.later);
    }
    co_return std::nullopt;
  }
  ClaimedAttempt claimed{.tenant = tenant, .receiver = receiver, .slot = ended.slot, .event = std::move(*following.event)};
  claimed.flight = flight_of(cx, *next.row, receiver, ended.flight.run);
  if (following.delivery) claimed.read.emplace(std::move(*following.delivery));
  take_from_queue(batch, tenant, receiver.id, *next.row);
  batch.replace(flight_row, to_row(claimed.flight));
  move_slot_run(cx, batch, slot_run(tenant, receiver.id, ended.slot), ended.flight.until, claimed.flight.until);
  co_return std::move(claimed);
}

}  // namespace lntpay
