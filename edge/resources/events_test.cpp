// The list of events: parameters that contradict each other, and those that fit.
#include <doctest/doctest.h>

#include "tests/support/world.hpp"

namespace lntpay::test::events_test {

TEST_CASE("parameters of the list of events that contradict each other are refused") {
  World world;
  world.bootstrap();
  for (int i = 0; i < 3; ++i) world.post("/v1/charges", R"({"amount_sats":21})");
  struct Case {
    const char* query;
    const char* param;
    const char* message;
  };
  const Case contradictions[] = {
      {"after_seq=1&before_seq=3", "before_seq", "either after_seq or before_seq"},
      {"order=asc&before_seq=3", "before_seq", "With order=asc give after_seq"},
      {"order=desc&after_seq=1", "after_seq", "With order=desc give before_seq"},
      {"before_seq=3&wait=5", "wait", "oldest first"},
      {"order=desc&wait=5", "wait", "oldest first"},
  };
  for (const auto& each : contradictions) {
    const auto refused = world.get(std::string("/v1/events?") + each.query);
    CAPTURE(each.query);
    CHECK(refused.error() == "400 invalid_request");
    CHECK(refused.text("error.param") == each.param);
    CHECK(refused.text("error.message").contains(each.message));
  }
  for (const auto* good :
       {"before_seq=3", "order=desc&before_seq=3", "order=asc&after_seq=1", "after_seq=1", "order=desc&wait=0"}) {
    const auto listed = world.get(std::string("/v1/events?") + good);
    CHECK_MESSAGE(listed.status() == 200, good);
    CHECK(listed.items("data") > 0);
  }
}

TEST_CASE("a cursor of deliveries is of its order") {
  World world;
  world.bootstrap();
  world.post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})");
  for (int i = 0; i < 3; ++i) world.post("/v1/charges", R"({"amount_sats":21})");
  const auto page = world.get("/v1/webhook_deliveries?limit=1&order=asc");
  REQUIRE(page.items("data") == 1);
  const auto cursor = page.text("next_cursor");
  CHECK(world.get("/v1/webhook_deliveries?limit=1&order=asc&cursor=" + cursor).items("data") == 1);
  CHECK(world.get("/v1/webhook_deliveries?limit=1&order=desc&cursor=" + cursor).error() == "400 invalid_request");
  CHECK(world.get("/v1/webhook_deliveries?limit=1&cursor=" + cursor).error() == "400 invalid_request");
}

}  // namespace lntpay::test::events_test
