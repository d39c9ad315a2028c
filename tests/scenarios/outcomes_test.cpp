// Flows of charges end to end inside the engine, with every outcome of every commit and a crash at every effect.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "tests/support/faults_at_every_effect.hpp"

namespace lntpay::test::outcomes_test {
namespace {

Reading make_charge(World& world, std::string body = R"({"amount_sats":21,"description":"one request"})", Headers headers = {}) {
  auto charge = world.post("/v1/charges", std::move(body), std::move(headers));
  REQUIRE_MESSAGE(charge.status() == 201, charge.body());
  return charge;
}

std::string pay(World& world, const Reading& charge, std::string body = {}) {
  return world.post("/v1/sandbox/charges/" + charge.text("id") + "/pay", std::move(body)).text("status");
}

std::string status_of(World& world, const Reading& charge) { return world.get("/v1/charges/" + charge.text("id")).text("status"); }

/// "available 21000 locked 0 | entries 1 | events charge.created charge.paid": the state of the workspace as one line.
std::string books(World& world) {
  const auto balance = world.get("/v1/balance");
  const auto events = world.get(
      "/v1/events?limit=100&types=charge.created,charge.paid,charge.paid_late,charge.underpaid,charge.expired,charge.canceled");
  const auto proof = world.get("/v1/ledger/verify");
  std::string text = "available " + std::to_string(balance.number("available_msat")) + " locked " +
                     std::to_string(balance.number("locked_msat")) + " | entries " + std::to_string(proof.number("entries")) +
                     (proof.body().find(R"("ok":true)") == std::string::npos ? " BROKEN" : "") + " | events";
  for (std::size_t i = 0; i < events.items("data"); ++i) text += " " + events.text("data." + std::to_string(i) + ".type");
  return text;
}

constexpr std::string_view same_key = "8e03978e-40d5-43e8-bc93-6894a57f9324";
Headers with_key() { return {{"idempotency-key", std::string(same_key)}}; }

}  // namespace

TEST_CASE("a paid charge credits the balance with one entry and two events") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world);
  CHECK(charge.text("status") == "pending");
  const auto invoice = bolt11::decode(charge.text("bolt11"));
  REQUIRE(invoice.has_value());
  CHECK(invoice->amount == 21_sat);
  CHECK(std::get<std::string>(invoice->description) == "one request");

  CHECK(pay(world, charge) == "paid");
  CHECK(books(world) == "available 21000 locked 0 | entries 1 | events charge.created charge.paid");
  CHECK(world.get("/v1/ledger").text("data.0.reference") == charge.text("id"));
  CHECK(world.log.empty());
}

TEST_CASE("an endpoint enabled before an event is committed receives it") {
  // Found by the simulator, seed 37: the event's commit had read the endpoint as disabled without checking it.
  int enabled = 0;
  for (int commit = 0; commit < 6; ++commit) {
    CAPTURE(commit);
    World world;
    world.bootstrap();
    const auto endpoint =
        "/v1/webhook_endpoints/" + world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})").text("id");
    world.send("PATCH", endpoint, R"({"status":"disabled"})");
    const auto charge = make_charge(world);
    int left = commit;
    bool in_time = false;
    std::function<void()> before = [&] {
      if (left-- > 0) {
        world.store.before_commit = before;
      } else {
        in_time = world.get("/v1/charges/" + charge.text("id")).text("status") == "pending";
        world.send("PATCH", endpoint, R"({"status":"enabled"})");
        ++enabled;
      }
    };
    world.store.before_commit = before;
    CHECK(world.post("/v1/charges/" + charge.text("id") + "/cancel").text("status") == "canceled");
    world.store.before_commit = nullptr;
    CHECK(world.get(endpoint + "/deliveries").body().contains(R"("event_type":"charge.canceled")") == in_time);
  }
  CHECK(enabled >= 2);
}

TEST_CASE("a later payment is credited on arrival and ends the wait") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world);
  CHECK(pay(world, charge, R"({"delay_ms":5000})") == "pending");
  const auto waiting = world.begin_request("GET", "/v1/charges/" + charge.text("id") + "?wait=25", {},
                                           {{"authorization", "Bearer " + world.test_key}});
  world.pass(seconds(4));
  CHECK(world.is_open(waiting));
  world.pass(seconds(2));
  CHECK_FALSE(world.is_open(waiting));
  CHECK(world.end(waiting).text("status") == "paid");
  CHECK(books(world) == "available 21000 locked 0 | entries 1 | events charge.created charge.paid");
}

TEST_CASE("a wait that times out returns the charge as it is") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world);
  const auto before = world.now;
  const auto waited = world.get("/v1/charges/" + charge.text("id") + "?wait=3");
  CHECK(waited.text("status") == "pending");
  CHECK(world.now == before + seconds(3));
}

TEST_CASE("a wait that the host ends returns the charge as it is") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world);
  const auto before = world.now;
  const auto waiting = world.begin_request("GET", "/v1/charges/" + charge.text("id") + "?wait=25", {},
                                           {{"authorization", "Bearer " + world.test_key}});
  world.end_waits();
  CHECK_FALSE(world.is_open(waiting));
  CHECK(world.end(waiting).text("status") == "pending");
  CHECK(world.now == before);
}

TEST_CASE("the response to HEAD has the body of GET, whose length the host sends") {
  World world;
  world.bootstrap();
  CHECK(world.send("HEAD", "/v1/balance").body() == world.get("/v1/balance").body());
}

TEST_CASE("an overpaid charge credits the amount paid") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world);
  CHECK(pay(world, charge, R"({"amount_msat":40000})") == "paid");
  CHECK(world.get("/v1/charges/" + charge.text("id")).number("settled_msat") == 40'000);
  CHECK(books(world) == "available 40000 locked 0 | entries 1 | events charge.created charge.paid");
}

TEST_CASE("an underpaid charge is credited, listed, announced and logged") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world);
  // The sandbox's payer refuses this, so the payment is written into its rows.
  const auto row = std::ranges::find_if(
      world.store.rows(), [&](const auto& each) { return each.first.ends_with("sandbox/invoice/" + charge.text("payment_hash")); });
  auto invoice = from_row<SandboxInvoice>(row->second.value).value();
  invoice.paid_at = world.now;
  invoice.paid = 20_sat;
  world.store.put(row->first, to_row(invoice));
  world.pass(minutes(11));
  CHECK(books(world) == "available 20000 locked 0 | entries 1 | events charge.created charge.underpaid");
  const auto listed = world.get("/v1/charges?status=underpaid");
  REQUIRE(listed.items("data") == 1);
  CHECK(listed.text("data.0.id") == charge.text("id"));
  CHECK(listed.number("data.0.settled_msat") == 20'000);
  CHECK(world.get("/v1/charges?status=pending").items("data") == 0);
  CHECK(world.post("/v1/charges/" + charge.text("id") + "/cancel").error() == "409 invalid_state");
  REQUIRE(world.log.size() == 1);
  CHECK(world.log.front() == "charge.underpaid: " + charge.text("id") + ", 20000 of 21000 msat");
}

TEST_CASE("an unpaid charge expires and can no longer be paid") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world, R"({"amount_sats":21,"expires_in":60})");
  world.pass(seconds(59));
  CHECK(world.get("/v1/charges/" + charge.text("id")).text("status") == "pending");
  world.pass(seconds(2));
  CHECK(world.get("/v1/charges/" + charge.text("id")).text("status") == "expired");
  CHECK(world.post("/v1/sandbox/charges/" + charge.text("id") + "/pay").error() == "409 invalid_state");
  CHECK(books(world) == "available 0 locked 0 | entries 0 | events charge.created charge.expired");
}

TEST_CASE("a charge is canceled at the node first; canceling is idempotent") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world);
  const auto path = "/v1/charges/" + charge.text("id") + "/cancel";
  CHECK(world.post(path).text("status") == "canceled");
  CHECK(world.post(path).text("status") == "canceled");
  CHECK(world.post("/v1/sandbox/charges/" + charge.text("id") + "/pay").error() == "409 invalid_state");
  CHECK(books(world) == "available 0 locked 0 | entries 0 | events charge.created charge.canceled");
  const auto paid = make_charge(world);
  pay(world, paid);
  CHECK(world.post("/v1/charges/" + paid.text("id") + "/cancel").error() == "409 invalid_state");
}

TEST_CASE("the sandbox expires a charge on request") {
  World world;
  world.bootstrap();
  const auto charge = make_charge(world);
  CHECK(world.post("/v1/sandbox/charges/" + charge.text("id") + "/expire").text("status") == "expired");
  CHECK(world.post("/v1/sandbox/charges/" + charge.text("id") + "/expire").error() == "409 invalid_state");
}

TEST_CASE("a retry with its Idempotency-Key returns the same bytes") {
  World world;
  world.bootstrap();
  const auto first = make_charge(world, R"({"amount_sats":21})", with_key());
  const auto again = make_charge(world, R"({"amount_sats":21})", with_key());
  CHECK(again.body() == first.body());
  CHECK(again.header("idempotent-replayed") == "true");
  CHECK(world.post("/v1/charges", R"({"amount_sats":22})", with_key()).error() == "422 idempotency_key_reused");
  CHECK(world.get("/v1/charges").items("data") == 1);
}

TEST_CASE("whatever the outcome of a commit, a charge is created and credited once") {
  with_every_commit_fault([](World& world, const auto& faulty) {
    faulty([&] { CHECK(pay(world, make_charge(world, R"({"amount_sats":21})", with_key())) == "paid"); });
    world.pass(minutes(3));
    CHECK(books(world) == "available 21000 locked 0 | entries 1 | events charge.created charge.paid");
    CHECK(world.log.empty());
  });
}

TEST_CASE("a crash while a charge is created: the retry leaves one charge") {
  const auto deaths = crashes_at_every_effect([](World& world, const auto& crashing) {
    Reading first;
    crashing([&] { first = world.post("/v1/charges", R"({"amount_sats":21})", with_key()); });
    world.pass(minutes(2));  // the crashed request's lease expires, and the due task completes it
    const auto retried = make_charge(world, R"({"amount_sats":21})", with_key());
    if (first.status() == 201) CHECK(retried.body() == first.body());
    CHECK(world.get("/v1/charges").items("data") == 1);
    CHECK(pay(world, retried) == "paid");
    world.pass(minutes(5));
    CHECK(books(world) == "available 21000 locked 0 | entries 1 | events charge.created charge.paid");
    CHECK(world.store.count("/charge_new/") == 0);
    CHECK(world.log.empty());
  });
  CHECK(deaths > 20);
}

TEST_CASE("a crash while a payment is credited: it is credited once") {
  crashes_at_every_effect([](World& world, const auto& crashing) {
    const auto charge = make_charge(world);
    crashing([&] { pay(world, charge); });
    world.pass(minutes(3));
    if (status_of(world, charge) == "pending") pay(world, charge);
    world.pass(minutes(3));
    CHECK(books(world) == "available 21000 locked 0 | entries 1 | events charge.created charge.paid");
  });
}

TEST_CASE("a crash while a charge is canceled: it ends canceled or payable") {
  crashes_at_every_effect([](World& world, const auto& crashing) {
    const auto charge = make_charge(world);
    crashing([&] { world.post("/v1/charges/" + charge.text("id") + "/cancel"); });
    world.pass(minutes(3));
    const auto status = status_of(world, charge);
    CHECK((status == "canceled" || (status == "pending" && pay(world, charge) == "paid")));
  });
}

TEST_CASE("lists page both ways without gaps or repeats, and filters apply") {
  World world;
  world.bootstrap();
  std::vector<std::string> made;
  for (int i = 0; i < 7; ++i) {
    const auto odd = i % 2 == 1;
    const auto charge = make_charge(world, R"({"amount_sats":1,"external_id":")" + std::string(odd ? "odd" : "even") + R"("})");
    if (odd) pay(world, charge);
    made.push_back(charge.text("id"));
    world.now = world.now + seconds(1);
  }
  for (const bool newest_first : {true, false}) {
    std::vector<std::string> read;
    std::string cursor;
    do {
      const auto page = world.get(std::string("/v1/charges?limit=3&order=") + (newest_first ? "desc" : "asc") +
                                  (cursor.empty() ? "" : "&cursor=" + cursor));
      REQUIRE(page.status() == 200);
      for (std::size_t i = 0; i < page.items("data"); ++i) read.push_back(page.text("data." + std::to_string(i) + ".id"));
      cursor = page.text("next_cursor");
    } while (!cursor.empty());
    if (newest_first) std::ranges::reverse(read);
    CHECK(read == made);
  }
  CHECK(world.get("/v1/charges?status=paid").items("data") == 3);
  CHECK(world.get("/v1/charges?status=pending&external_id=even").items("data") == 4);
  CHECK(world.get("/v1/charges?status=paid&external_id=even").items("data") == 0);
  const auto cursor = world.get("/v1/charges?limit=1").text("next_cursor");
  CHECK(world.get("/v1/charges?status=paid&cursor=" + cursor).error() == "400 invalid_request");
  CHECK(world.get("/v1/ledger?cursor=" + cursor).error() == "400 invalid_request");
}

TEST_CASE("an endpoint gets charge.paid, signed; rejected deliveries are retried") {
  World world;
  world.bootstrap();
  const auto endpoint =
      world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook","event_types":["charge.paid"]})", with_key());
  REQUIRE_MESSAGE(endpoint.status() == 201, endpoint.body());
  CHECK(endpoint.text("secret").starts_with("whsec_"));
  int refused = 0;
  world.receiver = [&refused](const Outgoing&) -> Reply {
    return Answered{{static_cast<std::uint16_t>(++refused < 3 ? 500 : 204), {}, ""}};
  };
  pay(world, make_charge(world));
  world.pass(hours(1));
  REQUIRE(world.sent.size() == 3);
  const auto id = [](const Outgoing& each) { return std::ranges::find(each.headers, "webhook-id", &Header::name)->value; };
  CHECK(id(world.sent[0]) == id(world.sent[2]));
  CHECK(world.sent[0].body == world.sent[2].body);
  const auto deliveries = world.get("/v1/webhook_endpoints/" + endpoint.text("id") + "/deliveries");
  CHECK(deliveries.items("data") == 1);
  CHECK(deliveries.text("data.0.status") == "succeeded");
  CHECK(deliveries.number("data.0.attempts") == 3);
}

TEST_CASE("a retried endpoint creation returns the same secret and endpoint") {
  World world;
  world.bootstrap();
  const auto first = world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})", with_key());
  const auto again = world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})", with_key());
  CHECK(first.status() == 201);
  CHECK(again.body() == first.body());
  CHECK(world.get("/v1/webhook_endpoints").items("data") == 1);
  // It is stored sealed.
  for (const auto& [key, entry] : world.store.rows()) CHECK(entry.value.find(first.text("secret")) == std::string::npos);
}

}  // namespace lntpay::test::outcomes_test
