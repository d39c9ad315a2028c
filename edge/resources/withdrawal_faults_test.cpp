// Withdrawals while the store fails or the host crashes: each is paid once, and its money is never lost.
#include <doctest/doctest.h>

#include "tests/support/faults_at_every_effect.hpp"
#include "tests/support/withdrawing.hpp"

namespace lntpay::test::withdrawal_faults_test {
using namespace withdrawing;

TEST_CASE("a poll that the store could not record is retried") {
  for (const std::size_t written : {0U, 1U, 2U}) {
    CAPTURE(written);
    World world;
    world.bootstrap();
    fund(world, 10'000);
    withdraw(world, invoice(world, "unknown_then_succeed"), R"("max_fee_sats":60)");
    world.run_due();
    world.store.faults.assign(written, CommitFault::none);
    world.store.faults.push_back(CommitFault::failed);
    world.pass(minutes(20));
    CHECK(books(world) == "available 3993000 locked 0 | wd succeeded");
  }
}

TEST_CASE("a refusal for money that cannot be stored is not a refusal") {
  for (std::size_t commit = 1; commit <= 6; ++commit) {
    World world;
    world.bootstrap();
    const auto bolt11 = invoice(world, "succeed");
    world.store.fault_at(commit, CommitFault::failed);
    const auto first = withdraw(world, bolt11);
    world.store.faults.clear();
    if (first.error() != "422 insufficient_funds") {
      CHECK(first.status() == 503);
      continue;
    }
    fund(world, 10'000);
    CHECK(withdraw(world, bolt11).body() == first.body());
  }
}

TEST_CASE("a crash at any effect: a withdrawal is paid once and stays locked") {
  for (const std::string_view behavior : {"succeed", "fail", "unknown_then_succeed", "unknown_then_fail", "slow"}) {
    CAPTURE(behavior);
    crashes_at_every_effect([&](World& world, const auto& crashing) {
      fund(world, 10'000);
      const auto bolt11 = invoice(world, behavior);
      crashing([&] {
        withdraw(world, bolt11);
        world.pass(seconds(40));
      });
      world.pass(minutes(2));
      const auto retried = withdraw(world, bolt11);
      REQUIRE_MESSAGE(retried.status() == 202, retried.body());
      world.pass(hours(2));
      CHECK(books(world) ==
            (behavior.ends_with("fail") ? "available 10000000 locked 0 | wd failed" : "available 3993000 locked 0 | wd succeeded"));
      CHECK_MESSAGE(world.log.empty(), world.log.front());
    });
  }
}

TEST_CASE("a crash while a withdrawal is canceled: canceled or paid, not both") {
  crashes_at_every_effect([](World& world, const auto& crashing) {
    fund(world, 10'000);
    const auto made = withdraw(world, invoice(world, "succeed"));
    crashing([&] { world.post("/v1/withdrawals/" + made.text("id") + "/cancel", {}, with_key("c")); });
    world.pass(minutes(6));
    const bool paid = look_up(world, made).text("status") == "succeeded";
    CHECK(books(world) == (paid ? "available 3993000 locked 0 | wd succeeded" : "available 10000000 locked 0 | wd failed"));
  });
}

TEST_CASE("unknown commits and conflicts never lock or pay twice") {
  for (const std::string_view behavior : {"succeed", "fail", "unknown_then_succeed"}) {
    CAPTURE(behavior);
    with_every_commit_fault([&](World& world, const auto& faulty) {
      fund(world, 10'000);
      const auto bolt11 = invoice(world, behavior);
      faulty([&] {
        const auto made = withdraw(world, bolt11);
        CHECK_MESSAGE(made.status() == 202, made.body());
        world.pass(minutes(10));
      });
      CHECK(books(world) ==
            (behavior == "fail" ? "available 10000000 locked 0 | wd failed" : "available 3993000 locked 0 | wd succeeded"));
    });
  }
}

}  // namespace lntpay::test::withdrawal_faults_test
