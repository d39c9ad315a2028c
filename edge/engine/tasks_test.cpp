// Due work: how a shard's is found, whatever is in the way.
#include "edge/engine/tasks.hpp"

#include <algorithm>

#include "tests/support/core_world.hpp"

namespace lntpay::test::tasks_test {
namespace {

struct Due {
  CoreWorld world;

  void put(const std::string& kind, int count, Millis ago) {
    for (int i = 0; i < count; ++i) world.store.put(due_key({kind, world.tenant, std::to_string(i)}, world.now - ago), "");
  }
  Outcome wake() {
    return world.run([&](Context& cx) { return wake_shard(cx, world.tenant.shard()); });
  }
  /// Runs the tasks; returns how many failed.
  int run(const std::vector<std::string>& tasks) {
    int failed = 0;
    for (const auto& task : tasks) failed += world.run([&](Context& cx) { return run_task(cx, task); }) ? 0 : 1;
    return failed;
  }
};

}  // namespace

TEST_CASE("a shard with a full page of due work is polled again a little later") {
  Due due;
  due.put("idem", 256, seconds(1));
  for (int i = 0; i < 2; ++i) {
    const auto found = due.wake();
    CHECK(found.tasks.size() == 256);
    REQUIRE(found.wake.size() == 1);
    CHECK(found.wake.front().at == due.world.now + Millis{50});
  }
}

TEST_CASE("due work beyond the first page is found when that page is done") {
  Due due;
  due.put("idem", 600, seconds(1));
  std::size_t ran = 0;
  for (const std::size_t page : {256U, 256U, 88U}) {
    const auto found = due.wake();
    CHECK(found.tasks.size() == page);
    CHECK(due.run(found.tasks) == 0);
    ran += found.tasks.size();
    due.world.now = due.world.now + Millis{50};
  }
  CHECK(ran == 600);
  CHECK(due.wake().tasks.empty());
  CHECK(due.world.store.rows().empty());
}

TEST_CASE("work that fails does not block later work, and is retried") {
  Due due;
  due.put("webhook", 256, seconds(2));  // of endpoints that do not exist
  CHECK(due.run(due.wake().tasks) == 256);
  due.put("webhook", 1, seconds(1));
  CHECK(due.run(due.wake().tasks) == 1);
  due.put("nonsense", 256, seconds(2));
  const auto later = due.wake();
  CHECK(later.tasks.empty());
  REQUIRE(later.wake.size() == 1);
  CHECK(later.wake.front().at == due.world.now + minutes(1));
  due.world.now = due.world.now + minutes(1);
  CHECK(due.wake().tasks.size() == 256);
}

TEST_CASE("many due webhooks do not delay other due work") {
  Due due;
  due.put("webhook", 1'000, minutes(5));
  due.put("charge", 1, Millis{});
  due.put("withdrawal", 1, Millis{});
  for (int i = 0; i < 3; ++i) {  // the host starts none of them: their receivers hang
    const auto found = due.wake();
    CHECK(found.tasks.size() == tasks_max);
    CHECK(std::ranges::count_if(found.tasks, [](const auto& key) { return key.contains("/charge/"); }) == 1);
    CHECK(std::ranges::count_if(found.tasks, [](const auto& key) { return key.contains("/withdrawal/"); }) == 1);
    REQUIRE(found.wake.size() == 1);
    CHECK(found.wake.front().at == due.world.now + Millis{50});
  }
}

TEST_CASE("with more work than a page holds, each kind has its share, oldest first") {
  Due due;
  const std::vector<std::string> every{"charge", "credit", "withdrawal", "webhook",   "recovery", "prune",
                                       "clock",  "idem",   "gate",       "challenge", "requests", "pay_link"};
  for (const auto& kind : every) {
    due.put(kind, 300, seconds(2));
    due.put(kind, 1, seconds(9));
  }
  const auto found = due.wake();
  CHECK(found.tasks.size() == tasks_max);
  const auto share = static_cast<std::ptrdiff_t>(tasks_max / every.size());
  for (const auto& kind : every) {
    const auto of_kind = [&](const auto& key) { return parse_due_key(key)->kind == kind; };
    CHECK(std::ranges::count_if(found.tasks, of_kind) >= share);
    CHECK(due_time(*std::ranges::find_if(found.tasks, of_kind)) == due.world.now - seconds(9));
  }
}

TEST_CASE("the next wake is when the first work of any kind is due") {
  Due due;
  due.put("idem", 1, seconds(-9));
  due.put("charge", 1, seconds(-7));
  due.put("webhook", 1, seconds(-8));
  const auto found = due.wake();
  CHECK(found.tasks.empty());
  REQUIRE(found.wake.size() == 1);
  CHECK(found.wake.front().at == due.world.now + seconds(7));
}

TEST_CASE("a task whose rows cannot be read is retried later") {
  Due due;
  const auto id = EndpointId::generate(due.world.tenant.shard(), due.world.now, due.world.random);
  due.world.store.put(due.world.tenant.key("whe", id.text()), "?");
  due.world.store.put(due_key({"webhook", due.world.tenant, id.text()}, due.world.now), "");
  CHECK(due.run(due.wake().tasks) == 1);
  CHECK(due.wake().tasks.empty());
  CHECK(due.wake().wake.front().at == due.world.now + minutes(1));
}

}  // namespace lntpay::test::tasks_test
