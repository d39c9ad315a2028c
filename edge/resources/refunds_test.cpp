// Refunds of charges: withdrawals that together pay back at most what was paid.
#include <doctest/doctest.h>

#include <functional>

#include "tests/support/withdrawing.hpp"

namespace lntpay::test::refunds_test {
using namespace withdrawing;
namespace {

/// A paid charge of 10,000 sats.
std::string paid_charge(World& world) {
  const auto made = world.post("/v1/sandbox/fund", R"({"amount_sats":10000})");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  return made.text("id");
}

Reading refund(World& world, const std::string& charge, std::string_view behavior, std::uint64_t sats) {
  static int number = 0;
  const auto bolt11 = invoice(world, behavior, R"("amount_sats":)" + std::to_string(sats));
  return world.post("/v1/charges/" + charge + "/refund", R"({"bolt11":")" + bolt11 + R"(","max_fee_sats":100})",
                    with_key("r" + std::to_string(++number)));
}

std::uint64_t refunded(World& world, const std::string& charge) {
  return world.get("/v1/charges/" + charge).number("refunded_msat");
}

}  // namespace

TEST_CASE("refunds are withdrawals of the charge, which shows their total") {
  World world;
  world.bootstrap();
  fund(world, 5'000);  // for the fees
  const auto charge = paid_charge(world);
  const auto first = refund(world, charge, "succeed", 4'000);
  REQUIRE_MESSAGE(first.status() == 202, first.body());
  CHECK(first.text("refunds") == charge);
  CHECK(refunded(world, charge) == 4'000'000);
  world.pass(Millis{1});
  const auto second = refund(world, charge, "succeed", 6'000);
  REQUIRE_MESSAGE(second.status() == 202, second.body());
  world.run_due();
  CHECK(look_up(world, second).text("status") == "succeeded");
  CHECK(refunded(world, charge) == 10'000'000);
  const auto list = world.get("/v1/charges/" + charge + "/refunds?order=asc");
  CHECK(list.text("data.0.id") == first.text("id"));
  CHECK(list.text("data.1.id") == second.text("id"));
  CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
}

TEST_CASE("refunds never exceed what was paid, and a failed one can be made again") {
  World world;
  world.bootstrap();
  fund(world, 5'000);
  const auto charge = paid_charge(world);
  const auto fails = refund(world, charge, "fail", 9'000);
  REQUIRE_MESSAGE(fails.status() == 202, fails.body());
  const auto more = refund(world, charge, "succeed", 1'001);
  CHECK(more.error() == "409 invalid_state");
  CHECK(more.number("error.details.refundable_msat") == 1'000'000);
  world.run_due();
  CHECK(look_up(world, fails).text("status") == "failed");
  CHECK(refunded(world, charge) == 0);
  CHECK(refund(world, charge, "succeed", 10'001).error() == "409 invalid_state");
  CHECK(refund(world, charge, "succeed", 10'000).status() == 202);
  CHECK(refund(world, charge, "succeed", 1).error() == "409 invalid_state");
}

TEST_CASE("of two refunds at once that together exceed the payment, one is locked") {
  World world;
  world.bootstrap();
  fund(world, 20'000);
  const auto charge = paid_charge(world);
  // The other one locks between this one's check and its lock: before the third of its commits.
  int commits = 0;
  std::function<void()> hook = [&] {
    if (++commits < 3) {
      world.store.before_commit = hook;
      return;
    }
    CHECK(refund(world, charge, "succeed", 6'000).status() == 202);
  };
  const auto late = invoice(world, "succeed", R"("amount_sats":6000)");
  world.store.before_commit = hook;
  const auto refused =
      world.post("/v1/charges/" + charge + "/refund", R"({"bolt11":")" + late + R"(","max_fee_sats":100})", with_key("late"));
  CHECK(refused.error() == "409 invalid_state");
  CHECK(refunded(world, charge) == 6'000'000);
  world.run_due();
  CHECK(books(world).contains("locked 0"));
}

TEST_CASE("only a paid charge of the workspace can be refunded") {
  World world;
  world.bootstrap();
  fund(world, 5'000);
  const auto unpaid = world.post("/v1/charges", R"({"amount_sats":21})").text("id");
  CHECK(refund(world, unpaid, "succeed", 10).error() == "409 invalid_state");
  CHECK(refund(world, "ch_Ab0123456789ABCDEFGHJKMNPQRS", "succeed", 10).error() == "404 not_found");
  const auto without_key = world.post("/v1/charges/" + unpaid + "/refund", R"({"bolt11":")" + invoice(world, "succeed") + "\"}");
  CHECK(without_key.error() == "400 idempotency_key_required");
  const auto charge = paid_charge(world);
  world.bootstrap();
  fund(world, 5'000);
  CHECK(refund(world, charge, "succeed", 10).error() == "404 not_found");
}

TEST_CASE("an invoice of another withdrawal refunds nothing, and a repeated refund is the first") {
  World world;
  world.bootstrap();
  fund(world, 20'000);
  const auto charge = paid_charge(world);
  const auto bolt11 = invoice(world, "succeed");
  REQUIRE(withdraw(world, bolt11).status() == 202);
  const auto body = R"({"bolt11":")" + bolt11 + "\"}";
  CHECK(world.post("/v1/charges/" + charge + "/refund", body, with_key("other")).error() == "409 invalid_state");
  CHECK(refunded(world, charge) == 0);
  const auto own = R"({"bolt11":")" + invoice(world, "succeed") + "\"}";
  const auto first = world.post("/v1/charges/" + charge + "/refund", own, with_key("a"));
  const auto again = world.post("/v1/charges/" + charge + "/refund", own, with_key("b"));
  CHECK(again.status() == 200);
  CHECK(again.text("duplicate_of") == first.text("id"));
  const auto retried = world.post("/v1/charges/" + charge + "/refund", own, with_key("a"));
  CHECK(retried.header("idempotent-replayed") == "true");
  CHECK(retried.body() == first.body());
  CHECK(refunded(world, charge) == 6'000'000);
}

}  // namespace lntpay::test::refunds_test
