// Withdrawals, end to end inside the engine, against the sandbox's node.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "tests/support/withdrawing.hpp"

namespace lntpay::test::withdrawals_test {
using namespace withdrawing;

TEST_CASE("a withdrawal locks amount and fee limit, and refunds the unused fee") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto made = withdraw(world, invoice(world, "succeed"), R"("max_fee_sats":60)");
  REQUIRE_MESSAGE(made.status() == 202, made.body());
  CHECK(made.text("status") == "pending");
  CHECK(books(world) == "available 3940000 locked 6060000 | wd pending");
  world.run_due();
  // The routing fee was 1.001 sat.
  CHECK(books(world) == "available 3993000 locked 0 | wd succeeded");
  CHECK(look_up(world, made).number("fee_msat") == 7'000);
  CHECK(events(world) == "created dispatched succeeded");
  CHECK_MESSAGE(world.log.empty(), world.log.front());
}

TEST_CASE("satoshis of a balance that is not whole are rounded down, and never null") {
  World world;
  world.bootstrap();
  fund(world, 1'000);
  // A route of 100 sats costs 1,100 msat.
  REQUIRE(withdraw(world, invoice(world, "succeed", R"("amount_sats":100)")).status() == 202);
  world.run_due();
  const auto balance = world.get("/v1/balance");
  CHECK(balance.number("available_msat") == 898'900);
  CHECK(balance.body().contains(R"("available_sats":898,)"));
}

TEST_CASE("only a GET with the preimage scope returns the preimage") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto made = withdraw(world, invoice(world, "succeed"));
  world.run_due();
  const auto proof = look_up(world, made).text("preimage");
  REQUIRE(proof.size() == 64);
  CHECK(hex(sha256(*hex_decode32(proof))) == made.text("payment_hash"));
  for (const auto& reading : {world.get("/v1/withdrawals"), world.get("/v1/events?limit=100")}) {
    CHECK(reading.body().find(proof) == std::string::npos);
  }
  for (const auto& [key, entry] : world.store.rows()) {
    if (key.find("/sandbox/") == std::string::npos) CHECK(entry.value.find(proof) == std::string::npos);
  }
  const auto reader = world.post("/v1/api_keys", R"({"scopes":["withdrawals:read"]})");
  world.test_key = reader.text("key");
  CHECK(look_up(world, made).text("preimage").empty());
}

TEST_CASE("a failed payment releases the money, and the invoice can be retried") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto bolt11 = invoice(world, "fail");
  const auto made = withdraw(world, bolt11);
  world.run_due();
  CHECK(books(world) == "available 10000000 locked 0 | wd failed");
  CHECK(look_up(world, made).text("reason") == "FAILURE_REASON_NO_ROUTE");
  CHECK(events(world) == "created dispatched failed");
  const auto again = withdraw(world, bolt11, {}, with_key("d2"));
  CHECK(again.status() == 202);
  CHECK(again.text("id") != made.text("id"));
  world.run_due();
  CHECK(books(world) == "available 10000000 locked 0 | wd failed wd failed");
}

TEST_CASE("a slow payment is tracked to its end, and ends the wait") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto made = withdraw(world, invoice(world, "slow"));
  const auto waiting = world.begin_request("GET", "/v1/withdrawals/" + made.text("id") + "?wait=25", {},
                                           {{"authorization", "Bearer " + world.test_key}});
  world.pass(seconds(5));
  CHECK(look_up(world, made).text("status") == "dispatched");
  CHECK(world.is_open(waiting));
  world.pass(seconds(10));
  CHECK(look_up(world, made).text("status") == "succeeded");
  CHECK_FALSE(world.is_open(waiting));
}

TEST_CASE("an unknown outcome keeps the lock until the node reports a final one") {
  for (const auto* const behavior : {"unknown_then_succeed", "unknown_then_fail"}) {
    CAPTURE(behavior);
    World world;
    world.bootstrap();
    fund(world, 10'000);
    const auto made = withdraw(world, invoice(world, behavior), R"("max_fee_sats":60)");
    world.run_due();
    CHECK(books(world) == "available 3940000 locked 6060000 | wd unknown");
    CHECK_FALSE(look_up(world, made).text("stuck_since").empty());
    world.pass(seconds(30));
    const bool paid = std::string_view(behavior) == "unknown_then_succeed";
    CHECK(books(world) == (paid ? "available 3993000 locked 0 | wd succeeded" : "available 10000000 locked 0 | wd failed"));
    CHECK(events(world) == (paid ? "created dispatched unknown succeeded" : "created dispatched unknown failed"));
  }
}

TEST_CASE("a payment in flight past the expiry keeps its lock until it is paid") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto made = withdraw(world, invoice(world, "stuck"), R"("max_fee_sats":60)");
  world.pass(hours(24));
  CHECK(books(world) == "available 3940000 locked 6060000 | wd unknown");
  const auto stuck = look_up(world, made);
  CHECK(stuck.text("stuck_since") < stuck.text("last_checked_at"));
  world.pass(hours(2));
  CHECK(books(world) == "available 3993000 locked 0 | wd succeeded");
}

TEST_CASE("a withdrawal can be canceled until it is sent") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto made = withdraw(world, invoice(world, "succeed"));
  const auto path = "/v1/withdrawals/" + made.text("id") + "/cancel";
  const auto canceled = world.post(path, {}, with_key("c1"));
  CHECK(canceled.text("status") == "failed");
  CHECK(canceled.text("reason") == "canceled");
  CHECK(world.post(path, {}, with_key("c1")).body() == canceled.body());
  CHECK(world.post(path).text("status") == "failed");
  CHECK(books(world) == "available 10000000 locked 0 | wd failed");
  world.pass(minutes(10));
  CHECK(books(world) == "available 10000000 locked 0 | wd failed");
  const auto sent = withdraw(world, invoice(world, "succeed"), {}, with_key("d2"));
  world.run_due();
  CHECK(world.post("/v1/withdrawals/" + sent.text("id") + "/cancel").error() == "409 invalid_state");
}

TEST_CASE("a quote returns what would be locked and writes nothing") {
  World world;
  world.bootstrap();
  fund(world, 1'000);
  const auto bolt11 = invoice(world, "succeed");
  const auto before = world.store.durable();
  const auto quote = world.post("/v1/withdrawals/quote", R"({"bolt11":"lightning:)" + bolt11 + "\"}");
  REQUIRE_MESSAGE(quote.status() == 200, quote.body());
  CHECK(quote.number("max_fee_msat") == 60'000);
  CHECK(quote.number("required_msat") == 6'060'000);
  CHECK(quote.number("route_fee_msat") == 7'000);
  CHECK(quote.text("sufficient") == "");
  CHECK(quote.body().find(R"("sufficient":false)") != std::string::npos);
  CHECK(world.store.durable() == before);
}

TEST_CASE("a refused withdrawal names what to do next and locks nothing") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto charge = world.post("/v1/charges", R"({"amount_sats":5})");
  const auto good = invoice(world, "succeed");
  const auto open = invoice(world, "succeed", R"("expires_in":3600)");
  const auto far = invoice(world, "succeed", R"("amount_sats":1,"expires_in":604900)");
  const auto big = invoice(world, "succeed", R"("amount_sats":9999)");
  const auto live = *bolt11::encode({.network = bolt11::Network::bitcoin, .amount = 1_sat, .timestamp_s = world.now.value / 1'000},
                                    *SecretKey::from(Bytes32{1}));
  int requests = 0;
  const auto refusal = [&](const std::string& bolt11, std::string more = {}) {
    return withdraw(world, bolt11, std::move(more), with_key("r" + std::to_string(++requests))).error();
  };
  CHECK(refusal("lnbcrt1nonsense") == "400 bolt11_invalid");
  CHECK(refusal(good, R"("amount_sats":5999)") == "422 bolt11_amount_mismatch");
  CHECK(refusal(open) == "400 invalid_request");
  CHECK(refusal(live) == "422 bolt11_network_mismatch");
  CHECK(refusal(charge.text("bolt11")) == "422 self_payment");
  CHECK(refusal(far) == "422 bolt11_expiry_too_far");
  CHECK(refusal(big) == "422 insufficient_funds");
  for (const auto* const amount :
       {"0", "-1", "1.5", "1e3", "\"5\"", "9007199254740993000", "9223372036854775808", "18446744073709551616"}) {
    CAPTURE(amount);
    CHECK(refusal(open, R"("amount_msat":)" + std::string(amount)) == "400 invalid_request");
  }
  for (const auto amount : {9'007'199'254'740'991, 9'007'199'254'740'993}) {
    CHECK(refusal(open, R"("amount_msat":)" + std::to_string(amount)) == "422 insufficient_funds");
  }
  world.pass(hours(2));
  CHECK(refusal(good) == "422 bolt11_expired");
  CHECK(books(world) == "available 10000000 locked 0 |");
  CHECK(world.post("/v1/withdrawals", R"({"bolt11":"x"})").error() == "400 idempotency_key_required");
}

TEST_CASE("a refusal for money is stored: its retry never pays, though there is money by then") {
  World world;
  world.bootstrap();
  const auto bolt11 = invoice(world, "succeed");
  const auto refused = withdraw(world, bolt11);
  CHECK(refused.error() == "422 insufficient_funds");
  CHECK(withdraw(world, bolt11).body() == refused.body());
  fund(world, 10'000);
  const auto again = withdraw(world, bolt11);
  CHECK(again.body() == refused.body());
  CHECK(again.header("idempotent-replayed") == "true");
  CHECK(books(world) == "available 10000000 locked 0 |");
  CHECK(withdraw(world, bolt11, {}, with_key("d2")).status() == 202);

  const auto low = withdraw(world, invoice(world, "succeed", R"("amount_sats":1000)"), R"("max_fee_sats":0)", with_key("d3"));
  CHECK(low.error() == "422 fee_limit_too_low");
  // Other refusals are not: the request can be corrected and retried with its key.
  CHECK(withdraw(world, "lnbcrt1nonsense", {}, with_key("d4")).error() == "400 bolt11_invalid");
  CHECK(withdraw(world, "lnbcrt1nonsense", {}, with_key("d4")).header("idempotent-replayed").empty());
}

TEST_CASE("a fee limit below the route's fee is refused, one that equals it pays") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto bolt11 = invoice(world, "succeed");
  const auto refused = withdraw(world, bolt11, R"("max_fee_msat":6999)");
  CHECK(refused.error() == "422 fee_limit_too_low");
  CHECK(refused.number("error.details.route_fee_msat") == 7'000);
  // Decided after the claim: the stored response is returned, byte for byte.
  CHECK(withdraw(world, bolt11, R"("max_fee_msat":6999)").body() == refused.body());
  CHECK(books(world) == "available 10000000 locked 0 |");
  CHECK(withdraw(world, bolt11, R"("max_fee_msat":7000)", with_key("d2")).status() == 202);
  world.run_due();
  CHECK(books(world) == "available 3993000 locked 0 | wd succeeded");
}

TEST_CASE("a second request for one invoice returns the first withdrawal") {
  World world;
  world.bootstrap();
  fund(world, 20'000);
  const auto bolt11 = invoice(world, "succeed");
  const auto first = withdraw(world, bolt11);
  const auto second = withdraw(world, bolt11, {}, with_key("d2"));
  CHECK(second.status() == 200);
  CHECK(second.text("duplicate_of") == first.text("id"));
  CHECK(withdraw(world, bolt11, {}, with_key("d2")).body() == second.body());
  CHECK(withdraw(world, bolt11).body() == first.body());
  world.run_due();
  CHECK(withdraw(world, bolt11, {}, with_key("d3")).text("duplicate_of") == first.text("id"));
  CHECK(books(world) == "available 13993000 locked 0 | wd succeeded");
}

TEST_CASE("the duplicate is returned whatever the balance and the expiry") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto bolt11 = invoice(world, "succeed");
  const auto first = withdraw(world, bolt11);
  CHECK(withdraw(world, bolt11, {}, with_key("d2")).text("duplicate_of") == first.text("id"));
  world.run_due();
  world.pass(days(1));
  const auto late = withdraw(world, bolt11, {}, with_key("d3"));
  CHECK(late.status() == 200);
  CHECK(late.text("duplicate_of") == first.text("id"));
  CHECK(late.text("status") == "succeeded");
  CHECK(withdraw(world, bolt11, {}, with_key("d3")).body() == late.body());
}

TEST_CASE("a withdrawal canceled before it is sent is never sent") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  world.post("/v1/sandbox/faults", R"({"faults":["lookups_down"]})");
  const auto made = withdraw(world, invoice(world, "succeed"));
  world.run_due();
  CHECK(look_up(world, made).text("status") == "pending");
  const auto canceled = world.post("/v1/withdrawals/" + made.text("id") + "/cancel");
  CHECK(canceled.text("status") == "failed");
  world.post("/v1/sandbox/faults", R"({"faults":[]})");
  world.pass(days(1));
  CHECK(books(world) == "available 10000000 locked 0 | wd failed");
}

TEST_CASE("one invoice has one workspace; the other learns nothing of it") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const auto bolt11 = invoice(world, "stuck");
  withdraw(world, bolt11);
  const auto first_key = world.test_key;
  world.bootstrap();
  fund(world, 10'000);
  const auto other = withdraw(world, bolt11);
  CHECK(other.error() == "409 invalid_state");
  CHECK(books(world) == "available 10000000 locked 0 |");
  // The refusal is not stored: when the invoice is free again, the same request runs.
  CHECK(withdraw(world, bolt11).error() == "409 invalid_state");
}

TEST_CASE("a request for a withdrawal can wait for its end, and its retry gets what was stored") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const std::string body = R"({"bolt11":")" + invoice(world, "succeed") + R"(","max_fee_sats":60})";
  const Headers headers = {
      {"idempotency-key", "waits"}, {"content-type", "application/json"}, {"authorization", "Bearer " + world.test_key}};
  const auto waiting = [&](const std::string& prefer) {
    auto all = headers;
    all.push_back({"prefer", prefer});
    return world.begin_request("POST", "/v1/withdrawals", body, all);
  };
  const auto first = waiting("respond-async, wait=20; foo");
  CHECK(world.is_open(first));
  world.run_due();
  const auto answer = world.end(first);
  CHECK(answer.status() == 202);
  CHECK(answer.text("status") == "succeeded");
  CHECK(answer.header("preference-applied") == "wait=20");
  const auto retry = world.end(waiting("wait=20"));
  CHECK(retry.status() == 202);
  CHECK(retry.text("status") == "pending");
  CHECK(retry.header("idempotent-replayed") == "true");
  CHECK(retry.header("preference-applied").empty());
}

TEST_CASE("a wait for a withdrawal ends after 25 seconds with the state of then") {
  World world;
  world.bootstrap();
  fund(world, 10'000);
  const std::string body = R"({"bolt11":")" + invoice(world, "stuck") + R"(","max_fee_sats":60})";
  const auto began = world.begin_request("POST", "/v1/withdrawals", body,
                                         {{"idempotency-key", "long"},
                                          {"content-type", "application/json"},
                                          {"authorization", "Bearer " + world.test_key},
                                          {"prefer", "wait=600"}});
  world.pass(seconds(24));
  CHECK(world.is_open(began));
  world.pass(seconds(2));
  const auto answer = world.end(began);
  CHECK(answer.status() == 202);
  CHECK(answer.text("status") == "unknown");
  CHECK(answer.header("preference-applied") == "wait=25");
}

}  // namespace lntpay::test::withdrawals_test
