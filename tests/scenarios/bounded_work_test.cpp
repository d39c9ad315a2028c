// A session's work is bounded, however much a workspace has: docs/architecture.md, "Bounded work".
#include <doctest/doctest.h>

#include "tests/support/world.hpp"

namespace lntpay::test::bounded_work_test {
namespace {

constexpr std::size_t steps_max = 200;
constexpr std::size_t rows_max = 500;

/// A workspace with more open charges than one session may move or expire, and an endpoint that gets their events.
struct FullWorld : World {
  static constexpr int charges = 260;

  FullWorld() {
    bootstrap();
    post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})");
    for (int i = 0; i < charges; ++i) {
      if (i % 100 == 99) pass(seconds(10));  // for the rate limit
      REQUIRE(post("/v1/charges", R"({"amount_sats":21,"expires_in":86400})").status() == 201);
    }
    most = {};
  }
  void check() {
    CHECK(most.steps <= steps_max);
    CHECK(most.rows <= rows_max);
    most = {};
  }
};

}  // namespace

TEST_CASE("advancing the clock over many charges continues as due work, and shows it") {
  FullWorld world;
  const auto advanced = world.post("/v1/sandbox/clock/advance", R"({"ms":90000000})");
  CHECK(advanced.status() == 200);
  CHECK(advanced.body().contains(R"("moving":true)"));
  world.check();
  world.pass(seconds(1));
  world.check();
  CHECK(world.get("/v1/sandbox").body().contains(R"("moving":false)"));
  CHECK(world.get("/v1/charges?status=pending").items("data") == 0);
  world.pass(minutes(10));
  world.check();
}

TEST_CASE("charges that expire together, and what reads many rows, stay within the bounds") {
  FullWorld world;
  world.pass(hours(25));
  world.check();
  for (const auto* path : {"/v1/charges?limit=30", "/v1/events?limit=30", "/v1/ledger/verify", "/v1/ledger", "/v1/audit?limit=30",
                           "/v1/api_keys?limit=30"}) {
    CAPTURE(path);
    CHECK(world.get(path).status() == 200);
    world.check();
  }
  // A page of up to 500 records, each of which is looked up at the node.
  CHECK(world.get("/v1/reconciliation").status() == 200);
  CHECK(world.most.steps <= 520);
  world.most = {};
  const auto endpoint = world.get("/v1/webhook_endpoints").text("data.0.id");
  world.post("/v1/webhook_endpoints/" + endpoint + "/recover", R"({"since":"2027-01-01T00:00:00Z"})");
  world.check();
  CHECK(world.send("DELETE", "/v1/webhook_endpoints/" + endpoint).status() == 200);
  world.run_due();
  world.check();
  world.post("/v1/sandbox/reset");
  world.pass(minutes(5));
  world.check();
}

TEST_CASE("events and deliveries past their period are pruned in bounded sessions") {
  FullWorld world;
  world.pass(hours(25));
  CHECK(world.store.count("/attempt/") == 2 * FullWorld::charges);
  world.most = {};
  world.pass(days(93));
  world.check();
  CHECK(world.get("/v1/events").number("oldest_seq") > 2 * FullWorld::charges);
  CHECK(world.store.count("/delivery") == 0);
  CHECK(world.store.count("/attempt/") == 0);
}

}  // namespace lntpay::test::bounded_work_test
