// Two workspaces withdraw to one invoice, the second at every commit of the first: the races of tests/models, on real rows.
#include <doctest/doctest.h>

#include <utility>

#include "tests/support/world.hpp"

namespace lntpay::withdrawal_races_test {
namespace {

using test::Reading;
using test::World;

/// Two workspaces with money, and an invoice.
struct Shops {
  World world;
  std::string first = open();
  std::string second = open();
  std::string bolt11 = world.post("/v1/sandbox/invoices", R"({"behavior":"succeed","amount_sats":6000})").text("bolt11");

  std::string open() {
    world.bootstrap();
    const auto funded = world.post("/v1/sandbox/fund", R"({"amount_sats":10000})");
    REQUIRE_MESSAGE(funded.status() == 201, funded.body());
    return world.test_key;
  }
  /// The same request each time a workspace makes it.
  Reading withdraw(const std::string& workspace) {
    world.test_key = workspace;
    return world.post("/v1/withdrawals", R"({"bolt11":")" + bolt11 + "\"}", {{"idempotency-key", "w"}});
  }
  /// Before the first commit that is made while the condition holds.
  void before_commit(std::function<bool()> holds, std::function<void()> then) {
    world.store.before_commit = [this, holds = std::move(holds), then = std::move(then)] {
      if (!holds()) return before_commit(holds, then);
      then();
    };
  }
  /// Claims the payment hash, and is abandoned before it locks.
  void abandon(const std::string& workspace) {
    before_commit([&] { return world.store.count("/guard") == 1; }, [&] { world.pass(minutes(3)); });
    REQUIRE(withdraw(workspace).error() == "503 overloaded");
  }
  std::size_t locks() {
    std::size_t locks = 0;
    for (const auto& workspace : {first, second}) {
      world.test_key = workspace;
      locks += world.get("/v1/withdrawals?status=pending").items("data");
    }
    return locks;
  }
};

struct Race {
  std::string_view name;
  void (*before)(Shops&);
  void (*meanwhile)(Shops&);
};

constexpr Race races[] = {
    {"the other withdraws", [](Shops&) {}, [](Shops& shops) { shops.withdraw(shops.second); }},
    {"the claim is abandoned, and the other withdraws", [](Shops&) {},
     [](Shops& shops) {
       shops.world.pass(minutes(3));
       shops.withdraw(shops.second);
     }},
    {"the other, whose claim was abandoned, comes back", [](Shops& shops) { shops.abandon(shops.second); },
     [](Shops& shops) { shops.withdraw(shops.second); }},
};

}  // namespace

TEST_CASE("of two racing withdrawals of one invoice, one has the lock") {
  for (const auto& race : races) {
    bool met = true;
    int commit = 0;
    for (; met; ++commit) {
      CAPTURE(race.name);
      CAPTURE(commit);
      Shops shops;
      race.before(shops);
      met = false;
      int left = commit;
      shops.before_commit([&] { return left-- == 0; },
                          [&] {
                            met = true;
                            race.meanwhile(shops);
                          });
      shops.withdraw(shops.first);
      shops.world.store.before_commit = nullptr;
      CHECK(shops.locks() == 1);
    }
    CHECK(commit > 4);  // the key's claim, intent, payment-hash lock and lock
  }
}

}  // namespace lntpay::withdrawal_races_test
