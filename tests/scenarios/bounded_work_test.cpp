// A session's work is bounded, however much a workspace has: docs/architecture.md, "Bounded work".
#include <doctest/doctest.h>

#include "core/access/workspace.hpp"
#include "core/webhook/queue/delivery_queue.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::bounded_work_test {
namespace {

constexpr std::size_t steps_max = 200;
constexpr std::size_t rows_max = 500;
/// A request's pages and what goes with them: key, controls, account, …
constexpr std::size_t rows_read_max = 1'100;

/// A workspace with more open charges than one session may move or expire, and an endpoint that gets their events.
struct FullWorld : World {
  static constexpr int charges = 260;

  /// `is_disabled`: the endpoint misses the events.
  explicit FullWorld(bool is_disabled = false) {
    bootstrap();
    endpoint = post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})").text("id");
    if (is_disabled) send("PATCH", "/v1/webhook_endpoints/" + endpoint, R"({"status":"disabled"})");
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
  std::string endpoint;
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
  for (const auto* path : {"/v1/charges?limit=30", "/v1/charges?status=expired&external_id=x", "/v1/events?limit=30",
                           "/v1/events?types=charge.paid", "/v1/ledger/verify", "/v1/ledger", "/v1/ledger?reference=x",
                           "/v1/ledger/export", "/v1/audit?limit=30", "/v1/api_keys?limit=30"}) {
    CAPTURE(path);
    CHECK(world.get(path).status() == 200);
    CHECK(world.most.rows_read <= rows_read_max);
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

TEST_CASE("what an endpoint missed is counted and recovered within the bounds") {
  FullWorld world(true);
  world.pass(hours(25));
  const auto path = "/v1/webhook_endpoints/" + world.endpoint;
  world.send("PATCH", path, R"({"status":"enabled"})");
  world.most = {};
  CHECK(world.get(path).number("missed_events") >= 2 * FullWorld::charges);
  world.check();
  const auto before = world.sent.size();
  CHECK(world.post(path + "/recover", R"({"since":"2026-01-01T00:00:00Z"})").status() < 300);
  world.pass(minutes(10));
  world.check();
  CHECK(world.sent.size() >= before + 2 * FullWorld::charges);
}

TEST_CASE("what waits for a deleted endpoint is canceled within the bounds") {
  World world;
  world.bootstrap();
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{503, {}, "down"}}; };
  const auto made = world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook","ordering":"per_object"})");
  const auto endpoint = made.text("id");
  const auto charges = [&world] {
    for (int i = 0; i < 130; ++i) REQUIRE(world.post("/v1/charges", R"({"amount_sats":21,"expires_in":86400})").status() == 201);
  };
  // Each is attempted, and waits for its retry at the place of its charge; then few are attempted.
  charges();
  world.run_due();
  world.send("PATCH", "/v1/webhook_endpoints/" + endpoint, R"({"max_per_second":1})");
  charges();
  const auto waiting = [&](QueueKind kind) { return world.store.count("/" + std::string(name_of(kind)) + "/" + endpoint); };
  REQUIRE(waiting(QueueKind::first) > 100);
  REQUIRE(waiting(QueueKind::retry) > 100);
  world.most = {};
  CHECK(world.send("DELETE", "/v1/webhook_endpoints/" + endpoint).status() == 200);
  world.run_due();
  CHECK(world.most.steps <= steps_max);
  CHECK(world.most.rows <= rows_max);
  CHECK(world.most.rows > 400);  // as many as a commit takes
  for (const auto kind : {QueueKind::first, QueueKind::retry}) CHECK(waiting(kind) == 0);
}

TEST_CASE("the search for a key that can create keys reads a bounded number of them") {
  World world;
  world.bootstrap();
  for (int i = 0; i < 600; ++i) {
    if (i % 100 == 99) world.pass(seconds(10));
    REQUIRE(world.post("/v1/api_keys", R"({"scopes":["charges:read"]})").status() == 201);
  }
  world.most = {};
  const auto ended = world.send("DELETE", "/v1/api_keys/" + world.get("/v1/api_keys/current").text("id"));
  CHECK(ended.status() == 200);
  CHECK_FALSE(ended.body().contains("warning"));  // it may be among those that were not read
  CHECK(world.most.steps <= steps_max);
  CHECK(world.most.rows_read <= 4 * 500);  // of each key its index, its pointer, its row and those above it
}

TEST_CASE("the operator's totals read a bounded number of workspaces in a call, also of one shard") {
  World world;
  world.bootstrap();
  const auto id = world.get("/v1/workspace").text("id");
  const auto shard = id.substr(3, 2);
  Random random({1, 2, 3, 4});
  for (int i = 0; i < 600; ++i) {
    const auto more = WorkspaceId::generate(*Shard::parse(shard), world.now, random);
    world.store.put(workspace_key(more), to_row(Workspace{.id = more, .name = "more", .created_at = world.now}));
  }
  const auto ask = [&world](const std::string& resume) {
    world.most = {};
    return world.request("GET", "/v1/admin/reconciliation?environment=test" + resume, {},
                         {{"authorization", "Bearer " + world.operator_token}});
  };
  const auto first = ask("");
  CHECK(first.number("workspaces") == 499);
  CHECK(first.body().contains(R"("complete":false)"));
  CHECK(world.most.steps <= 1'010);  // of each workspace two: its account, in its generation of the sandbox
  CHECK(world.most.rows_read <= 1'010);
  const auto rest = ask("&resume=" + first.text("resume"));
  CHECK(rest.number("workspaces") == 601);
  CHECK(rest.body().contains(R"("complete":true)"));
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
