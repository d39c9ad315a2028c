// A run of the task, and the pieces of a pass.
#include "core/webhook/retention/pruning.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/event/event_retention.hpp"
#include "core/ledger/ledger_entry.hpp"
#include "core/webhook/attempt/attempt_window.hpp"
#include "core/webhook/delivery/delivery.hpp"
#include "core/webhook/delivery/delivery_order.hpp"

namespace lntpay {
namespace {

constexpr Millis pruning_lease = minutes(1);
/// How long ago the clock was read that a pass goes by, at least.
constexpr Millis clock_confirmed_after = hours(1);

// Together they keep a session within the bounds of docs/architecture.md: a piece writes piece_rows_max rows and those of one
// delivery more.
constexpr int pruning_pieces_max = 16;
constexpr std::size_t run_rows_max = 300;
constexpr std::size_t piece_rows_max = 150;
constexpr std::uint32_t found_max = 500;
constexpr std::uint32_t index_rows_max = 100;
constexpr std::size_t deliveries_max = 20;
constexpr std::uint32_t attempts_max = 30;
constexpr std::uint32_t events_max = 75;

/// Rows `…/charge_target/{id}`, which format 6 wrote for every origin of a webhook_url: nothing reads them.
Task<Result<>> remove_charge_targets(Context& cx, WriteBatch& batch, TenantScope tenant) {
  const auto rows = co_await cx.store.scan(
      {.prefix = tenant.key("charge_target") + "/", .after = {}, .limit = static_cast<std::uint32_t>(piece_rows_max)});
  for (const auto& row : rows) batch.erase(row.key);
  co_return {};
}

/// Begins a pass if the clock was read before, and has not come back since.
void begin_pass(const Context& cx, Retention& state) {
  const auto now = cx.now();
  const bool is_confirmed = state.seen_at && *state.seen_at <= now;
  if (is_confirmed && now - *state.seen_at < clock_confirmed_after) return;
  if (is_confirmed) {
    state.cutoff = *state.seen_at - cx.settings.keep_events;
    state.examined_seq = 0;
    state.step = PruningStep::find;
  }
  state.seen_at = now;
}

Task<Result<>> find_expired(Context& cx, TenantScope tenant, Retention& state) {
  const auto account = co_await cx.store.load<AccountState>(account_key(tenant));
  const auto from = std::max(state.examined_seq, state.oldest_seq - 1);
  const auto rows =
      co_await cx.store.scan({.prefix = tenant.key("event") + "/", .after = event_key(tenant, from), .limit = found_max});
  bool more = rows.size() == found_max;
  for (const auto& row : rows) {
    const auto seq = seq_of_event_key(row.key);
    if (!seq) continue;
    const auto event = from_row<Event>(row);
    // The time of a damaged event is unknown, and a clock that was ahead gave a wrong one.
    if (event && event->at <= cx.now()) {
      if (event->at >= state.cutoff) {
        more = false;
        break;
      }
      if (*seq >= state.expired_seq) {
        state.expired_seq = *seq;
        state.expired_at = event->at;
      }
    }
    state.examined_seq = *seq;
  }
  if (more) co_return {};
  // The account was read before its events: those that it counts are gone. A row that was rebuilt does not have this.
  if (rows.empty() && from + 1 == state.oldest_seq && account)
    state.oldest_seq = std::max(state.oldest_seq, account->record.events + 1);
  state.step = state.expired_seq >= state.oldest_seq ? PruningStep::deliveries : PruningStep::rest;
  state.position.clear();
  state.held_seq.reset();
  co_return {};
}

/// A row `…/delivery_of/{endpoint}/{seq}` of an expired event, with what belongs to it.
struct Expired {
  Entry index;
  std::string position;  ///< "{endpoint}/{seq}"
  std::uint64_t seq = 0;
  Result<std::optional<Entry>> row{std::nullopt};
  std::optional<Delivery> delivery{};  ///< nullopt: missing or damaged
  std::vector<Entry> attempts{};       ///< the oldest ones, at most attempts_max + 1
  std::optional<Entry> queued{};       ///< of a pending one: its place in a queue
  bool is_in_flight = false;           ///< of a pending one

  [[nodiscard]] bool is_pending() const {
    return delivery && delivery->status == DeliveryStatus::pending && delivery->next_attempt_at;
  }
};

std::string delivery_index_prefix(const TenantScope& tenant) { return tenant.key("delivery_of") + "/"; }

/// The next expired ones. `state.position` moves past them, and past the newer ones of each receiver.
Task<Result<std::vector<Expired>>> next_expired(Context& cx, TenantScope tenant, Retention& state) {
  const auto prefix = delivery_index_prefix(tenant);
  const auto after = state.position.empty() ? std::string() : prefix + state.position;
  auto rows = co_await cx.store.scan({.prefix = prefix, .after = after, .limit = index_rows_max});
  if (rows.empty()) {
    state.step = PruningStep::events;
    state.position.clear();
  }
  std::vector<Expired> found;
  for (auto& row : rows) {
    state.position = row.key.substr(prefix.size());
    const auto slash = state.position.rfind('/');
    std::uint64_t seq = 0;
    if (slash == std::string::npos || !row::read(std::string_view(state.position).substr(slash + 1), seq)) {
      cx.alarms.push_back(damage_report(row.key));
    } else if (seq > state.expired_seq) {
      state.position.replace(slash + 1, std::string::npos, "~");  // sorts after every seq
    } else {
      found.push_back({.index = std::move(row), .position = state.position, .seq = seq});
      if (found.size() == deliveries_max) break;
    }
  }
  co_return std::move(found);
}

/// Where a pending delivery is: its place in a queue, and the slots of its endpoint.
std::vector<std::string> places_of(const TenantScope& tenant, const Delivery& delivery) {
  std::vector<std::string> keys{queue_key(tenant, delivery.endpoint, delivery.queued())};
  for (Slot slot = 0; slot < window_slots; ++slot) keys.push_back(flight_key(tenant, delivery.endpoint, slot));
  return keys;
}

bool holds(const std::optional<Entry>& flight_row, const DeliveryId& id) {
  const auto flight = flight_row ? from_row<Flight>(*flight_row).value_or(Flight{}) : Flight{};
  return flight.delivery == id;
}

Task<Result<>> find_places(Context& cx, const TenantScope& tenant, std::vector<Expired>& found) {
  std::vector<std::string> keys;
  for (const auto& each : found) {
    if (!each.is_pending()) continue;
    for (auto& key : places_of(tenant, *each.delivery)) keys.push_back(std::move(key));
  }
  if (keys.empty()) co_return {};
  auto rows = co_await cx.store.get_all(std::move(keys));
  auto next = rows.begin();
  for (auto& each : found) {
    if (!each.is_pending()) continue;
    each.queued = std::move(*next++);
    for (Slot slot = 0; slot < window_slots; ++slot) each.is_in_flight = holds(*next++, each.delivery->id) || each.is_in_flight;
  }
  co_return {};
}

/// Reads the rows that belong to the index rows.
Task<Result<>> load_expired(Context& cx, TenantScope tenant, std::vector<Expired>& found) {
  std::vector<std::string> keys;
  std::vector<Effect> scans;
  for (const auto& each : found) {
    keys.push_back(tenant.key("delivery", each.index.value));
    scans.emplace_back(Range{tenant.key("attempt", each.index.value) + "/", "", attempts_max + 1, false});
  }
  auto rows = co_await cx.store.get_each(std::move(keys));
  auto scanned = co_await cx.seam.perform(std::move(scans));
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto* attempts = std::get_if<Scanned>(&scanned[i]);
    if (attempts == nullptr) co_return fail(ErrorCode::storage_unavailable, "the attempts of a delivery cannot be read");
    found[i].attempts = std::move(attempts->entries);
    found[i].row = std::move(rows[i]);
    if (!found[i].row || !*found[i].row) continue;
    if (auto read = from_row<Delivery>(**found[i].row)) found[i].delivery = std::move(*read);
  }
  co_return co_await attempt(find_places(cx, tenant, found));
}

/// Ends a pending delivery. One that is being attempted is left to its attempt. Yields false if the piece must end with it: the
/// next delivery of its object got the turn.
Task<Result<bool>> end_pending(Context& cx, WriteBatch& batch, const TenantScope& tenant, Expired& each, Retention& state) {
  state.held_seq = std::min(each.seq, state.held_seq.value_or(each.seq));
  if (each.is_in_flight && !each.queued) co_return true;
  if (each.queued) batch.remove(*each.queued);
  auto& delivery = *each.delivery;
  delivery.status = DeliveryStatus::failed;
  delivery.next_attempt_at.reset();
  delivery.last_reason = "its event is older than the retention period";
  batch.put(dead_key(tenant, delivery.endpoint, each.seq), delivery.id.text());
  batch.replace(**each.row, to_row(delivery));
  if (!delivery.is_ordered) co_return true;
  co_await pass_turn(cx, batch, tenant, delivery);
  co_return false;
}

/// Removes a delivery and what belongs to it. Yields false if it has more attempts than a piece removes: the rest of it stays.
bool remove_delivery(Context& cx, WriteBatch& batch, const TenantScope& tenant, const Expired& each) {
  const auto count = std::min<std::size_t>(each.attempts.size(), attempts_max);
  for (std::size_t i = 0; i < count; ++i) batch.erase(each.attempts[i].key);
  if (each.attempts.size() > count) return false;
  batch.erase(each.index.key);
  const bool is_missing = each.row && !*each.row;
  if (is_missing) return true;
  const auto key = tenant.key("delivery", each.index.value);
  if (each.delivery) {
    const auto& delivery = *each.delivery;
    batch.remove(**each.row);  // conflicts with a redelivery
    if (!delivery.object.empty()) batch.erase(delivery_about_prefix(tenant, delivery.object).append(delivery.id.text()));
  } else {
    cx.alarms.push_back(damage_report(key));
    batch.erase(key);
  }
  if (!each.delivery || each.delivery->status == DeliveryStatus::failed)
    batch.erase(tenant.key("dead", each.position));  // the index of dead letters has the same end
  return true;
}

Task<Result<>> prune_deliveries(Context& cx, WriteBatch& batch, TenantScope tenant, Retention& state) {
  auto done = state.position;
  auto found = co_await next_expired(cx, tenant, state);
  if (found.empty()) co_return {};
  co_await load_expired(cx, tenant, found);
  for (auto& each : found) {
    const bool is_full = batch.commit().ops.size() >= piece_rows_max;
    if (is_full) {
      state.position = std::move(done);
      break;
    }
    if (each.is_pending()) {
      if (!co_await end_pending(cx, batch, tenant, each, state)) {
        state.position = each.position;
        break;
      }
    } else if (!remove_delivery(cx, batch, tenant, each)) {
      state.position = std::move(done);
      break;
    }
    done = each.position;
  }
  co_return {};
}

Task<Result<>> prune_events(Context& cx, WriteBatch& batch, TenantScope tenant, Retention& state) {
  const auto last = state.held_seq ? std::min(state.expired_seq, *state.held_seq - 1) : state.expired_seq;
  const auto rows = co_await cx.store.scan(
      {.prefix = tenant.key("event") + "/", .after = event_key(tenant, state.oldest_seq - 1), .limit = events_max});
  bool more = rows.size() == events_max;
  for (const auto& row : rows) {
    const auto seq = seq_of_event_key(row.key);
    if (seq && *seq > last) {
      more = false;
      break;
    }
    const auto event = from_row<Event>(row);
    if (event) {
      batch.erase(event_id_key(tenant, event->id));
    } else {
      cx.alarms.push_back(event.error().message);
    }
    batch.erase(row.key);
    if (seq) state.oldest_seq = *seq + 1;
  }
  if (more) co_return {};
  state.oldest_seq = std::max(state.oldest_seq, last + 1);
  state.step = PruningStep::rest;
  co_return {};
}

struct Piece {
  std::size_t rows = 0;
  bool is_last = false;  ///< of the pass
};

/// One piece of the pass, in one commit; at the start of a run also the start of a pass.
Task<Result<Piece>> prune_piece(Context& cx, TenantScope tenant) {
  auto [state, entry] = co_await load_retention(cx, tenant);
  WriteBatch batch;
  const bool keeps_all = cx.settings.keep_events == Millis{};
  if (keeps_all) {
    state.step = PruningStep::rest;
  } else if (state.step == PruningStep::rest) {
    begin_pass(cx, state);
  }
  switch (state.step) {
    case PruningStep::rest: break;
    case PruningStep::find:
      co_await remove_charge_targets(cx, batch, tenant);
      co_await find_expired(cx, tenant, state);
      break;
    case PruningStep::deliveries: co_await prune_deliveries(cx, batch, tenant, state); break;
    case PruningStep::events: co_await prune_events(cx, batch, tenant, state); break;
  }
  batch.replace_or_create(entry ? &*entry : nullptr, retention_key(tenant), to_row(state));
  const Piece piece{.rows = batch.commit().ops.size(), .is_last = state.step == PruningStep::rest};
  co_await cx.store.commit(std::move(batch));
  co_return piece;
}

}  // namespace

Task<Result<>> run_pruning(Context& cx, std::string due_key) {
  const auto work = parse_due_key(due_key);
  co_await invariant(work.has_value(), "a task is named by a due row's key");
  const auto claimed = co_await claim_due(cx, std::move(due_key), pruning_lease);
  Piece piece;
  std::size_t rows = 0;
  for (int pieces = 0; pieces < pruning_pieces_max && rows < run_rows_max && !piece.is_last; ++pieces) {
    piece = co_await retry([&] { return prune_piece(cx, work->tenant); });
    rows += piece.rows;
  }
  WriteBatch batch;
  batch.remove(claimed);
  if (piece.is_last) {
    add_due(cx, batch, *work, cx.now() + pruning_interval);
  } else {
    // Never at the time of the claimed row: a commit changes a key once.
    add_due_on_host(cx, batch, *work, cx.host_now() + Millis{due_time(claimed.key) == cx.host_now() ? 1 : 0});
  }
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

}  // namespace lntpay
