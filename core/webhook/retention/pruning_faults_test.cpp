// Pruning while commits fail, hosts crash and rows are damaged.
#include "tests/support/pruning_world.hpp"

namespace lntpay::pruning_faults_test {
namespace {

using test::before_removed;
using test::CommitFault;
using test::PruningWorld;
using test::removed_after;

}  // namespace

TEST_CASE("a pass survives every fault of every commit") {
  for (const auto fault :
       {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written, CommitFault::failed}) {
    for (std::size_t commit = 1; commit <= 10; ++commit) {
      CAPTURE(commit);
      PruningWorld world;
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
    PruningWorld world;
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

TEST_CASE("damaged rows of deliveries are removed, and delay nothing") {
  PruningWorld world;
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

TEST_CASE("a damaged row of retention is rebuilt from the events") {
  PruningWorld world;
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

}  // namespace lntpay::pruning_faults_test
