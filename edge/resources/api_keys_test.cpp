// API keys through the API: what a key may create, read and repeat, and how a lost one is replaced.
#include <doctest/doctest.h>

#include "tests/support/world.hpp"

namespace lntpay::test::api_keys_test {
namespace {

/// A key with these scopes, made by the world's key; the world goes on with its own.
Reading make_key(World& world, const std::string& scopes, const std::string& more = "") {
  auto made = world.post("/v1/api_keys", R"({"scopes":[)" + scopes + "]" + more + "}");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  return made;
}

/// Runs with another key.
template <class Request>
Reading as(World& world, const std::string& key, Request request) {
  const auto own = std::exchange(world.test_key, key);
  auto answer = request();
  world.test_key = own;
  return answer;
}

const Headers repeated{{"idempotency-key", "k"}};

}  // namespace

TEST_CASE("a response with a key is replayed only to the key that made the request") {
  World world;
  world.bootstrap();
  const auto weak = make_key(world, R"("keys:write")").text("key");
  const std::string body = R"({"scopes":["withdrawals:write"]})";
  const auto made = world.post("/v1/api_keys", body, repeated);
  REQUIRE(made.status() == 201);
  CHECK(as(world, weak, [&] { return world.post("/v1/api_keys", body, repeated); }).error() == "403 insufficient_scopes");
  CHECK(world.post("/v1/api_keys", body, repeated).body() == made.body());

  const auto roll = "/v1/api_keys/" + made.text("id") + "/roll";
  const Headers other{{"idempotency-key", "r"}};
  const auto rolled = world.post(roll, "", other);
  REQUIRE(rolled.status() == 200);
  CHECK(as(world, weak, [&] { return world.post(roll, "", other); }).error() == "403 insufficient_scopes");
  CHECK(world.post(roll, "", other).body() == rolled.body());
}

TEST_CASE("a response without a secret is replayed to every key with the route's scopes") {
  World world;
  world.bootstrap();
  const auto till = make_key(world, R"("charges:write")").text("key");
  const auto made = world.post("/v1/charges", R"({"amount_sats":21})", repeated);
  CHECK(as(world, till, [&] { return world.post("/v1/charges", R"({"amount_sats":21})", repeated); }).body() == made.body());
}

TEST_CASE("a key never outlives the one that created it") {
  World world;
  world.bootstrap();
  const auto parent = make_key(world, R"("keys:write","charges:read")", R"(,"expires_at":"2027-01-15T08:00:03.000Z")");
  const auto child = as(world, parent.text("key"), [&] { return make_key(world, R"("charges:read")"); });
  CHECK(child.text("expires_at") == parent.text("expires_at"));
  CHECK(child.text("parent") == parent.text("id"));
  const auto longer = as(world, parent.text("key"), [&] {
    return world.post("/v1/api_keys", R"({"scopes":["charges:read"],"expires_at":"2027-01-15T08:00:04.000Z"})");
  });
  CHECK(longer.error() == "403 limit_exceeded");
  CHECK(longer.text("error.param") == "expires_at");
}

TEST_CASE("revoking a key ends the keys below it, rolling it does not") {
  World world;
  world.bootstrap();
  const auto parent = make_key(world, R"("keys:write","charges:read")");
  const auto child = as(world, parent.text("key"), [&] { return make_key(world, R"("keys:write","charges:read")"); });
  const auto grandchild = as(world, child.text("key"), [&] { return make_key(world, R"("charges:read")"); });
  const auto works = [&](const Reading& key) {
    return as(world, key.text("key"), [&] { return world.get("/v1/api_keys/current"); }).status() == 200;
  };
  REQUIRE(world.post("/v1/api_keys/" + parent.text("id") + "/roll").status() == 200);
  CHECK(works(child));
  CHECK(works(grandchild));
  REQUIRE(world.send("DELETE", "/v1/api_keys/" + parent.text("id")).status() == 200);
  CHECK_FALSE(works(child));
  CHECK_FALSE(works(grandchild));
  const auto keys = world.get("/v1/api_keys");
  std::size_t revoked = 0;
  for (std::size_t i = 0; i < keys.items("data"); ++i) {
    if (!keys.text("data." + std::to_string(i) + ".revoked_at").empty()) ++revoked;
  }
  CHECK(revoked == 3);
}

TEST_CASE("a key is read and renamed by its id") {
  World world;
  world.bootstrap();
  const auto key = make_key(world, R"("charges:read")", R"(,"name":"till")");
  const auto path = "/v1/api_keys/" + key.text("id");
  CHECK(world.get(path).text("name") == "till");
  const auto renamed = world.send("PATCH", path, R"({"name":"till 3"})");
  CHECK(renamed.text("name") == "till 3");
  CHECK(world.send("PATCH", path, "{}").body() == renamed.body());
  CHECK(world.get(path).body() == renamed.body());
  CHECK(as(world, key.text("key"), [&] { return world.get("/v1/api_keys/current"); }).text("name") == "till 3");
  const auto notes = world.get("/v1/audit?action=api_key.change");
  REQUIRE(notes.items("data") == 1);
  CHECK(notes.text("data.0.detail") == "till 3");
  CHECK(world.send("PATCH", path, R"({"name":null})").text("name").empty());
  CHECK(world.send("PATCH", path, R"({"scopes":["keys:write"]})").text("error.param") == "scopes");
  REQUIRE(world.send("DELETE", path).status() == 200);
  CHECK_FALSE(world.get(path).text("revoked_at").empty());
}

TEST_CASE("a key renames only keys that may do no more than itself, and shows the end of those above") {
  World world;
  world.bootstrap();
  const auto strong = make_key(world, R"("keys:write","charges:read")");
  const auto weak = make_key(world, R"("keys:write")");
  const auto child = as(world, strong.text("key"), [&] { return make_key(world, R"("charges:read")"); });
  const auto path = "/v1/api_keys/" + strong.text("id");
  CHECK(as(world, weak.text("key"), [&] { return world.send("PATCH", path, R"({"name":"x"})"); }).error() ==
        "403 insufficient_scopes");
  REQUIRE(world.send("DELETE", path).status() == 200);
  CHECK_FALSE(world.get("/v1/api_keys/" + child.text("id")).text("revoked_at").empty());
}

TEST_CASE("a key's last use is known by the hour, with one write an hour") {
  World world;
  world.bootstrap();
  const auto key = make_key(world, R"("charges:read")");
  const auto path = "/v1/api_keys/" + key.text("id");
  const auto last_use = [&] { return world.get(path).text("last_used_at"); };
  // The commits of a request with the key; the read before it writes what was kept of the log.
  const auto use = [&] {
    world.get(path);
    const auto before = world.store.commits();
    CHECK(as(world, key.text("key"), [&] { return world.get("/v1/charges"); }).status() == 200);
    return world.store.commits() - before;
  };
  CHECK(last_use().empty());
  world.now = world.now + minutes(59);
  CHECK(use() == 2);  // the rate limit's, and the use
  CHECK(last_use() == "2027-01-15T08:00:00.000Z");
  CHECK(use() == 1);
  world.now = world.now + minutes(1);
  CHECK(use() == 2);
  CHECK(last_use() == "2027-01-15T09:00:00.000Z");
}

TEST_CASE("a key's last use that cannot be written changes no response, and a roll keeps it") {
  World world;
  world.bootstrap();
  const auto key = make_key(world, R"("charges:read")");
  const auto path = "/v1/api_keys/" + key.text("id");
  const auto use = [&] { return as(world, key.text("key"), [&] { return world.get("/v1/charges"); }).status(); };
  world.store.fault_at(2, CommitFault::failed);
  CHECK(use() == 200);
  CHECK(world.get(path).text("last_used_at").empty());
  CHECK(use() == 200);
  CHECK(world.post(path + "/roll").text("last_used_at") == "2027-01-15T08:00:00.000Z");
}

TEST_CASE("keys can be nested four deep") {
  World world;
  world.bootstrap();
  for (int depth = 1; depth <= 4; ++depth) world.test_key = make_key(world, R"("keys:write")").text("key");
  CHECK(world.post("/v1/api_keys", R"({"scopes":["keys:write"]})").error() == "403 limit_exceeded");
}

TEST_CASE("a withdrawal counts against the daily limit of every key above its own") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":100000})");
  const auto scopes = R"("withdrawals:write","keys:write","sandbox:write")";
  const auto parent = make_key(world, scopes, R"(,"daily_withdraw_sats":8000)");
  const auto withdraw = [&](std::uint64_t sats, const std::string& id) {
    const auto invoice = world.post("/v1/sandbox/invoices", R"({"amount_sats":)" + std::to_string(sats - 10) + "}");
    return world.post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + R"(","max_fee_sats":10})",
                      {{"idempotency-key", id}});
  };
  const auto first = as(world, parent.text("key"), [&] { return make_key(world, scopes); });
  const auto second = as(world, parent.text("key"), [&] { return make_key(world, scopes, R"(,"daily_withdraw_sats":5000)"); });
  CHECK(as(world, first.text("key"), [&] { return withdraw(5'000, "a"); }).status() == 202);
  const auto refused = as(world, second.text("key"), [&] { return withdraw(3'001, "b"); });
  CHECK(refused.error() == "403 limit_exceeded");
  CHECK(refused.number("error.details.limit_msat") == 8'000'000);
  CHECK(as(world, second.text("key"), [&] { return withdraw(3'000, "c"); }).status() == 202);
  CHECK(as(world, parent.text("key"), [&] { return withdraw(100, "d"); }).error() == "403 limit_exceeded");
}

TEST_CASE("a key revokes and rolls only keys that may do no more than itself") {
  World world;
  world.bootstrap();
  const auto strong = make_key(world, R"("withdrawals:write","keys:write")");
  const auto weak = make_key(world, R"("keys:write")");
  as(world, weak.text("key"), [&] {
    CHECK(world.send("DELETE", "/v1/api_keys/" + strong.text("id")).error() == "403 insufficient_scopes");
    CHECK(world.post("/v1/api_keys/" + strong.text("id") + "/roll").error() == "403 insufficient_scopes");
    return world.get("/v1/api_keys/current");
  });
  CHECK(as(world, strong.text("key"), [&] { return world.send("DELETE", "/v1/api_keys/" + weak.text("id")); }).status() == 200);
}

TEST_CASE("the previous text of a rolled key works for its overlap, and does not roll the key") {
  World world;
  world.bootstrap();
  const auto key = make_key(world, R"("keys:write","charges:read")");
  const auto roll = [&](const std::string& text) {
    return as(world, text, [&] { return world.post("/v1/api_keys/" + key.text("id") + "/roll", R"({"overlap_seconds":600})"); });
  };
  const auto works = [&](const std::string& text) {
    return as(world, text, [&] { return world.get("/v1/charges"); }).status() == 200;
  };
  const auto old_text = key.text("key");
  const auto rolled = roll(old_text);
  REQUIRE_MESSAGE(rolled.status() == 200, rolled.body());
  CHECK(works(old_text));
  CHECK(roll(old_text).error() == "403 limit_exceeded");
  CHECK(works(rolled.text("key")));
  CHECK(roll(rolled.text("key")).status() == 200);  // a key still rolls itself
}

TEST_CASE("a key with networks is refused from elsewhere") {
  World world;  // its client is 192.0.2.1
  world.bootstrap();
  const auto status_within = [&](const std::string& network) {
    const auto key = make_key(world, R"("charges:read")", R"(,"allowed_cidrs":[")" + network + "\"]").text("key");
    return as(world, key, [&] { return world.get("/v1/charges"); }).error();
  };
  CHECK(status_within("192.0.2.0/24") == "200 ");
  CHECK(status_within("198.51.100.0/24") == "403 limit_exceeded");
}

TEST_CASE("deleting the last key that can create keys warns, and the operator creates another") {
  World world;
  world.bootstrap();
  const auto reader = make_key(world, R"("charges:read")");
  const auto own = world.get("/v1/api_keys/current").text("id");
  const auto workspace = world.get("/v1/workspace").text("id");
  CHECK(world.send("DELETE", "/v1/api_keys/" + reader.text("id")).text("warning").empty());
  const auto last = world.send("DELETE", "/v1/api_keys/" + own);
  CHECK(last.status() == 200);
  CHECK(last.text("warning").contains("/v1/admin/workspaces/{workspace}/api_keys"));
  CHECK(world.get("/v1/api_keys/current").error() == "401 unauthenticated");

  const Headers operator_headers{{"authorization", "Bearer " + world.operator_token}, {"content-type", "application/json"}};
  const auto list = world.request("GET", "/v1/admin/workspaces", "", operator_headers);
  CHECK(list.text("data.0.id") == workspace);
  const auto target = "/v1/admin/workspaces/" + workspace + "/api_keys?environment=test";
  auto repeated_headers = operator_headers;
  repeated_headers.push_back({"idempotency-key", "o"});
  const auto made = world.request("POST", target, R"({"name":"rescue"})", repeated_headers);
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  CHECK(made.body().contains(R"("parent":null)"));
  CHECK(world.request("POST", target, R"({"name":"rescue"})", repeated_headers).body() == made.body());
  world.test_key = made.text("key");
  CHECK(world.get("/v1/api_keys").items("data") == 3);
  const auto elsewhere = "/v1/admin/workspaces/ws_" + workspace.substr(3, 2) + std::string(26, '0') + "/api_keys?environment=test";
  CHECK(world.request("POST", elsewhere, "{}", operator_headers).error() == "404 not_found");
}

TEST_CASE("acts on keys, gates, endpoints and the sandbox are in the audit trail with key, request and address") {
  World world;
  world.bootstrap();
  const auto own = world.get("/v1/api_keys/current").text("id");
  const auto made = make_key(world, R"("charges:read")");
  const auto gate = world.post("/v1/gates", R"({"price_sats":21,"match":{"method":"GET","path":"/*"}})");
  world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})");
  world.post("/v1/sandbox/reset");
  const auto trail = world.get("/v1/audit?order=asc");
  REQUIRE(trail.items("data") == 4);
  CHECK(trail.body().contains(R"("action":"webhook_endpoint.create")"));
  CHECK(trail.body().contains(R"("action":"sandbox.reset")"));
  const auto keys = world.get("/v1/audit?action=api_key.");
  REQUIRE(keys.items("data") == 1);
  CHECK(keys.text("data.0.actor") == own);
  CHECK(keys.text("data.0.subject") == made.text("id"));
  CHECK(keys.text("data.0.request_id") == made.header("request-id"));
  CHECK_FALSE(keys.text("data.0.address").empty());
  CHECK(world.get("/v1/audit?action=gate.create").text("data.0.subject") == gate.text("id"));
  CHECK(world.get("/v1/audit?created_lt=2027-01-15T08:00:00.000Z").items("data") == 0);
}

TEST_CASE("the audit trail shows acts on what the key may read, and addresses to those that manage keys") {
  World world;
  world.bootstrap();
  make_key(world, R"("charges:read")");
  world.post("/v1/gates", R"({"price_sats":21,"match":{"method":"GET","path":"/*"}})");
  world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook?token=t0ken"})");
  world.post("/v1/sandbox/invoices", R"({"amount_sats":100})");
  const auto actions = [&](const std::string& scopes) {
    const auto reader = make_key(world, R"("ledger:read")" + scopes).text("key");
    const auto trail = as(world, reader, [&] { return world.get("/v1/audit?order=asc"); });
    REQUIRE(trail.status() == 200);
    CHECK_FALSE(trail.body().contains("t0ken"));
    std::string text;
    for (std::size_t i = 0; i < trail.items("data"); ++i) {
      const auto note = "data." + std::to_string(i);
      text += trail.text(note + ".action") + (trail.text(note + ".address").empty() ? " " : "@ ");
    }
    return text;
  };
  CHECK(actions("").empty());
  CHECK(actions(R"(,"webhooks:read")") == "webhook_endpoint.create ");
  CHECK(actions(R"(,"gates:read","sandbox:write")") == "gate.create sandbox.invoice.create ");
  CHECK(actions(R"(,"keys:write")").starts_with("api_key.create@ api_key.create@ "));
  CHECK(world.get("/v1/audit?action=webhook_endpoint.create").text("data.0.detail") == "http://127.0.0.1:9");
}

TEST_CASE("an endpoint shows the event types that the key may read") {
  World world;
  world.bootstrap();
  const std::string url = R"({"url":"http://127.0.0.1:9/hook")";
  const auto some = world.post("/v1/webhook_endpoints", url + R"(,"event_types":["charge.*","withdrawal.succeeded"]})");
  const auto none = world.post("/v1/webhook_endpoints", url + R"(,"event_types":["withdrawal.*"]})");
  const auto all = world.post("/v1/webhook_endpoints", url + "}");
  const auto till = make_key(world, R"("charges:read","webhooks:read")").text("key");
  const auto types = [&](const Reading& endpoint) {
    const auto shown = as(world, till, [&] { return world.get("/v1/webhook_endpoints/" + endpoint.text("id")); }).body();
    const auto begin = shown.find("\"event_types\":") + 14;
    return shown.substr(begin, shown.find(']', begin) + 1 - begin);
  };
  CHECK(types(some) == R"(["charge.*"])");
  CHECK(types(none) == "[]");
  CHECK(types(all) == R"(["*"])");
  const auto listed = as(world, till, [&] { return world.get("/v1/webhook_endpoints"); });
  CHECK(listed.items("data") == 3);
  CHECK_FALSE(listed.body().contains("withdrawal."));
  CHECK(world.get("/v1/webhook_endpoints/" + some.text("id")).body().contains(R"(["charge.*","withdrawal.succeeded"])"));
}

TEST_CASE("the sandbox's clock does not date API keys") {
  World world;
  world.bootstrap();
  const auto day = [&] { return make_key(world, R"("charges:read")").text("created_at").substr(0, 10); };
  const auto today = day();
  CHECK(world.post("/v1/sandbox/clock/advance", R"({"ms":31536000000})").status() == 200);
  CHECK(day() == today);
}

TEST_CASE("events and webhooks show only what the key may read") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":1000})");
  const auto invoice = world.post("/v1/sandbox/invoices", R"({"amount_sats":100})");
  world.post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + "\"}", repeated);
  const auto full = world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})").text("id");
  const auto till = make_key(world, R"("charges:write","webhooks:read","webhooks:write")").text("key");
  as(world, till, [&] {
    CHECK(world.get("/v1/events?types=withdrawal.created").items("data") == 0);
    const auto all = world.get("/v1/events");
    CHECK(all.text("data.0.type") == "charge.created");
    CHECK_FALSE(all.body().contains("withdrawal."));
    CHECK(all.number("next_after_seq") >= 3);
    // An endpoint that receives more than this key may read is not its own to use.
    const auto endpoint = "/v1/webhook_endpoints/" + full;
    for (const auto* action : {"/test", "/rotate_secret"})
      CHECK(world.post(endpoint + action).error() == "403 insufficient_scopes");
    CHECK(world.send("PATCH", endpoint, R"({"url":"http://127.0.0.1:9/mine"})").error() == "403 insufficient_scopes");
    CHECK(world.send("DELETE", endpoint).error() == "403 insufficient_scopes");
    const auto deliveries = world.get(endpoint + "/deliveries");
    CHECK(deliveries.status() == 200);
    CHECK_FALSE(deliveries.body().contains("withdrawal."));
    const auto refused =
        world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/x","event_types":["withdrawal.created"]})");
    CHECK(refused.error() == "403 insufficient_scopes");
    CHECK(refused.text("error.details.missing.0") == "withdrawals:read");
    const auto own = world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/own"})");
    CHECK(own.text("event_types.0") == "*");
    return own;
  });
  world.sent.clear();
  const auto next = world.post("/v1/sandbox/invoices", R"({"amount_sats":100})");
  world.post("/v1/withdrawals", R"({"bolt11":")" + next.text("bolt11") + "\"}", {{"idempotency-key", "n"}});
  world.post("/v1/charges", R"({"amount_sats":21})");
  world.pass(seconds(5));
  std::size_t own_events = 0;
  for (const auto& sent : world.sent) {
    if (!sent.target.ends_with("/own")) continue;
    ++own_events;
    CHECK(sent.body.contains("\"type\":\"charge."));
  }
  CHECK(own_events == 1);
}

}  // namespace lntpay::test::api_keys_test
