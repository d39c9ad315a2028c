// A withdrawal that needs review: who ends the review, on which evidence, and what the node reports meanwhile.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/world.hpp"

namespace lntpay::test::withdrawal_review_test {
namespace {

/// A withdrawal that was sent, and whose payment the node then forgot.
struct ReviewWorld : World {
  std::string workspace, id;

  ReviewWorld() {
    bootstrap();
    workspace = get("/v1/workspace").text("id");
    post("/v1/sandbox/fund", R"({"amount_sats":10000})");
    const auto invoice = post("/v1/sandbox/invoices", R"({"amount_sats":6000,"behavior":"stuck"})");
    const auto made =
        post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + R"(","max_fee_sats":60})", {{"idempotency-key", "r1"}});
    id = made.text("id");
    run_due();
    faults(R"("payments_forgotten")");
    pass(minutes(10));
    REQUIRE(status() == "needs_review");
  }

  void faults(const std::string& names) { post("/v1/sandbox/faults", R"({"faults":[)" + names + "]}"); }
  std::string status() { return get("/v1/withdrawals/" + id).text("status"); }
  Reading resolve(const std::string& body) { return administer("/withdrawals/" + id + "/resolve", body); }
  std::ptrdiff_t alarms(std::string_view name) const {
    return std::ranges::count_if(log, [&](const auto& line) { return line.starts_with(name); });
  }
  std::size_t notes() { return get("/v1/audit?action=withdrawal.").items("data"); }
  std::size_t events(const std::string& type) { return get("/v1/events?types=" + type).items("data"); }
};

constexpr const char* failed = R"({"outcome":"failed","evidence":"the node has no such payment"})";
constexpr const char* succeeded = R"({"outcome":"succeeded","evidence":"the node's list of payments"})";

}  // namespace

TEST_CASE("a review raises one alarm and one more withdrawal.unknown event") {
  ReviewWorld world;
  CHECK(world.alarms("withdrawal.needs_review") == 1);
  CHECK(world.events("withdrawal.unknown") == 2);
  world.pass(days(2));
  CHECK(world.alarms("withdrawal.needs_review") == 1);
  CHECK(world.events("withdrawal.unknown") == 2);
}

TEST_CASE("only an operator ends a review") {
  ReviewWorld world;
  world.faults("");
  world.pass(days(3));
  CHECK(world.status() == "needs_review");
  CHECK(world.post("/v1/withdrawals/" + world.id + "/reconcile").text("status") == "needs_review");
  CHECK(world.post("/v1/withdrawals/" + world.id + "/cancel").error() == "409 invalid_state");
  CHECK(world.get("/v1/balance").number("locked_msat") == 6'060'000);
  CHECK(world.notes() == 0);
}

TEST_CASE("a payment found during a review is kept; then only success is accepted") {
  ReviewWorld world;
  world.faults("");
  world.pass(days(3));
  CHECK(world.alarms("withdrawal.paid_in_review") == 1);
  CHECK(world.status() == "needs_review");
  // It is kept, even if the node forgets it again.
  world.faults(R"("payments_forgotten")");
  const auto refused = world.resolve(failed);
  CHECK(refused.error() == "409 invalid_state");
  CHECK(refused.text("error.message").contains("Resolve the withdrawal as succeeded"));
  const auto resolved = world.resolve(succeeded);
  REQUIRE_MESSAGE(resolved.text("status") == "succeeded", resolved.body());
  CHECK(resolved.number("fee_msat") == 7'000);
  CHECK(world.get("/v1/balance").number("available_msat") == 10'000'000 - 6'007'000);
  CHECK(world.get("/v1/balance").number("locked_msat") == 0);
  CHECK(world.notes() == 1);
  CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
  // A repetition returns the same and writes nothing.
  CHECK(world.resolve(succeeded).body() == resolved.body());
  CHECK(world.notes() == 1);
  CHECK(world.resolve(failed).error() == "409 invalid_state");
}

TEST_CASE("an operator's fee above the limit puts the excess in suspense") {
  ReviewWorld world;
  world.faults("");
  world.pass(days(3));
  const auto resolved = world.resolve(R"({"outcome":"succeeded","evidence":"the node's log","fee_msat":61000})");
  REQUIRE_MESSAGE(resolved.text("status") == "succeeded", resolved.body());
  const auto balance = world.get("/v1/balance");
  CHECK(balance.number("available_msat") == 10'000'000 - 6'060'000);
  CHECK(balance.body().contains(R"("suspense_msat":-1000)"));
  CHECK(world.alarms("withdrawal.fee_above_limit") == 1);
}

TEST_CASE("success needs a preimage that hashes to the payment hash") {
  ReviewWorld world;
  CHECK(world.resolve(succeeded).text("error.param") == "preimage");
  const auto wrong = world.resolve(R"({"outcome":"succeeded","evidence":"x","preimage":")" + std::string(64, '0') + "\"}");
  CHECK(wrong.error() == "400 invalid_request");
  CHECK(world.resolve(R"({"outcome":"succeeded"})").text("error.param") == "evidence");
  CHECK(world.status() == "needs_review");
  CHECK(world.notes() == 0);
}

TEST_CASE("failure is refused while the node could still pay") {
  ReviewWorld world;
  const auto early = world.resolve(failed);
  CHECK(early.error() == "409 invalid_state");
  CHECK(early.text("error.message").contains("expired more than five minutes ago"));
  CHECK(early.text("error.details.possible_after") == "2027-01-15T09:05:00.000Z");
  world.pass(minutes(54));  // the invoice expires after an hour, and the margin is five minutes
  CHECK(world.resolve(failed).error() == "409 invalid_state");
  world.faults("");
  const auto open = world.resolve(failed);
  CHECK(open.text("error.details.node_says") == "in_flight");
  world.faults(R"("node_down")");
  CHECK(world.resolve(failed).error() == "503 node_unavailable");
  CHECK(world.status() == "needs_review");
  world.faults(R"("payments_forgotten")");
  world.pass(minutes(10));
  CHECK(world.resolve(failed).text("status") == "failed");
  CHECK(world.get("/v1/balance").number("available_msat") == 10'000'000);
  CHECK(world.notes() == 1);
}

}  // namespace lntpay::test::withdrawal_review_test
