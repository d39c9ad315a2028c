// The sandbox's controls: every case of docs/sandbox.md.
#include <doctest/doctest.h>

#include <functional>
#include <map>

#include "tests/support/world.hpp"

namespace lntpay::test::sandbox_test {
namespace {

Reading advance(World& world, Millis by) {
  auto answer = world.post("/v1/sandbox/clock/advance", R"({"ms":)" + std::to_string(by.value) + "}");
  REQUIRE_MESSAGE(answer.status() == 200, answer.body());
  world.run_due();
  return answer;
}
void set_faults(World& world, const std::string& names) {
  const auto answer = world.post("/v1/sandbox/faults", R"({"faults":[)" + names + "]}");
  REQUIRE_MESSAGE(answer.status() == 200, answer.body());
}
Reading fund(World& world, std::uint64_t sats) {
  auto charge = world.post("/v1/sandbox/fund", R"({"amount_sats":)" + std::to_string(sats) + "}");
  REQUIRE_MESSAGE(charge.status() == 201, charge.body());
  return charge;
}
std::string new_charge(World& world) { return world.post("/v1/charges", R"({"amount_sats":21})").text("id"); }
std::string status(World& world, const std::string& id) { return world.get("/v1/charges/" + id).text("status"); }
Reading pay(World& world, const std::string& id, std::string body = {}) {
  return world.post("/v1/sandbox/charges/" + id + "/pay", std::move(body));
}
Reading withdraw(World& world, const std::string& bolt11, const std::string& key) {
  return world.post("/v1/withdrawals", R"({"bolt11":")" + bolt11 + R"(","max_fee_sats":60})", {{"idempotency-key", key}});
}
std::string invoice(World& world, const std::string& behavior) {
  return world.post("/v1/sandbox/invoices", R"({"amount_sats":6000,"behavior":")" + behavior + "\"}").text("bolt11");
}
std::string withdrawal(World& world, const Reading& made) { return world.get("/v1/withdrawals/" + made.text("id")).text("status"); }
std::uint64_t available(World& world) {
  CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
  return world.get("/v1/balance").number("available_msat");
}

/// Runs the part before the commit with that number, 1 the next.
void before_commit(World& world, int number, std::function<void()> part) {
  world.store.before_commit = [&world, number, part] {
    if (number > 1) return before_commit(world, number - 1, part);
    part();
  };
}

}  // namespace

TEST_CASE("the sandbox's controls take test keys only") {
  World world;
  world.bootstrap();
  world.test_key = world.live_key;
  CHECK(world.get("/v1/sandbox").error() == "403 environment_mismatch");
  for (const auto* const path : {"clock/advance", "faults", "fund", "reset"}) {
    CHECK(world.post("/v1/sandbox/" + std::string(path)).error() == "403 environment_mismatch");
  }
}

TEST_CASE("an advanced clock expires a charge in its workspace only") {
  World world;
  world.bootstrap();
  const auto other_key = world.test_key;
  const auto others = new_charge(world);
  world.bootstrap();
  const auto id = new_charge(world);
  CHECK(advance(world, seconds(599)).number("clock_ahead_ms") == 599'000);
  CHECK(status(world, id) == "pending");
  CHECK(advance(world, seconds(1)).number("clock_ahead_ms") == 600'000);
  CHECK(status(world, id) == "expired");
  CHECK(world.get("/v1/sandbox").text("now") == "2027-01-15T08:10:00.000Z");
  const auto events = world.get("/v1/events");
  CHECK(events.text("data.1.type") == "charge.expired");
  CHECK(events.text("data.1.timestamp") == "2027-01-15T08:10:00.000Z");
  // New objects use the same clock.
  const auto next = world.post("/v1/charges", R"({"amount_sats":21})");
  CHECK(next.text("expires_at") == "2027-01-15T08:20:00.000Z");
  world.pass(seconds(600));
  CHECK(status(world, next.text("id")) == "expired");
  CHECK(world.log.empty());
  world.test_key = other_key;
  CHECK(world.get("/v1/sandbox").number("clock_ahead_ms") == 0);
  CHECK(status(world, others) == "expired");
}

TEST_CASE("a clock never moves back, and at most ten years ahead") {
  World world;
  world.bootstrap();
  CHECK(world.post("/v1/sandbox/clock/advance", R"({"ms":-1})").error() == "400 invalid_request");
  CHECK(world.post("/v1/sandbox/clock/advance", "{}").error() == "400 invalid_request");
  advance(world, days(3'650));
  CHECK(world.post("/v1/sandbox/clock/advance", R"({"ms":1})").text("error.param") == "ms");
  CHECK(world.get("/v1/sandbox").number("clock_ahead_ms") == static_cast<std::uint64_t>(days(3'650).value));
}

TEST_CASE("a delayed payment arrives with the clock") {
  World world;
  world.bootstrap();
  const auto id = new_charge(world);
  pay(world, id, R"({"delay_ms":300000})");
  advance(world, minutes(4));
  CHECK(status(world, id) == "pending");
  advance(world, minutes(1));
  CHECK(status(world, id) == "paid");
}

TEST_CASE("webhook retries follow the clock; the signed time is the host's") {
  World world;
  world.bootstrap();
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{500, {}, ""}}; };
  world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})");
  new_charge(world);
  world.run_due();
  CHECK(world.sent.size() == 1);
  advance(world, seconds(7));
  CHECK(world.sent.size() == 2);
  advance(world, hours(1));
  CHECK(world.sent.size() >= 3);
  for (const auto& request : world.sent) {
    for (const auto& [name, value] : request.headers) {
      if (name == "webhook-timestamp") CHECK(value == std::to_string(world.now.value / 1'000));
    }
  }
  // Five days of failures in one step.
  for (int i = 0; i < 5; ++i) advance(world, hours(30));
  CHECK(world.get("/v1/webhook_endpoints").text("data.0.status") == "disabled");
}

TEST_CASE("advancing the clock does not expire a lease") {
  World world;
  world.bootstrap();
  for (std::size_t moment = 0; world.store.count("/charge_new/") == 0; ++moment) {
    world.moments_until_crash = moment;
    world.post("/v1/charges", R"({"amount_sats":21})");
    world.moments_until_crash.reset();
  }
  const auto left = world.store.count("/charge_new/");
  advance(world, hours(1));
  CHECK(world.store.count("/charge_new/") == left);
  world.pass(minutes(2));
  CHECK(world.store.count("/charge_new/") == 0);
}

TEST_CASE("a due row written with the old clock is moved soon after") {
  for (int commit = 1; commit <= 5; ++commit) {
    CAPTURE(commit);
    World world;
    world.bootstrap();
    before_commit(world, commit, [&] { advance(world, hours(1)); });
    const auto id = new_charge(world);
    world.pass(minutes(6));
    CHECK(status(world, id) == "expired");
    CHECK(world.store.count("/due/") == world.store.count("/due/prune/") + world.store.count("/due/requests/"));
  }
}

TEST_CASE("a crash while the clock is advanced: the rows follow it") {
  for (std::size_t moment = 0;; ++moment) {
    CAPTURE(moment);
    World world;
    world.bootstrap();
    const auto first = new_charge(world);
    const auto second = new_charge(world);
    world.moments_until_crash = moment;
    world.post("/v1/sandbox/clock/advance", R"({"ms":600000})");
    const bool survived = world.moments_until_crash.has_value();
    world.moments_until_crash.reset();
    world.pass(minutes(3));
    const bool moved = world.get("/v1/sandbox").number("clock_ahead_ms") != 0;
    for (const auto& id : {first, second}) CHECK(status(world, id) == (moved ? "expired" : "pending"));
    if (survived) break;
  }
}

TEST_CASE("a clock advances once, whatever the outcome of the commit") {
  for (const auto fault : {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written}) {
    CAPTURE(static_cast<int>(fault));
    World world;
    world.bootstrap();
    for (const std::uint64_t expected : {1'000U, 2'000U}) {
      world.store.fault_at(2, fault);  // the first is the rate limit's
      CHECK(advance(world, seconds(1)).number("clock_ahead_ms") == expected);
      CHECK(world.get("/v1/sandbox").number("clock_ahead_ms") == expected);
    }
  }
}

TEST_CASE("fund creates and pays one charge per Idempotency-Key") {
  World world;
  world.bootstrap();
  const auto made = fund(world, 10'000);
  CHECK(made.text("status") == "paid");
  const Headers key{{"idempotency-key", "f1"}};
  const auto first = world.post("/v1/sandbox/fund", R"({"amount_msat":1500,"description":"for a test"})", key);
  CHECK(first.text("description") == "for a test");
  CHECK(world.post("/v1/sandbox/fund", R"({"amount_msat":1500,"description":"for a test"})", key).body() == first.body());
  CHECK(available(world) == 10'001'500);
}

TEST_CASE("with the node down nothing is created; payments are credited later") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto id = new_charge(world);
  const auto bolt11 = invoice(world, "succeed");
  set_faults(world, R"("node_down")");
  CHECK(world.get("/v1/sandbox").body().contains(R"("faults":["node_down"])"));
  CHECK(world.post("/v1/charges", R"({"amount_sats":21})").error() == "503 node_unavailable");
  CHECK(withdraw(world, bolt11, "d1").error() == "503 node_unavailable");
  CHECK(pay(world, id).error() == "503 node_unavailable");
  CHECK(status(world, id) == "pending");
  world.pass(minutes(1));
  CHECK(status(world, id) == "pending");
  world.post("/v1/sandbox/faults");
  world.pass(minutes(3));
  CHECK(status(world, id) == "paid");
  CHECK(available(world) == 10'021'000);
  CHECK(withdraw(world, bolt11, "d1").status() == 202);
}

TEST_CASE("half a payment is credited and leaves its charge underpaid") {
  World world;
  world.bootstrap();
  const auto id = new_charge(world);
  set_faults(world, R"("settles_short")");
  CHECK(pay(world, id).text("status") == "underpaid");
  CHECK(available(world) == 10'500);
}

TEST_CASE("a late payment is credited after expiry and after cancel") {
  World world;
  world.bootstrap();
  const auto expired = new_charge(world);
  CHECK(pay(world, expired, R"({"late":true})").error() == "409 invalid_state");
  advance(world, minutes(10));
  CHECK(pay(world, expired).error() == "409 invalid_state");
  const auto paid = pay(world, expired, R"({"late":true})");
  CHECK_MESSAGE(paid.text("status") == "paid_late", paid.body());
  world.pass(seconds(1));
  CHECK(pay(world, expired, R"({"late":true})").error() == "409 invalid_state");
  const auto canceled = new_charge(world);
  world.post("/v1/charges/" + canceled + "/cancel");
  CHECK(pay(world, canceled, R"({"late":true,"delay_ms":60000})").text("status") == "canceled");
  advance(world, minutes(1));
  CHECK(status(world, canceled) == "paid_late");
  CHECK(available(world) == 42'000);
}

TEST_CASE("a lost send is retried, and the fence releases the money in time") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  set_faults(world, R"("sends_lost")");
  const auto lost = withdraw(world, invoice(world, "succeed"), "d1");
  world.run_due();
  CHECK(withdrawal(world, lost) == "unknown");
  advance(world, minutes(5));
  CHECK(available(world) == 3'940'000);
  const auto found = withdraw(world, invoice(world, "succeed"), "d2");
  CHECK(found.error() == "422 insufficient_funds");
  // An hour until the expiry, five minutes beyond it, and two polls a minute apart.
  advance(world, minutes(59));
  CHECK(withdrawal(world, lost) == "unknown");
  advance(world, minutes(7));
  for (int i = 0; i < 3; ++i) advance(world, minutes(5));
  CHECK(withdrawal(world, lost) == "failed");
  CHECK(available(world) == 10'000'000);

  const auto late = withdraw(world, invoice(world, "succeed"), "d3");
  world.run_due();
  set_faults(world, "");
  for (int i = 0; i < 4; ++i) advance(world, minutes(5));
  CHECK(withdrawal(world, late) == "succeeded");
  CHECK(available(world) == 3'993'000);
}

TEST_CASE("advancing the clock ends a payment in flight for days") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto stuck = withdraw(world, invoice(world, "stuck"), "d1");
  world.run_due();
  advance(world, hours(24));
  CHECK(withdrawal(world, stuck) == "unknown");
  advance(world, hours(2));
  CHECK(withdrawal(world, stuck) == "succeeded");
  CHECK(world.get("/v1/balance").number("locked_msat") == 0);
}

TEST_CASE("a node that forgets a payment needs review") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto made = withdraw(world, invoice(world, "stuck"), "d1");
  world.run_due();
  set_faults(world, R"("payments_forgotten")");
  advance(world, minutes(10));
  CHECK(withdrawal(world, made) == "needs_review");
}

TEST_CASE("with receivers down deliveries fail, and succeed later") {
  World world;
  world.bootstrap();
  world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})");
  set_faults(world, R"("webhooks_down")");
  new_charge(world);
  world.run_due();
  CHECK(world.sent.empty());
  set_faults(world, "");
  advance(world, seconds(7));
  CHECK(world.sent.size() == 1);
}

TEST_CASE("a reset empties the test data and keeps keys and live data") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto id = new_charge(world);
  const auto bolt11 = invoice(world, "stuck");
  withdraw(world, bolt11, "d1");
  world.run_due();
  world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})");
  new_charge(world);
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{500, {}, ""}}; };
  world.run_due();
  const auto page = world.get("/v1/charges?limit=1");
  set_faults(world, R"("settles_short")");
  advance(world, minutes(1));
  const auto sent = world.sent.size();

  const auto reset = world.post("/v1/sandbox/reset");
  CHECK(reset.number("generation") == 1);
  CHECK(reset.number("clock_ahead_ms") == 0);
  CHECK(reset.body().contains(R"("faults":[])"));
  CHECK(world.get("/v1/balance").number("total_msat") == 0);
  for (const auto* const list : {"charges", "withdrawals", "ledger", "events", "webhook_endpoints"}) {
    CHECK(world.get("/v1/" + std::string(list)).items("data") == 0);
  }
  CHECK(world.get("/v1/charges/" + id).error() == "404 not_found");
  CHECK(world.get("/v1/charges?limit=1&cursor=" + page.text("next_cursor")).error() == "400 invalid_request");
  CHECK(world.get("/v1/api_keys").items("data") == 1);

  // Earlier due work is dropped; earlier Idempotency-Keys are free.
  world.pass(days(31));
  CHECK(world.sent.size() == sent);
  CHECK(world.store.count("/due/") == 0);
  CHECK(fund(world, 10'000).text("status") == "paid");
  CHECK(world.get("/v1/events?limit=1").number("data.0.seq") == 1);
  CHECK(available(world) == 10'000'000);
  CHECK(world.get("/v1/ledger").number("data.0.seq") == 1);
  CHECK(world.log.empty());
}

TEST_CASE("after a reset the same invoices can be withdrawn to, but not others'") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto bolt11 = invoice(world, "stuck");
  REQUIRE(withdraw(world, bolt11, "d1").status() == 202);
  world.run_due();
  world.post("/v1/sandbox/reset");
  fund(world, 10'000);
  const auto again = withdraw(world, bolt11, "d1");
  CHECK(again.status() == 202);
  world.run_due();
  CHECK(withdrawal(world, again) == "failed");  // the payee's node belonged to the previous generation
  CHECK(available(world) == 10'000'000);
}

TEST_CASE("a key created after a reset works, is listed and is revoked") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/reset");
  const auto made = world.post("/v1/api_keys", R"({"scopes":["charges:write"]})");
  CHECK(world.get("/v1/api_keys").items("data") == 2);
  world.post("/v1/sandbox/reset");
  CHECK(world.get("/v1/api_keys").items("data") == 2);
  CHECK(world.send("DELETE", "/v1/api_keys/" + made.text("id")).status() == 200);
  world.test_key = made.text("key");
  CHECK(world.get("/v1/api_keys/current").error() == "401 unauthenticated");
}

}  // namespace lntpay::test::sandbox_test
