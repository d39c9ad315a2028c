// A withdrawal that an operator resolved as failed and that the node paid later.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "core/withdrawal/withdrawal.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::late_payment_test {
namespace {

void set_faults(World& world, const std::string& names) { world.post("/v1/sandbox/faults", R"({"faults":[)" + names + "]}"); }

Reading withdraw(World& world, const std::string& behavior, const std::string& key) {
  const auto invoice = world.post("/v1/sandbox/invoices", R"({"amount_sats":6000,"behavior":")" + behavior + "\"}");
  return world.post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + R"(","max_fee_sats":60})",
                    {{"idempotency-key", key}});
}

/// Sent, forgotten by the node, and resolved as failed once the invoice has expired; the node remembers it afterwards.
Reading give_up(World& world) {
  auto made = withdraw(world, "stuck", "d1");
  world.run_due();
  set_faults(world, R"("payments_forgotten")");
  world.pass(hours(2));
  const auto resolved = world.administer("/withdrawals/" + made.text("id") + "/resolve",
                                         R"({"outcome":"failed","evidence":"the node has no such payment"})");
  REQUIRE_MESSAGE(resolved.text("status") == "failed", resolved.body());
  set_faults(world, "");
  return made;
}

/// Another withdrawal has the invoice's hash, and was sent or never was.
void hand_over(World& world, const Reading& given_up, bool sent) {
  const auto id = given_up.text("id");
  const auto other = id.substr(0, 5) + std::string(26, 'Z');
  for (const auto& [key, entry] : std::map(world.store.rows())) {
    if (key.ends_with("/guard")) {
      auto guard = entry.value;
      world.store.put(key, guard.replace(guard.find(id), id.size(), other));
    } else if (key.ends_with("/wd/" + id)) {
      auto row = from_row<Withdrawal>(entry.value).value();
      row.id = *WithdrawalId::parse(other);
      row.polled_until.reset();
      if (!sent) row.dispatched_at.reset();
      world.store.put(key.substr(0, key.rfind('/') + 1) + other, to_row(row));
    }
  }
}

std::ptrdiff_t alarms(const World& world) {
  return std::ranges::count_if(world.log, [](const auto& line) { return line.starts_with("withdrawal.paid_late"); });
}

bool books_hold(World& world) { return world.get("/v1/ledger/verify").body().contains(R"("ok":true)"); }

}  // namespace

TEST_CASE("an abandoned withdrawal is tracked for a month; a payment is suspense") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":10000})");
  const auto made = give_up(world);
  CHECK(world.get("/v1/balance").number("available_msat") == 10'000'000);
  CHECK(alarms(world) == 0);
  world.pass(days(3));
  const auto entry = world.get("/v1/ledger?limit=1");
  CHECK(entry.text("data.0.type") == "adjustment");
  CHECK(entry.body().contains(R"("suspense_change_msat":-6007000)"));
  CHECK(entry.text("data.0.reference") == made.text("id"));
  CHECK(alarms(world) == 1);
  const auto seen = world.get("/v1/withdrawals/" + made.text("id"));
  CHECK(seen.text("status") == "failed");
  CHECK(seen.text("reason") == "resolved as failed by the operator, then paid by the node; the amount is in suspense");
  CHECK(world.get("/v1/balance").number("available_msat") == 10'000'000);
  CHECK(books_hold(world));
  CHECK(world.store.count("/due/withdrawal/") == 0);
}

TEST_CASE("a failing store does not end the tracking") {
  // Found by the simulator, seed 126: the due row was removed, and a late payment was never recorded.
  for (std::size_t commit = 1; commit <= 8; ++commit) {
    CAPTURE(commit);
    World world;
    world.bootstrap();
    world.post("/v1/sandbox/fund", R"({"amount_sats":10000})");
    const auto made = give_up(world);
    world.store.fault_at(commit, CommitFault::failed);
    world.pass(days(3));
    CHECK(world.get("/v1/ledger?type=adjustment").text("data.0.reference") == made.text("id"));
    CHECK(books_hold(world));
  }
}

TEST_CASE("tracking ends after 30 days, whether the node answers or not") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":10000})");
  give_up(world);
  set_faults(world, R"("payments_forgotten")");
  world.pass(days(15));
  set_faults(world, R"("node_down")");
  world.pass(days(14));
  CHECK(world.store.count("/due/withdrawal/") == 1);
  world.pass(days(2));
  CHECK(world.store.count("/due/withdrawal/") == 0);
  CHECK(alarms(world) == 0);
}

TEST_CASE("a payment that the workspace cannot cover is logged repeatedly") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":7000})");
  give_up(world);
  withdraw(world, "succeed", "d2");
  world.pass(days(2));
  CHECK(alarms(world) > 1);
  CHECK(world.get("/v1/ledger?limit=1").text("data.0.type") == "withdrawal.settle");
  CHECK(books_hold(world));
  const auto reported = alarms(world);
  world.post("/v1/sandbox/fund", R"({"amount_sats":6000})");
  world.pass(hours(2));
  CHECK(world.get("/v1/ledger?limit=1").text("data.0.type") == "adjustment");
  CHECK(alarms(world) <= reported + 2);
  CHECK(books_hold(world));
}

TEST_CASE("negative suspense blocks withdrawals, not settlements") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":10000})");
  give_up(world);
  world.pass(days(3));
  REQUIRE(world.get("/v1/balance").body().contains(R"("suspense_msat":-6007000)"));
  const auto refused = withdraw(world, "succeed", "d2");
  CHECK(refused.status() == 422);
  CHECK(refused.text("error.code") == "insufficient_funds");
  CHECK(refused.number("error.details.available_msat") == 3'993'000);
  const auto invoice = world.post("/v1/sandbox/invoices", R"({"amount_sats":3900})");
  const auto body = R"({"bolt11":")" + invoice.text("bolt11") + R"(","max_fee_sats":60})";
  CHECK(world.post("/v1/withdrawals/quote", body).body().contains(R"("sufficient":true)"));
  const auto made = world.post("/v1/withdrawals", body, {{"idempotency-key", "d3"}});
  CHECK(made.status() == 202);
  world.pass(hours(1));
  CHECK(world.get("/v1/withdrawals/" + made.text("id")).text("status") == "succeeded");
  CHECK(books_hold(world));
}

TEST_CASE("a late payment waits for money that another withdrawal has locked") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":7000})");
  give_up(world);
  const auto under_way = withdraw(world, "slow", "d2");
  REQUIRE(under_way.status() == 202);
  world.pass(days(2));
  CHECK(world.get("/v1/withdrawals/" + under_way.text("id")).text("status") == "succeeded");
  CHECK(alarms(world) >= 1);
  CHECK(world.get("/v1/ledger?type=adjustment&limit=1").text("data.0.id").empty());
  CHECK(books_hold(world));
}

TEST_CASE("an unsent withdrawal of the same invoice does not hide a late payment") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":20000})");
  hand_over(world, give_up(world), false);
  world.pass(days(3));
  CHECK(alarms(world) == 1);
  CHECK(books_hold(world));
}

TEST_CASE("once another withdrawal was sent, the payment belongs to that one") {
  World world;
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":20000})");
  hand_over(world, give_up(world), true);
  world.pass(days(3));
  CHECK(alarms(world) == 0);
  CHECK(world.store.count("/due/withdrawal/") == 0);
}

}  // namespace lntpay::test::late_payment_test
