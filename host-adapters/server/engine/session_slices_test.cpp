// Sessions that yield to others when their slice of time has ended.
#include <doctest/doctest.h>

#include "tests/support/host/sessions_world.hpp"

namespace session_slices_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace lntpay::host::testing;

namespace {

/// Sessions yield after every step.
constexpr SessionLimits always_yield{.slice = std::chrono::microseconds(0)};

}  // namespace

TEST_CASE("a session whose slice has ended yields, and others run before it continues") {
  SessionsWorld world(Isolation::shared, always_yield);
  world.begin(1, "get a\nget a\nput b 1");
  CHECK(world.sessions.take_yielded() == std::vector<Ticket>{1});
  world.begin(2, "put a 7");
  world.end_batch();
  CHECK(world.answers.empty());
  CHECK(world.sessions.input_of(1) != nullptr);
  world.sessions.resume_yielded(1);
  CHECK(world.sessions.take_yielded() == std::vector<Ticket>{2, 1});
  world.sessions.resume_yielded(2);
  world.end_batch();
  CHECK(world.answers.contains(2));
  CHECK_FALSE(world.answers.contains(1));
  world.sessions.resume_yielded(1);
  world.take_turns();
  CHECK(world.answers[1] == "200 none 7 committed");
  CHECK(world.sessions.input_of(1) == nullptr);
}

TEST_CASE("a yield is no wait: the steps before it count") {
  SessionsWorld world(Isolation::shared, {.steps_max = 3, .slice = always_yield.slice});
  world.begin(1, "get a\nget a\nget a");
  world.begin(2, "get a\nget a");
  world.take_turns();
  CHECK(world.answers[1] == "500 refused");
  CHECK(world.answers[2] == "200 none none");
}

TEST_CASE("a session that yields in a lost batch is refused; with a lost instance it begins again") {
  SessionsWorld world(Isolation::shared, always_yield);
  world.store.lose_next_batch();
  world.begin(1, "put a 1\nget a");
  world.end_batch();
  CHECK(world.answers[1] == "503 refused");
  world.take_turns();
  world.begin(2, "get a\nget a");
  world.begin(3, "trap");
  world.take_turns();
  CHECK(world.answers[2] == "200 none none");
  CHECK(world.answers[3] == "500 refused");
}

TEST_CASE("a cancelled session that yields runs to its end without an answer") {
  SessionsWorld world(Isolation::shared, always_yield);
  world.begin(1, "get a\nput a 1");
  world.sessions.cancel(1);
  world.take_turns();
  world.begin(2, "get a");
  world.take_turns();
  CHECK(world.answers.size() == 1);
  CHECK(world.answers[2] == "200 1");
}

}  // namespace session_slices_test
