// Rejected requests: the error object with the right status, and nothing written.
#include <doctest/doctest.h>

#include <algorithm>
#include <ranges>

#include "core/access/key_text.hpp"
#include "edge/routing/route.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::refusals_test {
namespace {

struct Refused {
  std::string_view body;
  std::string_view error;
  std::string_view param;
};

#ifndef __wasm__  // the component has no descriptions and promises
void check_descriptions(Schema schema) {
  for (const auto& field : schema) {
    CAPTURE(field.name);
    CHECK_FALSE(field.description.empty());
    check_descriptions(field.members);
  }
}
#endif

}  // namespace

TEST_CASE("encoded, doubled or trailing slashes make another path") {
  World world;
  world.bootstrap();
  for (const auto* path : {"/v1%2Fcharges", "/v1/charges%2F", "/v1/charges/", "//v1/charges", "/v1//charges", "/v1", "/v1/", "/",
                           "/v1/charge", "/v1/chargess", "/v1/charges%2F%7Bcharge%7D", "/pay%2F%7Btoken%7D",
                           "/gate%2F%7Bgate%7D%2Fauthorize", "/v1%2Fadmin%2Fworkspaces%2F%7Bworkspace%7D"}) {
    CAPTURE(path);
    CHECK(world.get(path).error() == "404 not_found");
  }
  CHECK(world.get("/v1/%63harges").status() == 200);
}

TEST_CASE("an invalid charge body is refused by field, and nothing is written") {
  World world;
  world.bootstrap();
  const auto before = world.store.durable();
  const auto too_long = R"({"amount_sats":21,"external_id":")" + std::string(256, 'x') + R"("})";
  const auto too_deep = R"({"amount_sats":21,"metadata":{"a":)" + std::string(40, '[') + std::string(40, ']') + "}}";
  const Refused cases[] = {
      {R"({)", "400 invalid_request", ""},
      {R"([])", "400 invalid_request", ""},
      {R"({"amount_sats":21,"min_sats":1})", "400 invalid_request", ""},
      {R"({"amount_sats":1,"amount_msat":1000})", "400 invalid_request", "amount_sats"},
      {R"({"amount_sats":0})", "400 invalid_request", "amount_sats"},
      {R"({"amount_sats":-1})", "400 invalid_request", "amount_sats"},
      {R"({"amount_sats":1.0})", "400 invalid_request", "amount_sats"},
      {R"({"amount_sats":1e3})", "400 invalid_request", "amount_sats"},
      {R"({"amount_sats":"21"})", "400 invalid_request", "amount_sats"},
      {R"({"amount_sats":2100000000000001})", "400 invalid_request", "amount_sats"},
      {R"({"amount_sats":18446744073709551616})", "400 invalid_request", "amount_sats"},
      {R"({"amount_sats":21,"amuont":1})", "400 invalid_request", "amuont"},
      {R"({"amount_sats":21,"description":7})", "400 invalid_request", "description"},
      {R"({"amount_sats":21,"expires_in":0})", "400 invalid_request", "expires_in"},
      {R"({"amount_sats":21,"metadata":[]})", "400 invalid_request", "metadata"},
      {R"({"amount_sats":21,"description_hash":"00"})", "400 invalid_request", "description_hash"},
      {R"({"amount_sats":21,"amount_sats":22})", "400 invalid_request", ""},
      {too_long, "400 invalid_request", "external_id"},
      {too_deep, "400 invalid_request", ""},
  };
  for (const auto& each : cases) {
    CAPTURE(each.body);
    const auto answer = world.post("/v1/charges", std::string(each.body));
    CHECK(answer.error() == each.error);
    if (!each.param.empty()) CHECK(answer.text("error.param") == each.param);
    CHECK_FALSE(answer.text("error.message").empty());
    CHECK(answer.text("error.request_id") == answer.header("request-id"));
  }
  CHECK(world.store.durable() == before);
}

TEST_CASE("an unauthorized request is refused first, and nothing is written") {
  World world;
  world.bootstrap();
  const auto before = world.store.durable();
  const auto status = [&world](std::string method, std::string target, std::string authorization) {
    Headers headers;
    if (!authorization.empty()) headers.push_back({"authorization", std::move(authorization)});
    return world.request(std::move(method), std::move(target), "", headers).error();
  };
  CHECK(status("GET", "/v1/balance", "") == "401 unauthenticated");
  CHECK(status("GET", "/v1/balance", "Bearer x") == "401 unauthenticated");
  CHECK(status("GET", "/v1/balance", "Basic " + world.test_key) == "401 unauthenticated");
  CHECK(status("GET", "/v1/balance", "Bearer " + world.test_key.substr(0, 46)) == "401 unauthenticated");
  CHECK(status("POST", "/v1/admin/workspaces", "Bearer " + world.test_key) == "401 unauthenticated");
  CHECK(status("GET", "/v1/balance", "Bearer " + world.operator_token) == "401 unauthenticated");
  CHECK(status("POST", "/v1/sandbox/charges/ch_x/pay", "Bearer " + world.live_key) == "403 environment_mismatch");
  CHECK(status("GET", "/v1/nothing", "") == "404 not_found");
  CHECK(status("PUT", "/v1/charges", "") == "405 method_not_allowed");
  CHECK(world.request("PUT", "/v1/charges").header("allow") == "POST, GET, HEAD, OPTIONS");
  CHECK(world.request("PUT", "/v1/bolt11/decode").header("allow") == "POST, OPTIONS");
  CHECK(world.request("OPTIONS", "/v1/charges").header("allow") == "POST, GET, HEAD, OPTIONS");
  CHECK(world.store.durable() == before);
}

TEST_CASE("a key may do what its scopes allow and no more") {
  World world;
  world.bootstrap();
  const auto made = world.post("/v1/api_keys", R"({"name":"shop","scopes":["charges:write","webhooks:read"]})");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  const auto all = world.test_key;
  world.test_key = made.text("key");
  CHECK(world.post("/v1/charges", R"({"amount_sats":1})").status() == 201);
  const auto refused = world.get("/v1/balance");
  CHECK(refused.error() == "403 insufficient_scopes");
  CHECK(refused.text("error.details.missing.0") == "ledger:read");
  world.test_key = all;
  CHECK(world.send("DELETE", "/v1/api_keys/" + made.text("id")).status() == 200);
  world.test_key = made.text("key");
  CHECK(world.post("/v1/charges", R"({"amount_sats":1})").error() == "401 unauthenticated");
}

TEST_CASE("a live key without a node gets node_unavailable; nothing is written") {
  World world;
  world.bootstrap();
  const auto test = world.post("/v1/charges", R"({"amount_sats":1})");
  const auto before = world.store.durable();
  world.test_key = world.live_key;
  CHECK(world.post("/v1/charges", R"({"amount_sats":1})").error() == "503 node_unavailable");
  CHECK(world.get("/v1/charges").items("data") == 0);
  CHECK(world.get("/v1/charges/" + test.text("id")).error() == "404 not_found");
  CHECK(world.post("/v1/charges/" + test.text("id") + "/cancel").error() == "404 not_found");
  CHECK(world.post("/v1/sandbox/charges/" + test.text("id") + "/pay").error() == "403 environment_mismatch");
  CHECK(world.store.durable() == before);
}

TEST_CASE("another workspace's id is answered like one that does not exist") {
  World world;
  world.bootstrap();
  const auto theirs = world.post("/v1/charges", R"({"amount_sats":1})").text("id");
  world.bootstrap();
  auto random = theirs;
  random.back() = random.back() == '0' ? '1' : '0';
  const auto message = [&world](const std::string& id) { return world.get("/v1/charges/" + id).text("error.message"); };
  CHECK(message(theirs) == message(random));
  CHECK(world.get("/v1/charges/" + theirs).error() == "404 not_found");
}

TEST_CASE("too many requests are refused with Retry-After") {
  World world;
  world.bootstrap();
  Reading last;
  for (int i = 0; i < 1'001; ++i) last = world.get("/v1/balance");
  CHECK(last.error() == "429 rate_limit_exceeded");
  CHECK(last.header("retry-after") == "1");
  CHECK(last.header("ratelimit-policy") == R"("default";q=750;w=60)");
  world.now = world.now + seconds(1);
  CHECK(world.get("/v1/balance").status() == 200);
}

TEST_CASE("refused requests of a key count in its rate limit") {
  World world;
  world.bootstrap();
  const auto last_of = [&world](const std::string& target) {
    Reading last;
    for (int i = 0; i < 751; ++i) last = world.get(target);
    return last.error();
  };
  world.test_key = world.post("/v1/api_keys", R"({"scopes":["withdrawals:preimage"]})").text("key");
  CHECK(world.get("/v1/balance").error() == "403 insufficient_scopes");
  CHECK(last_of("/v1/balance") == "429 rate_limit_exceeded");
  world.test_key = world.live_key;
  CHECK(world.get("/v1/sandbox").error() == "403 environment_mismatch");
  CHECK(last_of("/v1/sandbox") == "429 rate_limit_exceeded");
}

TEST_CASE("a key is limited at addresses from which it may not be used") {
  World world;
  world.bootstrap();
  world.test_key = world.post("/v1/api_keys", R"({"scopes":["ledger:read"],"allowed_cidrs":["203.0.113.0/24"]})").text("key");
  CHECK(world.get("/v1/balance").error() == "403 limit_exceeded");
  Reading last;
  for (int i = 0; i < 750; ++i) last = world.get("/v1/balance");
  CHECK(last.error() == "429 rate_limit_exceeded");
}

TEST_CASE("unknown paths and methods are limited for each client") {
  World world;
  for (int i = 0; i < 500; ++i) {
    REQUIRE(world.request("GET", "/v1/nothing").error() == "404 not_found");
    REQUIRE(world.request("DELETE", "/v1/balance").error() == "405 method_not_allowed");
  }
  CHECK(world.request("GET", "/v1/nothing").error() == "429 rate_limit_exceeded");
  CHECK(world.request("DELETE", "/v1/balance").error() == "429 rate_limit_exceeded");
  CHECK(world.request("OPTIONS", "/v1/balance").status() == 204);
  world.bootstrap();
  CHECK(world.get("/v1/balance").status() == 200);
}

TEST_CASE("failed authentication is limited for each client, whatever shards its keys name") {
  World world;
  world.bootstrap();
  Random random({1, 2, 3, 4});
  const auto with = [&world](const std::string& path, const std::string& token) {
    return world.request("GET", path, {}, {{"authorization", "Bearer " + token}}).error();
  };
  const auto a_key = [&random](unsigned shard) { return generate_key_text(Environment::test, Shard::number(shard), random); };
  for (unsigned i = 0; i < 50; ++i) {
    REQUIRE(with("/v1/balance", a_key(i)) == "401 unauthenticated");
    REQUIRE(with("/v1/admin/workspaces", "lnt_operator_wrong") == "401 unauthenticated");
  }
  CHECK(with("/v1/balance", a_key(50)) == "429 rate_limit_exceeded");
  CHECK(with("/v1/balance", "no key") == "429 rate_limit_exceeded");
  CHECK(with("/v1/admin/workspaces", "lnt_operator_wrong") == "429 rate_limit_exceeded");
  CHECK(world.get("/v1/balance").status() == 200);
  CHECK(world.request("GET", "/v1/admin/workspaces", {}, {{"authorization", "Bearer " + world.operator_token}}).status() == 200);
}

TEST_CASE("a failing store yields 503 and writes nothing") {
  World world;
  world.bootstrap();
  const auto before = world.store.durable();
  // The first commit is the rate limit's, which may be lost; the next is the charge's.
  world.store.faults = {CommitFault::none, CommitFault::failed};
  CHECK(world.post("/v1/charges", R"({"amount_sats":1})").error() == "503 storage_unavailable");
  CHECK(world.store.durable() == before);
}

TEST_CASE("every route refuses missing keys, missing scopes and unknown fields") {
  World world;
  world.bootstrap();
  const auto everything = world.test_key;
  const auto nothing = world.post("/v1/api_keys", R"({"scopes":["withdrawals:preimage"]})").text("key");
  const auto before = world.store.durable();
  for (const auto& route : route_table() | std::views::join) {
    if (route.access != Access::key) continue;
    CAPTURE(route.pattern);
    std::string target(route.pattern);
    while (target.find('{') != std::string::npos) target.replace(target.find('{'), target.find('}') - target.find('{') + 1, "x_1");
    const auto method = std::string(route.method);
    world.pass(seconds(2));  // failed authentication is limited
    CHECK(world.request(method, target).error() == "401 unauthenticated");
    CHECK(world.request(method, target, "", {{"authorization", "Bearer lnt_test_x"}}).error() == "401 unauthenticated");
    world.test_key = nothing;
    if (!route.scopes.empty()) CHECK(world.send(method, target).error() == "403 insufficient_scopes");
    world.test_key = everything;
    CHECK(world.send(method, target, R"({"no_such_field":1})").text("error.param") == "no_such_field");
    CHECK(world.send(method, target + "?no_such_field=1").error() == "400 invalid_request");
    for (const auto* const body : {"{", "[]", "7", "{\"a\":}"})
      CHECK(world.send(method, target, body).error() == "400 invalid_request");
    CHECK(
        world.request(method, target, "{}", {{"authorization", "Bearer " + everything}, {"content-type", "text/plain"}}).error() ==
        "415 unsupported_media_type");
    const auto keyed = world.send(method, target, "", {{"idempotency-key", "two words"}}).error();
    if (route.method == "POST") CHECK(keyed.starts_with("400 "));
  }
  CHECK(world.store.durable() == before);
}

TEST_CASE("every route has the properties that all routes share") {
  std::vector<std::string> seen;
  for (const auto& route : route_table() | std::views::join) {
    CAPTURE(route.pattern);
    CHECK((route.handler != nullptr));
#ifndef __wasm__
    CHECK_FALSE(route.summary.empty());
    for (const auto schema : {route.body, route.query, Schema(route.answer)}) check_descriptions(schema);
    const bool of_a_page = route.pattern.starts_with("/pay/") && route.answer.empty();
    CHECK((!route.answer.empty() || !route.media.empty() || of_a_page));
#endif
    CHECK(route.pattern.starts_with('/'));
    const bool is_for_every_key = route.pattern == "/v1/api_keys/current" || route.pattern == "/v1/workspace" ||
                                  route.pattern.starts_with("/v1/event_types") || route.pattern.starts_with("/v1/requests");
    if (route.access == Access::key && !is_for_every_key) CHECK_FALSE(route.scopes.empty());
    if (route.access != Access::key) CHECK(route.scopes.empty());
    if (route.method == "GET") CHECK(route.body.empty());
    const auto name = std::string(route.method) + " " + std::string(route.pattern);
    CHECK(std::ranges::find(seen, name) == seen.end());
    seen.push_back(name);
  }
}

}  // namespace lntpay::test::refusals_test
