// The operator's adjustments of suspense.
#include <doctest/doctest.h>

#include "core/ledger/ledger_entry.hpp"
#include "tests/support/misbehaving_node.hpp"

namespace lntpay::test::adjustments_test {
namespace {

/// A workspace whose node took 500 msat more than the fee limit.
struct Overcharged : World {
  Overcharged() {
    bootstrap();
    overcharge(*this);
    REQUIRE(books() == "3940000 available, -500 in suspense, 3 entries");
  }

  Reading adjust(const std::string& ticket, const std::string& bearer, int amount_msat, Headers headers = {}) {
    return administer("/adjustments",
                      R"({"evidence":"the node's log of 11:02","ticket":")" + ticket + R"(","bearer":")" + bearer +
                          R"(","amount_msat":)" + std::to_string(amount_msat) + "}",
                      std::move(headers));
  }
  std::string books() {
    CHECK(get("/v1/ledger/verify").body().contains(R"("ok":true)"));
    std::string text;
    change<AccountState>(*this, "/head", [&text](const auto& head) {
      text = std::to_string(head.available.value) + " available, " + std::to_string(head.suspense_msat) + " in suspense, " +
             std::to_string(head.entries) + " entries";
    });
    return text;
  }
};

}  // namespace

TEST_CASE("an operator books suspense to the workspace or to the node") {
  Overcharged world;
  const auto workspace = world.adjust("2026-11/1", "available", 200);
  REQUIRE_MESSAGE(workspace.status() == 200, workspace.body());
  CHECK(workspace.text("type") == "adjustment");
  CHECK(workspace.text("reference") == "2026-11/1");
  CHECK(world.books() == "3939800 available, -300 in suspense, 4 entries");
  world.pass(seconds(1));
  CHECK(world.adjust("2026-11/2", "node", 300).status() == 200);
  CHECK(world.books() == "3939800 available, 0 in suspense, 5 entries");
  const auto note = world.get("/v1/audit?limit=1&order=desc");
  CHECK(note.text("data.0.action") == "ledger.adjust");
  CHECK(note.text("data.0.detail") == "node bears 300 msat, ticket 2026-11/2: the node's log of 11:02");
}

TEST_CASE("suspense beyond the balance is covered by later credits") {
  World world;
  world.bootstrap();
  overcharge(world, 6'060);
  CHECK(world.get("/v1/withdrawals").text("data.0.status") == "succeeded");
  const auto balance = world.get("/v1/balance");
  CHECK(balance.number("available_msat") == 0);
  CHECK(balance.number("locked_msat") == 0);
  CHECK(balance.body().contains(R"("suspense_msat":-500)"));
  CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
  world.post("/v1/sandbox/fund", R"({"amount_sats":1})");
  const auto adjusted =
      world.administer("/adjustments", R"({"ticket":"1","bearer":"available","amount_msat":500,"evidence":"the node's log"})");
  CHECK(adjusted.status() == 200);
  CHECK(world.get("/v1/balance").number("available_msat") == 500);
  CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
}

TEST_CASE("a ticket is one adjustment: a retry returns it, a change is refused") {
  Overcharged world;
  const auto first = world.adjust("7", "available", 200);
  CHECK(world.adjust("7", "available", 200).body() == first.body());
  CHECK(world.adjust("7", "available", 300).error() == "409 invalid_state");
  CHECK(world.adjust("7", "node", 200).error() == "409 invalid_state");
  CHECK(world.books() == "3939800 available, -300 in suspense, 4 entries");
}

TEST_CASE("an adjustment stops at zero and at the available balance") {
  Overcharged world;
  const auto past = world.adjust("1", "node", 501);
  CHECK(past.error() == "409 invalid_state");
  CHECK(past.text("error.message").contains("-500 msat"));
  CHECK(world.adjust("1", "node", 0).text("error.param") == "amount_msat");
  CHECK(world.adjust("a b", "node", 1).text("error.param") == "ticket");
  for (const auto* ticket : {"", "a|b", "a,b", "wd_Ab0000000000000000000000000A", "ch_1", "=1+1"}) {
    CHECK(world.adjust(ticket, "node", 1).text("error.param") == "ticket");
  }
  CHECK(world.adjust("1", "somebody", 1).text("error.param") == "bearer");
  change<AccountState>(world, "/head", [](auto& head) { head.available = Msat{100}; });
  CHECK(world.adjust("1", "available", 101).error() == "422 insufficient_funds");
}

}  // namespace lntpay::test::adjustments_test
