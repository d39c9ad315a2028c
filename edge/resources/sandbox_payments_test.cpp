// The sandbox's payer: what a workspace has room for, and the notes of what was paid.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/world.hpp"

namespace lntpay::test::sandbox_payments_test {
namespace {

std::string new_charge(World& world) { return world.post("/v1/charges", R"({"amount_sats":21})").text("id"); }
std::string status(World& world, const std::string& id) { return world.get("/v1/charges/" + id).text("status"); }
Reading pay(World& world, const std::string& id, std::string body = {}) {
  return world.post("/v1/sandbox/charges/" + id + "/pay", std::move(body));
}
std::uint64_t available(World& world) {
  CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
  return world.get("/v1/balance").number("available_msat");
}

}  // namespace

TEST_CASE("a sandbox holds at most 21 million bitcoin; what would exceed it writes nothing") {
  constexpr std::string_view all_bitcoin = R"({"amount_msat":2100000000000000000})";
  World world;
  world.bootstrap();
  REQUIRE(world.post("/v1/sandbox/fund", std::string(all_bitcoin)).status() == 201);
  const auto id = new_charge(world);
  const auto before = world.store.durable();
  for (int i = 0; i < 8; ++i)
    CHECK(world.post("/v1/sandbox/fund", std::string(all_bitcoin)).error() == "422 balance_limit_exceeded");
  CHECK(pay(world, id).error() == "422 balance_limit_exceeded");
  CHECK(world.store.durable() == before);
  CHECK(available(world) == msat_max.value);
}

TEST_CASE("a delayed payment for which there is no room fails, and its charge ends like an unpaid one") {
  World world;
  world.bootstrap();
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const auto made = world.post("/v1/charges", R"({"amount_msat":2100000000000000000,"expires_in":600})");
    ids.push_back(made.text("id"));
    CHECK(pay(world, ids.back(), R"({"delay_ms":1000})").status() == 200);
  }
  world.pass(seconds(5));
  const auto count = [&](std::string_view wanted) {
    return std::ranges::count_if(ids, [&](const auto& id) { return status(world, id) == wanted; });
  };
  CHECK(count("paid") == 1);
  CHECK(count("pending") == 2);
  CHECK(available(world) == msat_max.value);
  CHECK(world.get("/v1/reconciliation").body().contains(R"("ok":true)"));
  world.pass(minutes(10));
  CHECK(count("expired") == 2);
  CHECK(available(world) == msat_max.value);
  for (const auto& line : world.log) CHECK_FALSE(line.contains("invariant"));
}

TEST_CASE("the audit trail has the sandbox's payments that happened, and no others") {
  World world;
  world.bootstrap();
  const auto charge = world.post("/v1/charges", R"({"amount_sats":21})");
  const auto id = charge.text("id");
  const auto missing = id.substr(0, id.size() - 4) + "0000";
  CHECK(pay(world, missing).status() == 404);
  CHECK(world.post("/v1/sandbox/charges/" + missing + "/expire").status() == 404);
  CHECK(pay(world, id, R"({"amount_msat":1})").status() == 400);
  World other;
  other.bootstrap();
  other.post("/v1/charges", R"({"amount_sats":21})");  // two worlds generate the same first hash
  const auto foreign = other.post("/v1/charges", R"({"amount_sats":1})").text("bolt11");
  CHECK(world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + foreign + "\"}").status() == 404);
  CHECK(world.get("/v1/audit?action=sandbox.").items("data") == 0);
  CHECK(pay(world, id).text("status") == "paid");
  CHECK(world.post("/v1/sandbox/charges/" + id + "/expire").status() == 409);
  const auto second = world.post("/v1/charges", R"({"amount_sats":1})");
  CHECK(world.post("/v1/sandbox/charges/" + second.text("id") + "/expire").text("status") == "expired");
  const auto third = world.post("/v1/charges", R"({"amount_sats":1})").text("bolt11");
  CHECK(world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + third + "\"}").status() == 200);
  const auto trail = world.get("/v1/audit?action=sandbox.&order=asc");
  REQUIRE(trail.items("data") == 3);
  for (const auto* action : {"sandbox.charge.pay", "sandbox.charge.expire", "sandbox.wallet.pay"}) {
    CHECK(trail.body().contains(std::string(R"("action":")") + action + "\""));
  }
}

}  // namespace lntpay::test::sandbox_payments_test
