// Rate limits with a store.
#include "core/request/rate_limit.hpp"

#include <doctest/doctest.h>

#include <map>

#include "tests/support/core_world.hpp"

namespace lntpay::ratelimit::rate_limit_test {
namespace {

using test::CoreWorld;

constexpr RateLimit limit{.quota = 2, .window_s = 2};

RateState take_from(CoreWorld& world) {
  return *world.run([](Context& cx) { return take(cx, "~Ab/rate/ws_1", limit); });
}

}  // namespace

TEST_CASE("a workspace's quota is one volatile row, also after a sandbox reset") {
  CoreWorld world;
  const auto id = WorkspaceId::generate(Shard::number(62), world.now, world.random);
  const auto take_in = [&](TenantScope tenant, RateClass rate_class) {
    const auto shared = shared_limit(rate_class, {.quota = 4, .window_s = 4}, std::nullopt);
    return world.run([&](Context& cx) { return take_shared(cx, tenant, shared, "key_1"); })->state.remaining;
  };
  CHECK(take_in({Environment::live, id, 0}, RateClass::standard) == 2);
  CHECK(take_in({Environment::test, id, 3}, RateClass::standard) == 2);
  CHECK(take_in({Environment::test, id, 4}, RateClass::standard) == 1);
  CHECK(take_in({Environment::test, id, 4}, RateClass::gate) == 29);
  CHECK(take_in({Environment::test, id, 4}, RateClass::redemption) == 59);
  std::string keys;
  for (const auto& [key, entry] : world.store.rows()) keys += key + " ";
  CHECK(keys == "~10/live/" + id.text() + "/rate ~10/test/" + id.text() + "/gate_rate ~10/test/" + id.text() + "/rate ~10/test/" +
                    id.text() + "/redemption_rate ");
}

TEST_CASE("one key never uses up the quota of the others") {
  CoreWorld world;
  const TenantScope tenant{Environment::test, WorkspaceId::generate(Shard::number(62), world.now, world.random)};
  const auto take_with = [&](const std::string& key, std::optional<std::uint32_t> quota = {}) {
    const auto shared = shared_limit(RateClass::standard, {.quota = 8, .window_s = 8}, quota);
    return world.run([&](Context& cx) { return take_shared(cx, tenant, shared, key); })->state;
  };
  int passed = 0;
  for (int i = 0; i < 20; ++i) passed += take_with("key_busy").allowed ? 1 : 0;
  CHECK(passed == 6);
  CHECK_FALSE(take_with("key_busy", 100'000).allowed);  // a key cannot have more for itself
  CHECK(take_with("key_other").allowed);
  CHECK(take_with("key_other").allowed);
  CHECK_FALSE(take_with("key_other").allowed);  // the workspace's quota is used up
  world.now = world.now + seconds(8);
  CHECK(take_with("key_small", 1).allowed);
  CHECK_FALSE(take_with("key_small", 1).allowed);
  CHECK(take_with("key_busy").allowed);
}

TEST_CASE("a key passes within its equal part while others flood, and the workspace's rate is kept") {
  CoreWorld world;
  const TenantScope tenant{Environment::test, WorkspaceId::generate(Shard::number(62), world.now, world.random)};
  const auto shared = shared_limit(RateClass::standard, {.quota = 600, .window_s = 60}, std::nullopt);
  std::map<std::string, int> passed;
  int small_refused = 0;
  const auto ask = [&](const std::string& key) {
    const bool allowed = world.run([&](Context& cx) { return take_shared(cx, tenant, shared, key); })->state.allowed;
    if (allowed) ++passed[key];
    return allowed;
  };
  for (int i = 0; i < 500; ++i) ask("key_a");
  for (int tenth = 0; tenth < 3'000; ++tenth) {  // five minutes
    for (int i = 0; i < 3; ++i) {
      ask("key_a");
      ask("key_b");
    }
    if (tenth % 4 == 0 && !ask("key_small")) ++small_refused;
    world.now = world.now + Millis{100};
  }
  CHECK(small_refused == 0);
  CHECK(passed["key_b"] > 900);  // a third is 1,000, and less where the others had more before
  CHECK(passed["key_a"] > 900);
  const auto all = passed["key_a"] + passed["key_b"] + passed["key_small"];
  CHECK(all > 5 * 600 - 100);
  CHECK(all <= 5 * 600 + 600 + 200);  // at first a whole quota, and three parts of a quarter of the window
}

TEST_CASE("a key beyond those that are counted has no equal part") {
  CoreWorld world;
  const TenantScope tenant{Environment::test, WorkspaceId::generate(Shard::number(62), world.now, world.random)};
  const auto shared = shared_limit(RateClass::standard, {.quota = 60, .window_s = 60}, std::nullopt);
  const auto ask = [&](const std::string& key) {
    return world.run([&](Context& cx) { return take_shared(cx, tenant, shared, key); })->state.allowed;
  };
  for (int key = 0; key < 50; ++key) CHECK(ask("key_" + std::to_string(key)));
  for (int i = 0; i < 10; ++i) CHECK(ask("key_50"));
  CHECK_FALSE(ask("key_50"));
  CHECK_FALSE(ask("key_51"));
}

TEST_CASE("a clock that goes back by hours does not refuse a workspace until that time") {
  CoreWorld world;
  const TenantScope tenant{Environment::test, WorkspaceId::generate(Shard::number(62), world.now, world.random)};
  const auto shared = shared_limit(RateClass::standard, {.quota = 8, .window_s = 8}, std::nullopt);
  const auto ask = [&](const std::string& key) {
    return world.run([&](Context& cx) { return take_shared(cx, tenant, shared, key); })->state.allowed;
  };
  for (const auto* key : {"key_a", "key_b", "key_c"}) {
    for (int i = 0; i < 8; ++i) ask(key);
  }
  world.now = world.now - hours(10);
  CHECK_FALSE(ask("key_a"));
  world.now = world.now + seconds(16);
  for (const auto* key : {"key_a", "key_b", "key_c"}) CHECK(ask(key));
}

TEST_CASE("requests count until the quota is used up; refused ones write nothing") {
  CoreWorld world;
  CHECK(take_from(world).remaining == 1);
  CHECK(take_from(world).remaining == 0);
  const auto commits = world.store.commits();
  const auto refused = take_from(world);
  CHECK_FALSE(refused.allowed);
  CHECK(world.store.commits() == commits);
  CHECK(exceeded(refused).retry_after_s == 1);
  world.now = world.now + seconds(1);
  CHECK(take_from(world).allowed);
}

TEST_CASE("two concurrent requests both count") {
  CoreWorld world;
  world.store.before_commit = [&world] { CHECK(take_from(world).remaining == 1); };
  CHECK(take_from(world).remaining == 0);
}

TEST_CASE("a lost or unreadable row grants a fresh quota") {
  CoreWorld world;
  take_from(world);
  const auto key = world.store.rows().begin()->first;
  world.store.put(key, "?");
  CHECK(take_from(world).remaining == 1);
  world.store.erase(key);
  CHECK(take_from(world).remaining == 1);
}

TEST_CASE("requests pass while the store fails") {
  CoreWorld world;
  world.store.down = true;
  for (int i = 0; i < 5; ++i) CHECK(take_from(world).allowed);
}

}  // namespace lntpay::ratelimit::rate_limit_test
