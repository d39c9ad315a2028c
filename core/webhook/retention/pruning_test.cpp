// Pruning: which events are removed after the period, and which stay whatever the clock does.
#include "tests/support/pruning_world.hpp"

namespace lntpay::pruning_test {
namespace {

using test::before_removed;
using test::pruning_period;
using test::PruningWorld;
using test::removed_after;

}  // namespace

TEST_CASE("events older than the period go, with all that belongs to them") {
  PruningWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit(EventType::charge_paid, 3);
  world.live(pruning_period);
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

TEST_CASE("a clock that jumps ahead ten years and comes back removes nothing") {
  PruningWorld world;
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
  PruningWorld world;
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
  PruningWorld world;
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
  PruningWorld world;
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

TEST_CASE("events are kept forever where the operator configured that") {
  PruningWorld world;
  world.settings.keep_events = {};
  world.emit(EventType::charge_paid, 3);
  world.live(days(100));
  CHECK(world.count("event") == 3);
  world.settings.keep_events = pruning_period;
  world.live(days(2));
  CHECK(world.count("event") == 0);
}

TEST_CASE("a delivery with more attempts than a commit removes goes in several") {
  PruningWorld world;
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

TEST_CASE("pruning costs the commits of money one row, once") {
  PruningWorld world;
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

}  // namespace lntpay::pruning_test
