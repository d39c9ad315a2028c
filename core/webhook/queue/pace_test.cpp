// The pace of an endpoint.
#include "core/webhook/queue/pace.hpp"

#include "core/webhook/attempt/deliver.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::pace_test {
namespace {

/// How many attempts leave in ten seconds, in which one is asked for every millisecond.
int attempts_in_ten_seconds(std::uint32_t max_per_second) {
  Pace pace;
  int made = 0;
  for (std::uint64_t ms = 0; ms < 10'000; ++ms) made += decide(pace, max_per_second, {1'000'000 + ms}).wait_until ? 0 : 1;
  return made;
}

}  // namespace

TEST_CASE("attempts leave at the pace, in bursts of at most a tenth of a second") {
  CHECK(attempts_in_ten_seconds(1) == 10);
  CHECK(attempts_in_ten_seconds(7) == 70);
  CHECK(attempts_in_ten_seconds(300) >= 2'970);
  CHECK(attempts_in_ten_seconds(300) <= 3'030);
  Pace pace;
  int burst = 0;
  while (!decide(pace, 100, {5'000}).wait_until) ++burst;
  CHECK(burst == 10);
}

TEST_CASE("a refused attempt knows when it may be made, and counts nothing") {
  Pace pace;
  CHECK_FALSE(decide(pace, 2, {10'000}).wait_until.has_value());
  for (int i = 0; i < 3; ++i) CHECK(decide(pace, 2, {10'100}).wait_until == UnixMillis{10'500});
  CHECK(decide(pace, 2, {10'500}).next == UnixMillis{11'000});
}

TEST_CASE("a clock that went back delays by one attempt at most") {
  Pace pace;
  for (int i = 0; i < 20; ++i) decide(pace, 10, {9'000'000});
  CHECK(decide(pace, 10, {1'000}).wait_until == UnixMillis{1'100});
}

TEST_CASE("an endpoint gets no more attempts a second than it takes, and loses none") {
  test::WebhookWorld world;
  const auto id = world.endpoint({.max_per_second = 5}).endpoint.id;
  std::vector<UnixMillis> times;
  world.receiver = [&](const Outgoing&) -> Reply {
    times.push_back(world.now);
    return Answered{{200, {}, "ok"}};
  };
  world.emit(EventType::charge_paid, 30);
  world.pass(seconds(20));
  REQUIRE(times.size() == 30);
  for (std::size_t i = 5; i < times.size(); ++i) CHECK(times[i] - times[i - 5] >= Millis{900});
  CHECK(times.back() - times.front() <= seconds(8));
  CHECK(world.count("queue") + world.count("flight") == 0);
  CHECK(world.must([&](Context& cx) { return change_endpoint(cx, world.tenant, id, {.sending = {.max_per_second = 0}}); })
            .max_per_second == 0);
  world.emit(EventType::charge_paid, 20);
  world.deliver_all();
  CHECK(times.size() == 50);
}

}  // namespace lntpay::pace_test
