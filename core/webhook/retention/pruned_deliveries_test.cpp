// What pruning does to deliveries, lists and recoveries, and what it leaves.
#include "tests/support/pruning_world.hpp"

namespace lntpay::pruned_deliveries_test {
namespace {

using test::before_removed;
using test::pruning_period;
using test::PruningWorld;
using test::removed_after;

}  // namespace

TEST_CASE("a list begins at the oldest event, and names it") {
  PruningWorld world;
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

TEST_CASE("a pending delivery ends as a dead letter, and goes a pass later") {
  PruningWorld world;
  const auto id = world.endpoint().endpoint.id;
  const auto other = world.endpoint("https://other.example.com/").endpoint.id;
  world.emit(EventType::charge_paid, 2);
  world.set(id, EndpointStatus::disabled);
  world.live(removed_after);
  CHECK(world.text(id) == "disabled | failed failed | 0 queued, 0 in flight");
  CHECK(world.count("dead/" + id.text()) == 2);
  CHECK(world.deliveries(other).empty());
  CHECK(world.count("event") == 3);
  world.check_links();
  const auto ended = world.deliveries(id).front();
  CHECK(ended.last_reason == "its event is older than the retention period");
  world.set(id, EndpointStatus::enabled);
  const auto again = world.run([&](Context& cx) { return redeliver(cx, world.tenant, ended.id); });
  CHECK(again.error().code == ErrorCode::invalid_state);
  world.live(days(1));
  CHECK(world.kept() == "from 4: 0 events, 0 deliveries, 0 attempts");
  CHECK(world.count("dead") == 0);
}

TEST_CASE("a delivery that is being attempted keeps its outcome") {
  PruningWorld world;
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
  CHECK(world.kept() == "from 3: 0 events, 0 deliveries, 0 attempts");
}

TEST_CASE("of an endpoint with an order, no place is left") {
  PruningWorld world;
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
  PruningWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.live(hours(1));
  world.must([&](Context& cx) -> Task<Result<bool>> {
    co_await delete_endpoint(cx, world.tenant, id);
    co_return true;
  });
  world.live(pruning_period);
  CHECK(world.deliveries(id).size() == 1);
  world.live(days(2));
  CHECK(world.count("delivery_of") == 0);
}

TEST_CASE("a recovery begins at the oldest event, and reports that others are gone") {
  PruningWorld world;
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
  PruningWorld world;
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
  PruningWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.set(id, EndpointStatus::disabled);
  world.emit(EventType::charge_paid, 5);
  world.live(before_removed);
  world.emit(EventType::charge_paid, 2);
  world.set(id, EndpointStatus::enabled);
  CHECK(world.read_endpoint(id).missed_events == 7);
  world.live(days(1));
  CHECK(world.read_endpoint(id).missed_events == 2);
  CHECK(world.must([&](Context& cx) { return list_endpoints(cx, world.tenant); }).front().missed_events == 2);
  world.live(removed_after);
  CHECK(world.read_endpoint(id).missed_events == 0);
}

}  // namespace lntpay::pruned_deliveries_test
