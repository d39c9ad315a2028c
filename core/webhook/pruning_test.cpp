// Pruning: what is removed after the period, and what stays whatever happens.
#include "core/webhook/pruning.hpp"

#include "core/event/event_list.hpp"
#include "core/event/event_retention.hpp"
#include "core/webhook/recovery.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay {
namespace {

using test::CommitFault;
using test::WebhookWorld;

constexpr Millis period = days(10);
/// An event is removed in the second pass after its period: the first pass whose clock was read after it.
constexpr Millis removed_after = days(12);
/// Until just before that pass.
constexpr Millis before_removed = days(11);

struct Pruning : WebhookWorld {
  Pruning() { settings.keep_events = period; }

  std::vector<std::string> alarms;

  /// The task's only row.
  [[nodiscard]] std::string task() const {
    std::string found;
    for (const auto& [key, entry] : store.rows()) {
      const auto work = parse_due_key(key);
      if (!work || work->kind != pruning_kind) continue;
      REQUIRE_MESSAGE(found.empty(), "two rows of one task");
      found = key;
    }
    REQUIRE_MESSAGE(!found.empty(), "the task has no row");
    return found;
  }
  /// nullopt: the session crashed.
  std::optional<Result<>> run_task() {
    return run_until_crash([this, key = task()](Context& cx) -> Task<Result<>> {
      const auto ended = co_await attempt(run_pruning(cx, key));
      alarms.insert(alarms.end(), cx.alarms.begin(), cx.alarms.end());
      co_return ended;
    });
  }
  /// Moves the task's row to the present.
  void make_due() {
    store.erase(task());
    store.put(due_key(pruning_work(tenant), now), "");
  }
  /// Runs the task while it is due.
  void prune() {
    for (int runs = 0; runs < 1'000; ++runs) {
      if (!is_due(lntpay::due_time(task()), now)) return;
      run_task();
    }
    FAIL("pruning does not end");
  }
  /// Advances the clock; deliveries and pruning run when they are due.
  void live(Millis span) {
    const auto until = now + span;
    for (auto at = lntpay::due_time(task()); at <= until; at = lntpay::due_time(task())) {
      if (at > now) pass(at - now);
      prune();
    }
    if (until > now) pass(until - now);
  }

  void set(const EndpointId& id, EndpointStatus to) {
    must([&](Context& cx) { return change_endpoint(cx, tenant, id, {.status = to}); });
  }
  Retention retention() {
    return must([&](Context& cx) { return load_retention(cx, tenant); }).record;
  }
  EventsRead read(EventFilter filter = {}) {
    return must([&](Context& cx) { return read_events(cx, tenant, filter, page_limit_max); });
  }
  /// "from 4: 2 events, 2 deliveries, 2 attempts"
  std::string kept() {
    CHECK(count("event") == count("event_id"));
    CHECK(count("delivery") == count("delivery_of"));
    return "from " + std::to_string(retention().oldest_seq) + ": " + std::to_string(count("event")) + " events, " +
           std::to_string(count("delivery")) + " deliveries, " + std::to_string(count("attempt")) + " attempts";
  }
  /// What holds between any two commits.
  void check_links() {
    const auto& rows = store.rows();
    std::uint64_t next = retention().oldest_seq;
    for (const auto& [key, entry] : rows) {
      if (key.starts_with(tenant.key("event") + "/")) CHECK(seq_of_event_key(key) == next++);
      if (key.starts_with(tenant.key("delivery_of") + "/")) CHECK(rows.contains(tenant.key("delivery", entry.value)));
      if (key.starts_with(tenant.key("attempt") + "/")) {
        const auto rest = key.substr(tenant.key("attempt").size() + 1);
        CHECK(rows.contains(tenant.key("delivery", rest.substr(0, rest.find('/')))));
      }
      if (!key.starts_with(tenant.key("delivery") + "/")) continue;
      const auto delivery = from_row<Delivery>(entry.value).value();
      CHECK(rows.contains(event_key(tenant, delivery.event_seq)));
      CHECK(rows.contains(delivery_of_key(tenant, delivery.endpoint, delivery.event_seq)));
      if (delivery.attempts > 0) CHECK(rows.contains(attempt_key(tenant, delivery.id, delivery.attempts)));
    }
  }
};

}  // namespace

TEST_CASE("events older than the period go, with all that belongs to them") {
  Pruning world;
  const auto id = world.endpoint().endpoint.id;
  world.emit(EventType::charge_paid, 3);
  world.live(period);
  CHECK(world.kept() == "from 1: 3 events, 3 deliveries, 3 attempts");
  world.emit(EventType::charge_paid, 2);
  world.live(days(2));
  CHECK(world.kept() == "from 4: 2 events, 2 deliveries, 2 attempts");
  CHECK(world.count("delivery_about/ch_1") == 2);
  CHECK(world.deliveries(id).size() == 2);
  world.live(removed_after);
  CHECK(world.kept() == "from 6: 0 events, 0 deliveries, 0 attempts");
  CHECK(world.count("delivery_about") == 0);
  world.emit();
  CHECK(world.read().events.front().seq == 6);
  world.check_links();
}

TEST_CASE("a list begins at the oldest event, and names it") {
  Pruning world;
  world.emit(EventType::charge_paid, 3);
  const auto first = world.read().events.front().id;
  world.live(before_removed);
  world.emit(EventType::charge_paid, 2);
  CHECK(world.read().oldest_seq == 1);
  world.live(days(1));
  const auto after_one = world.read({.from_seq = 1});
  CHECK(after_one.oldest_seq == 4);
  CHECK(after_one.events.front().seq == 4);
  CHECK(world.read({.from_seq = 5, .reverse = true}).events.front().seq == 4);
  CHECK(world.run([&](Context& cx) { return find_event(cx, world.tenant, first); }).error().code == ErrorCode::not_found);
  world.live(removed_after);
  const auto none = world.read({.from_seq = 1});
  CHECK(none.events.empty());
  CHECK(none.oldest_seq == 6);
  CHECK(none.next_seq == 5);  // a reader that waits, waits for the next event
}

TEST_CASE("a clock that jumps ahead ten years and comes back removes nothing") {
  Pruning world;
  world.emit(EventType::charge_paid, 3);
  world.live(days(2));
  const auto before = world.now;
  world.now = before + days(3'650);
  world.prune();
  world.now = before + hours(1);
  world.prune();
  CHECK(world.kept() == "from 1: 3 events, 0 deliveries, 0 attempts");
  world.live(days(3));
  CHECK(world.kept() == "from 1: 3 events, 0 deliveries, 0 attempts");
  world.live(removed_after);
  CHECK(world.kept() == "from 4: 0 events, 0 deliveries, 0 attempts");
}

TEST_CASE("a pass goes by a clock that was read at least an hour before") {
  Pruning world;
  world.emit();
  world.live(days(1));
  world.now = world.now + days(3'650);
  world.prune();
  world.now = world.now + minutes(59);
  world.make_due();
  world.prune();
  CHECK(world.count("event") == 1);
  world.now = world.now + minutes(1);
  world.make_due();
  world.prune();
  CHECK(world.count("event") == 0);
}

TEST_CASE("an event with a time long ago removes none before it that is new") {
  Pruning world;
  world.emit(EventType::charge_paid, 2);
  const auto before = world.now;
  world.now = UnixMillis{86'400'000};  // a board without a battery, before it knows the time
  world.emit();
  world.now = before + minutes(1);
  world.emit();
  world.live(days(5));
  CHECK(world.kept() == "from 1: 4 events, 0 deliveries, 0 attempts");
  world.live(removed_after);
  CHECK(world.kept() == "from 5: 0 events, 0 deliveries, 0 attempts");
}

TEST_CASE("damaged events, and those of a clock that was ahead, go with later ones") {
  Pruning world;
  world.emit(EventType::charge_paid, 2);
  world.store.put(event_key(world.tenant, 2), "9|damaged");
  world.now = world.now + days(300);
  world.emit();
  world.now = world.now - days(300);
  world.live(removed_after);
  CHECK(world.retention().oldest_seq == 2);  // nothing is known of the time of the others yet
  world.emit();
  world.live(removed_after);
  CHECK(world.retention().oldest_seq == 5);
  CHECK(world.count("event") == 0);
  CHECK(std::ranges::count(world.alarms, damage_report(event_key(world.tenant, 2))) == 1);
}

TEST_CASE("a pass survives every fault of every commit") {
  for (const auto fault :
       {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written, CommitFault::failed}) {
    for (std::size_t commit = 1; commit <= 10; ++commit) {
      CAPTURE(commit);
      Pruning world;
      world.endpoint();
      world.endpoint("https://other.example.com/");
      world.emit(EventType::charge_paid, 30);
      world.live(before_removed);
      world.emit(EventType::charge_paid, 2);
      world.live(hours(12));
      world.pass(hours(12));
      world.store.fault_at(commit, fault);
      world.run_task();
      world.store.faults.clear();
      world.check_links();
      world.now = world.now + minutes(1);  // the lease of a run that failed
      world.prune();
      world.check_links();
      CHECK(world.kept() == "from 31: 2 events, 4 deliveries, 4 attempts");
    }
  }
}

TEST_CASE("a pass survives a crash at every effect") {
  for (std::uint64_t effect = 1; effect <= 40; ++effect) {
    CAPTURE(effect);
    Pruning world;
    world.endpoint();
    world.emit(EventType::charge_paid, 30);
    world.live(before_removed);
    world.emit(EventType::charge_paid, 2);
    world.live(hours(12));
    world.pass(hours(12));
    world.crashes_at = effect;
    world.run_task();
    world.crashes_at = 0;
    world.check_links();
    world.now = world.now + minutes(1);
    world.prune();
    CHECK(world.kept() == "from 31: 2 events, 2 deliveries, 2 attempts");
  }
}

TEST_CASE("a pending delivery ends as a dead letter, and goes a pass later") {
  Pruning world;
  const auto id = world.endpoint().endpoint.id;
  const auto other = world.endpoint("https://other.example.com/").endpoint.id;
  world.emit(EventType::charge_paid, 2);
  world.set(id, EndpointStatus::disabled);
  world.live(removed_after);
  CHECK(world.text(id) == "disabled | failed failed | 0 queued, 0 in flight");
  CHECK(world.count("dead/" + id.text()) == 2);
  CHECK(world.deliveries(other).empty());
  CHECK(world.count("event") == 2);
  world.check_links();
  const auto ended = world.deliveries(id).front();
  CHECK(ended.last_reason == "its event is older than the retention period");
  world.set(id, EndpointStatus::enabled);
  const auto again = world.run([&](Context& cx) { return redeliver(cx, world.tenant, ended.id); });
  CHECK(again.error().code == ErrorCode::invalid_state);
  world.live(days(1));
  CHECK(world.kept() == "from 3: 0 events, 0 deliveries, 0 attempts");
  CHECK(world.count("dead") == 0);
}

TEST_CASE("a delivery that is being attempted keeps its outcome") {
  Pruning world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.set(id, EndpointStatus::disabled);
  world.live(before_removed);
  world.pass(days(1));
  world.set(id, EndpointStatus::enabled);
  world.meanwhile = [&] { world.prune(); };
  world.deliver(world.due().front());
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
  world.check_links();
  world.live(days(1));
  CHECK(world.kept() == "from 2: 0 events, 0 deliveries, 0 attempts");
}

TEST_CASE("of an endpoint with an order, no place is left") {
  Pruning world;
  const auto id = world
                      .must([&](Context& cx) {
                        return create_endpoint(cx, world.tenant,
                                               {.url = "https://shop.example.com/hook",
                                                .description = "",
                                                .types = {},
                                                .sending = {.ordering = DeliveryOrder::per_object}});
                      })
                      .endpoint.id;
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{500, {}, ""}}; };
  world.emit(EventType::charge_paid, 4);
  world.deliver_all();
  world.set(id, EndpointStatus::disabled);
  CHECK(world.count("order/" + id.text()) == 4);
  world.live(removed_after);
  CHECK(world.text(id) == "disabled | failed failed failed failed | 0 queued, 0 in flight");
  CHECK(world.count("order") == 0);
  world.live(days(1));
  CHECK(world.count("delivery") == 0);
}

TEST_CASE("the log of a deleted endpoint stays for the period") {
  Pruning world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.live(hours(1));
  world.must([&](Context& cx) -> Task<Result<bool>> {
    co_await delete_endpoint(cx, world.tenant, id);
    co_return true;
  });
  world.live(period);
  CHECK(world.deliveries(id).size() == 1);
  world.live(days(2));
  CHECK(world.count("delivery_of") == 0);
}

TEST_CASE("a recovery begins at the oldest event, and reports that others are gone") {
  Pruning world;
  world.emit(EventType::charge_paid, 3);
  const auto first = world.now;
  world.live(before_removed);
  const auto second = world.now;
  world.emit(EventType::charge_paid, 2);
  world.live(days(1));
  const auto id = world.endpoint().endpoint.id;
  const auto start = [&](UnixMillis since) {
    return world.must([&](Context& cx) { return start_recovery(cx, world.tenant, id, {.since = since, .dry_run = true}); });
  };
  const auto finish = [&] {
    world.must([&](Context& cx) -> Task<Result<bool>> {
      co_await run_recovery(cx, due_key({std::string(recovery_kind), world.tenant, id.text()}, world.now));
      co_return true;
    });
    return world.must([&](Context& cx) { return get_recovery(cx, world.tenant, id); });
  };
  CHECK(start(first).pruned);
  CHECK(finish().queued == 2);
  CHECK_FALSE(start(second).pruned);
  CHECK(finish().queued == 2);
}

TEST_CASE("no delivery is made of an event that is being removed") {
  Pruning world;
  world.emit(EventType::charge_paid, 3);
  world.live(before_removed);
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.live(hours(12));
  world.pass(hours(12));
  // The recovery has read its events when they expire, and does not commit.
  bool expired = false;
  world.store.before_commit = [&] {
    expired = true;
    world.prune();
  };
  const auto started = world.must([&](Context& cx) { return start_recovery(cx, world.tenant, id, {.since = UnixMillis{0}}); });
  CHECK(expired);
  CHECK(started.pruned);
  CHECK(started.next_seq == 4);
}

TEST_CASE("missed events that were removed count no more") {
  Pruning world;
  const auto id = world.endpoint().endpoint.id;
  world.set(id, EndpointStatus::disabled);
  world.emit(EventType::charge_paid, 5);
  world.live(before_removed);
  world.emit(EventType::charge_paid, 2);
  world.set(id, EndpointStatus::enabled);
  CHECK(world.read_endpoint(id).missed_events() == 7);
  world.live(days(1));
  CHECK(world.read_endpoint(id).missed_events() == 2);
  CHECK(world.must([&](Context& cx) { return list_endpoints(cx, world.tenant); }).front().missed_events() == 2);
  world.live(removed_after);
  CHECK(world.read_endpoint(id).missed_events() == 0);
}

TEST_CASE("events are kept forever where the operator configured that") {
  Pruning world;
  world.settings.keep_events = {};
  world.emit(EventType::charge_paid, 3);
  world.live(days(100));
  CHECK(world.count("event") == 3);
  world.settings.keep_events = period;
  world.live(days(2));
  CHECK(world.count("event") == 0);
}

TEST_CASE("damaged rows of deliveries are removed, and delay nothing") {
  Pruning world;
  const auto id = world.endpoint().endpoint.id;
  world.emit(EventType::charge_paid, 3);
  world.deliver_all();
  const auto damaged = delivery_key(world.tenant, world.deliveries(id)[0].id);
  world.store.put(damaged, "9|damaged");
  const auto lost =
      delivery_key(world.tenant, DeliveryId::parse(world.store.rows().at(delivery_of_key(world.tenant, id, 2)).value).value());
  world.store.erase(lost);
  const auto index = world.tenant.key("delivery_of", id.text()) + "/x";
  world.store.put(index, "?");
  world.live(removed_after);
  CHECK(world.count("event") == 0);
  CHECK(world.count("delivery") == 0);
  CHECK(world.count("attempt") == 0);
  CHECK(world.count("delivery_of") == 1);
  CHECK(std::ranges::count(world.alarms, damage_report(damaged)) == 1);
  CHECK(std::ranges::contains(world.alarms, damage_report(index)));
}

TEST_CASE("a delivery with more attempts than a commit removes goes in several") {
  Pruning world;
  const auto id = world.endpoint().endpoint.id;
  world.emit(EventType::charge_paid, 2);
  world.deliver_all();
  const auto key = delivery_key(world.tenant, world.deliveries(id)[0].id);
  auto delivery = from_row<Delivery>(world.store.rows().at(key).value).value();
  for (std::uint32_t number = 2; number <= 100; ++number) {
    world.store.put(attempt_key(world.tenant, delivery.id, number), to_row(DeliveryAttempt{.number = number, .at = world.now}));
  }
  delivery.attempts = 100;
  world.store.put(key, to_row(delivery));
  world.live(before_removed);
  world.pass(days(1));
  while (is_due(lntpay::due_time(world.task()), world.now)) {
    world.crashes_at = 12;  // somewhere in a run
    world.run_task();
    world.crashes_at = 0;
    world.check_links();
    world.now = world.now + minutes(1);
    world.run_task();
  }
  CHECK(world.kept() == "from 3: 0 events, 0 deliveries, 0 attempts");
}

TEST_CASE("a damaged row of retention is rebuilt from the events") {
  Pruning world;
  world.emit(EventType::charge_paid, 3);
  world.live(before_removed);
  world.emit(EventType::charge_paid, 2);
  world.live(days(1));
  world.store.put(retention_key(world.tenant), "9|damaged");
  CHECK(world.read().oldest_seq == 4);
  world.live(days(13));
  CHECK(world.kept() == "from 6: 0 events, 0 deliveries, 0 attempts");
  CHECK(std::ranges::contains(world.alarms, damage_report(retention_key(world.tenant))));
  world.store.put(retention_key(world.tenant), "9|damaged");
  world.live(days(3));
  CHECK(world.kept() == "from 6: 0 events, 0 deliveries, 0 attempts");
}

TEST_CASE("pruning costs the commits of money one row, once") {
  Pruning world;
  world.emit();
  const auto row = world.task();
  CHECK(lntpay::due_time(row) == world.now + pruning_interval);
  world.now = world.now + hours(1);
  world.emit(EventType::charge_paid, 100);
  CHECK(world.task() == row);
  CHECK_FALSE(world.store.rows().contains(retention_key(world.tenant)));
  // The task and a commit of money share no row: none of them runs again.
  world.now = world.now + days(1);
  world.store.before_commit = [&] { world.store.before_commit = [&] { world.emit(); }; };
  const auto commits = world.store.commits();
  CHECK(world.run_task()->has_value());
  CHECK(world.store.commits() == commits + 4);  // claim, that of the event, the piece, end
}

}  // namespace lntpay
