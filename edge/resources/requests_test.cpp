// The request log through the API: what is in it, when it is written, who sees it, and what is removed.
#include <doctest/doctest.h>

#include <utility>

#include "tests/support/world.hpp"

namespace lntpay::test::requests_test {
namespace {

/// "POST /v1/charges 201, …", newest first.
std::string logged(World& world, const std::string& query = "") {
  const auto list = world.get("/v1/requests?limit=100" + query);
  REQUIRE_MESSAGE(list.status() == 200, list.body());
  std::string text;
  for (std::size_t i = 0; i < list.items("data"); ++i) {
    const auto at = "data." + std::to_string(i);
    text.append(text.empty() ? "" : ", ").append(list.text(at + ".method")).append(" ").append(list.text(at + ".path"));
    text.append(" ").append(std::to_string(list.number(at + ".status")));
  }
  return text;
}

std::string new_key(World& world, const std::string& scopes) {
  return world.post("/v1/api_keys", R"({"scopes":[)" + scopes + "]}").text("key");
}

std::size_t rows(const World& world) { return world.store.count("/request/req_"); }

}  // namespace

TEST_CASE("a request is logged with method, path, status, key, time, error and Idempotency-Key, and nothing else") {
  World world;
  world.bootstrap();
  const std::string body = R"({"amount_sats":21,"external_id":"a-private-text"})";
  const auto made = world.post("/v1/charges", body, {{"idempotency-key", "order-7"}});
  world.now = world.now + Millis{1};
  const auto again = world.post("/v1/charges", body, {{"idempotency-key", "order-7"}});
  world.now = world.now + Millis{1};
  const auto refused = world.get("/v1/charges/ch_x?wait=0");
  const auto key = world.get("/v1/api_keys/current").text("id");
  const auto log_of = [&](const Reading& answer) { return world.get("/v1/requests/" + answer.header("request-id")).body(); };
  CHECK(log_of(made) == R"({"id":")" + made.header("request-id") +
                            R"(","object":"request","created_at":"2027-01-15T08:00:00.000Z","method":"POST","path":"/v1/charges",)"
                            R"("status":201,"api_key":")" +
                            key + R"(","error_code":null,"idempotency_key":"order-7","idempotent_replayed":false})");
  CHECK(log_of(again).contains(R"("status":201,)"));
  CHECK(log_of(again).contains(R"("idempotency_key":"order-7","idempotent_replayed":true})"));
  CHECK(log_of(refused).contains(R"("path":"/v1/charges/ch_x","status":404,)"));
  CHECK(log_of(refused).contains(R"("error_code":"not_found","idempotency_key":null)"));
  for (const auto& [row_key, row] : world.store.rows()) {
    if (row_key.contains("/request/")) CHECK_FALSE(row.value.contains("a-private-text"));
  }
}

TEST_CASE("what changes something or fails is written at once; reads are written together") {
  World world;
  world.bootstrap();
  world.get("/v1/balance");
  const auto commits = world.store.commits();
  world.get("/v1/balance");
  CHECK(world.store.commits() == commits + 1);  // the rate limit's
  CHECK(rows(world) == 0);
  world.get("/v1/charges/ch_x");
  CHECK(rows(world) == 3);
  for (int i = 0; i < 31; ++i) world.get("/v1/balance");
  CHECK(rows(world) == 3);
  world.get("/v1/balance");
  CHECK(rows(world) == 35);
  world.get("/v1/balance");
  world.now = world.now + seconds(10);
  world.get("/v1/balance");
  CHECK(rows(world) == 37);
  world.post("/v1/charges", R"({"amount_sats":1})");
  CHECK(rows(world) == 38);
  world.get("/v1/balance");
  CHECK(logged(world, "&order=desc").starts_with("GET /v1/balance 200, POST /v1/charges 201, "));
}

TEST_CASE("requests over the rate limit cost no commit each, and are logged") {
  World world;
  world.bootstrap();
  world.test_key = world.post("/v1/api_keys", R"({"scopes":["ledger:read","keys:write"],"rate":40})").text("key");
  for (int i = 0; i < 40; ++i) world.get("/v1/balance");
  const auto commits = world.store.commits();
  for (int i = 0; i < 20; ++i) CHECK(world.get("/v1/balance").status() == 429);
  CHECK(world.store.commits() == commits);
  world.now = world.now + seconds(60);
  CHECK(world.get("/v1/requests?status=429&limit=100").items("data") == 20);
}

TEST_CASE("the log is filtered by status, outcome, key and time") {
  World world;
  world.bootstrap();
  world.post("/v1/charges", R"({"amount_sats":1})");
  world.now = world.now + seconds(1);
  world.post("/v1/charges", R"({"amount_sats":0})");
  const auto till = new_key(world, R"("charges:read")");
  const auto own = std::exchange(world.test_key, till);
  const auto till_id = world.get("/v1/api_keys/current").text("id");
  world.test_key = own;
  CHECK(logged(world, "&failed=true") == "POST /v1/charges 400");
  CHECK(logged(world, "&status=201&order=asc") == "POST /v1/charges 201, POST /v1/api_keys 201");
  CHECK(logged(world, "&api_key=" + till_id) == "GET /v1/api_keys/current 200");
  CHECK(logged(world, "&created_lt=2027-01-15T08:00:01Z") == "POST /v1/charges 201");
  const auto page = world.get("/v1/requests?limit=1");
  CHECK(page.number("data.0.status") == 200);
  CHECK(world.get("/v1/requests?limit=1&cursor=" + page.text("next_cursor")).items("data") == 1);
}

TEST_CASE("a key sees its own requests, and those of others if it manages keys") {
  World world;
  world.bootstrap();
  const auto made = world.post("/v1/charges", R"({"amount_sats":1})");
  const auto manager = world.get("/v1/api_keys/current").text("id");
  world.test_key = new_key(world, R"("charges:read")");
  world.get("/v1/charges");
  CHECK(logged(world) == "GET /v1/charges 200");
  CHECK(world.get("/v1/requests?api_key=" + manager).error() == "403 insufficient_scopes");
  const auto other = world.get("/v1/requests/" + made.header("request-id"));
  CHECK(other.error() == "404 not_found");
  world.test_key = world.live_key;
  CHECK(logged(world).empty());
  CHECK(world.get("/v1/requests/" + made.header("request-id")).error() == "404 not_found");
}

TEST_CASE("the log keeps a day, and the newest 1,000") {
  World world;
  world.bootstrap();
  for (int i = 0; i < 1'300; ++i) {
    world.now = world.now + Millis{100};
    world.get("/v1/charges/ch_x");
  }
  CHECK(rows(world) == 1'300);
  world.pass(hours(2));
  CHECK(rows(world) == 1'000);
  world.post("/v1/charges", R"({"amount_sats":1})");
  world.pass(hours(23));
  CHECK(rows(world) == 1);
  world.pass(hours(3));
  CHECK(rows(world) == 0);
  CHECK(world.store.count("/due/requests/") == 0);
}

TEST_CASE("a log that cannot be written changes no response") {
  World world;
  world.bootstrap();
  world.get("/v1/balance");
  world.store.fault_at(2, CommitFault::failed);  // after the rate limit's
  CHECK(world.get("/v1/charges/ch_x").error() == "404 not_found");
  CHECK(rows(world) == 0);
}

TEST_CASE("a reset of the sandbox keeps the log") {
  World world;
  world.bootstrap();
  world.post("/v1/charges", R"({"amount_sats":1})");
  world.now = world.now + Millis{1};
  world.post("/v1/sandbox/reset");
  CHECK(logged(world) == "POST /v1/sandbox/reset 200, POST /v1/charges 201");
}

TEST_CASE("a long path is cut off between two characters") {
  World world;
  world.bootstrap();
  const auto refused = world.get("/v1/charges/" + std::string(242, 'x') + "é");
  CHECK(refused.error() == "404 not_found");
  CHECK(world.get("/v1/requests/" + refused.header("request-id")).text("path") == "/v1/charges/" + std::string(242, 'x'));
}

}  // namespace lntpay::test::requests_test
