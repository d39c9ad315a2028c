// Retention over the API: what a reader of events, an operator and the owner of a sandbox see of it.
#include <doctest/doctest.h>

#include "tests/support/world.hpp"

namespace lntpay::test::retention_test {
namespace {

/// With the default period of 90 days.
struct Shop : World {
  Shop() {
    bootstrap();
    post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})");
    REQUIRE(post("/v1/sandbox/fund", R"({"amount_sats":1000})").status() < 300);
    run_due();
  }
  void advance(Millis by) {
    const auto advanced = post("/v1/sandbox/clock/advance", R"({"ms":)" + std::to_string(by.value) + "}");
    REQUIRE_MESSAGE(advanced.status() == 200, advanced.body());
    run_due();
  }
  Reading events(const std::string& query = {}) { return get("/v1/events?limit=100" + query); }
};

}  // namespace

TEST_CASE("a sandbox past the period has lost its events, and none of its money") {
  Shop shop;
  const auto before = shop.events();
  const auto count = before.items("data");
  CHECK(count > 0);
  CHECK(before.number("oldest_seq") == 1);
  const auto first = before.text("data.0.id");
  const auto charge = shop.get("/v1/charges").text("data.0.id");
  for (int day = 0; day < 90; ++day) shop.advance(days(1));
  CHECK(shop.events().items("data") == count);
  for (int day = 0; day < 2; ++day) shop.advance(days(1));
  const auto after = shop.events("&after_seq=1");
  CHECK(after.items("data") == 0);
  CHECK(after.number("oldest_seq") == count + 1);
  CHECK(after.number("next_after_seq") == count);
  CHECK(shop.events("&order=desc").number("oldest_seq") == count + 1);
  CHECK(shop.get("/v1/events/" + first).error() == "404 not_found");
  CHECK(shop.get("/v1/webhook_deliveries").items("data") == 0);
  CHECK(shop.store.count("/attempt/") == 0);
  CHECK(shop.get("/v1/charges/" + charge).text("status") == "paid");
  CHECK(shop.get("/v1/balance").number("available_msat") == 1'000'000);
  CHECK(shop.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
  shop.post("/v1/sandbox/fund", R"({"amount_sats":1})");
  CHECK(shop.events().number("data.0.seq") == count + 1);
}

TEST_CASE("one jump of the sandbox's clock removes nothing, the day after it does") {
  Shop shop;
  const auto count = shop.events().items("data");
  shop.advance(days(400));
  CHECK(shop.events().items("data") == count);
  shop.pass(minutes(59));
  CHECK(shop.events().items("data") == count);
  shop.advance(days(1));
  CHECK(shop.events().items("data") == 0);
}

TEST_CASE("a reader that waits after a pruned event gets the next one") {
  Shop shop;
  for (int day = 0; day < 93; ++day) shop.advance(days(1));
  const auto waiting =
      shop.begin_request("GET", "/v1/events?after_seq=1&wait=25", {}, {{"authorization", "Bearer " + shop.test_key}});
  CHECK(shop.is_open(waiting));
  shop.post("/v1/sandbox/fund", R"({"amount_sats":1})");
  shop.run_due();
  const auto woken = shop.end(waiting);
  CHECK(woken.items("data") > 0);
  CHECK(woken.number("data.0.seq") == woken.number("oldest_seq"));
}

TEST_CASE("a reset sandbox begins with event 1, and is pruned like a new one") {
  Shop shop;
  for (int day = 0; day < 93; ++day) shop.advance(days(1));
  CHECK(shop.events().number("oldest_seq") > 1);
  shop.post("/v1/sandbox/reset");
  CHECK(shop.events().number("oldest_seq") == 1);
  shop.post("/v1/sandbox/fund", R"({"amount_sats":1})");
  CHECK(shop.events().number("data.0.seq") == 1);
  for (int day = 0; day < 93; ++day) shop.advance(days(1));
  CHECK(shop.events().items("data") == 0);
}

}  // namespace lntpay::test::retention_test
