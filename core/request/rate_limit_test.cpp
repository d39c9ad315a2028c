// Rate limits with a store.
#include "core/request/rate_limit.hpp"

#include <doctest/doctest.h>

#include "tests/support/core_world.hpp"

namespace lntpay::ratelimit {
namespace {

using test::CoreWorld;

constexpr RateLimit limit{.quota = 2, .window_s = 2};

RateState take_from(CoreWorld& world) {
  return *world.run([](Context& cx) { return take(cx, "~Ab/rate/ws_1", limit); });
}

}  // namespace

TEST_CASE("a workspace's quota is a volatile row of its shard") {
  CoreWorld world;
  const auto id = WorkspaceId::generate(Shard::number(62), world.now, world.random);
  CHECK(workspace_rate_key({Environment::live, id, 0}) == "~10/live/" + id.text() + "/rate");
  CHECK(workspace_rate_key({Environment::test, id, 3}) == "~10/test/" + id.text() + "/rate");
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

}  // namespace lntpay::ratelimit
