// Due work: how a shard's is found, whatever is in the way.
#include "edge/engine/tasks.hpp"

#include "tests/support/core_world.hpp"

namespace lntpay::test {
namespace {

struct Due {
  CoreWorld world;

  void put(const std::string& kind, int count, Millis ago) {
    for (int i = 0; i < count; ++i) world.store.put(due_key({kind, world.realm, std::to_string(i)}, world.now - ago), "");
  }
  Outcome look() {
    return world.run([&](Context& cx) { return wake_shard(cx, world.realm.shard()); });
  }
  /// Runs them; yields how many failed.
  int run(const std::vector<std::string>& tasks) {
    int failed = 0;
    for (const auto& task : tasks) failed += world.run([&](Context& cx) { return run_task(cx, task); }) ? 0 : 1;
    return failed;
  }
};

}  // namespace

TEST_CASE("a shard with a full page of due work is looked at again a little later, not at once") {
  Due due;
  due.put("idem", 256, seconds(1));
  for (int i = 0; i < 2; ++i) {
    const auto found = due.look();
    CHECK(found.tasks.size() == 256);
    REQUIRE(found.wake.size() == 1);
    CHECK(found.wake.front().at == due.world.now + Millis{50});
  }
}

TEST_CASE("what is due beyond the first page is found as soon as the page is done") {
  Due due;
  due.put("idem", 600, seconds(1));
  std::size_t ran = 0;
  for (const std::size_t page : {256U, 256U, 88U}) {
    const auto found = due.look();
    CHECK(found.tasks.size() == page);
    CHECK(due.run(found.tasks) == 0);
    ran += found.tasks.size();
    due.world.now = due.world.now + Millis{50};
  }
  CHECK(ran == 600);
  CHECK(due.look().tasks.empty());
  CHECK(due.world.store.rows().empty());
}

TEST_CASE("work that nobody can do does not stand before what is due later, and is tried again") {
  Due due;
  due.put("nonsense", 256, seconds(2));
  due.put("idem", 1, seconds(1));
  CHECK(due.run(due.look().tasks) == 256);
  const auto next = due.look();
  REQUIRE(next.tasks.size() == 1);
  CHECK(next.tasks.front().contains("/idem/"));
  CHECK(due.run(next.tasks) == 0);
  const auto later = due.look();
  CHECK(later.tasks.empty());
  REQUIRE(later.wake.size() == 1);
  CHECK(later.wake.front().at == due.world.now + minutes(1));
  due.world.now = due.world.now + minutes(1);
  CHECK(due.look().tasks.size() == 256);
}

TEST_CASE("a task whose rows cannot be read is put off, not tried at once again") {
  Due due;
  const auto id = EndpointId::draw(due.world.realm.shard(), due.world.now, due.world.random);
  due.world.store.put(due.world.realm.key("whe", id.text()), "?");
  due.world.store.put(due_key({"webhook", due.world.realm, id.text()}, due.world.now), "");
  CHECK(due.run(due.look().tasks) == 1);
  CHECK(due.look().tasks.empty());
  CHECK(due.look().wake.front().at == due.world.now + minutes(1));
}

}  // namespace lntpay::test
