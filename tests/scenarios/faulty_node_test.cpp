// A misbehaving node, made by changing the sandbox's rows under the engine.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/time.hpp"
#include "core/lightning/node/sandbox_payments.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "tests/support/misbehaving_node.hpp"

namespace lntpay::test::faulty_node_test {
namespace {

struct StrangeWorld : World {
  StrangeWorld() {
    bootstrap();
    post("/v1/sandbox/fund", R"({"amount_sats":10000})");
  }

  Reading invoice(const std::string& rest) { return post("/v1/sandbox/invoices", "{" + rest + "}"); }
  Reading withdraw(const Reading& invoice, const std::string& key = "s1", const std::string& rest = R"("max_fee_sats":60)") {
    return post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + "\"," + rest + "}", {{"idempotency-key", key}});
  }
  std::string status(const Reading& withdrawal) { return get("/v1/withdrawals/" + withdrawal.text("id")).text("status"); }

  void node_has(const Reading& invoice, const SandboxPayment& payment) {
    for (const auto& [key, entry] : store.rows()) {
      const auto at = key.find("/sandbox/outside/" + invoice.text("payment_hash"));
      if (at != std::string::npos) {
        const auto prefix = key.substr(0, at);
        return store.put(prefix + "/sandbox/payment/" + invoice.text("payment_hash"), to_row(payment));
      }
    }
    FAIL("there is no such invoice");
  }

  std::ptrdiff_t alarms(std::string_view name) const {
    return std::ranges::count_if(log, [&](const auto& line) { return line.starts_with(name); });
  }
  bool books_hold() { return get("/v1/ledger/verify").body().contains(R"("ok":true)"); }
};

}  // namespace

TEST_CASE("a poll that another one overtook is discarded, and the node is polled again") {
  StrangeWorld world;
  const auto invoice = world.invoice(R"("amount_sats":6000,"behavior":"stuck")");
  const auto made = world.withdraw(invoice);
  world.run_due();
  REQUIRE(world.status(made) == "unknown");
  // As if the send's answer had been lost, and the send were late: the node has no payment yet.
  change<Withdrawal>(world, "/wd/" + made.text("id"), [](Withdrawal& withdrawal) {
    withdrawal.seen = false;
    withdrawal.followed_index = 0;
    withdrawal.sends = {SendState::open};
  });
  const auto rows = world.store.rows();
  const auto payment = std::ranges::find_if(rows, [](const auto& row) { return row.first.contains("/sandbox/payment/"); });
  REQUIRE(payment != rows.end());
  world.store.erase(payment->first);

  const auto reconcile = [&] { return world.post("/v1/withdrawals/" + made.text("id") + "/reconcile"); };
  // Its NOT_FOUND arrives while a second poll sees the payment in flight: the rate limit's commit comes first.
  world.store.before_commit = [&] {
    world.store.before_commit = [&] {
      world.store.put(payment->first, payment->second.value);
      CHECK(reconcile().text("status") == "unknown");
    };
  };
  CHECK(reconcile().text("status") == "unknown");
  CHECK_FALSE(world.store.before_commit);
  CHECK(world.alarms("withdrawal.needs_review") == 0);
}

TEST_CASE("a withdrawal that the node does not answer about shows why and since when") {
  StrangeWorld world;
  const auto made = world.withdraw(world.invoice(R"("amount_sats":6000,"behavior":"unknown_then_succeed")"));
  world.run_due();
  world.post("/v1/sandbox/faults", R"({"faults":["lookups_down"]})");
  world.pass(minutes(1));
  const auto waiting = world.get("/v1/withdrawals/" + made.text("id"));
  CHECK(waiting.text("status") == "unknown");
  CHECK(waiting.text("reason").starts_with("the node could not be polled: "));
  CHECK_FALSE(waiting.text("last_checked_at").empty());
  CHECK_FALSE(waiting.text("stuck_since").empty());
  CHECK(world.alarms("withdrawal.poll_failed") == 1);  // once for one reason
  world.post("/v1/sandbox/faults", R"({"faults":[]})");
  world.pass(hours(2));
  CHECK(world.status(made) == "succeeded");
}

TEST_CASE("a poll on request that the node does not answer shows why and since when") {
  StrangeWorld world;
  const auto made = world.withdraw(world.invoice(R"("amount_sats":6000,"behavior":"unknown_then_succeed")"));
  world.run_due();
  const auto path = "/v1/withdrawals/" + made.text("id");
  REQUIRE(world.get(path).text("status") == "unknown");
  world.post("/v1/sandbox/faults", R"({"faults":["lookups_down"]})");
  world.now = world.now + seconds(30);  // no due work runs
  CHECK(world.post(path + "/reconcile").error() == "503 node_unavailable");
  const auto waiting = world.get(path);
  CHECK(waiting.text("status") == "unknown");
  CHECK(waiting.text("reason").starts_with("the node could not be polled: "));
  CHECK(waiting.text("last_checked_at") == rfc3339(world.now));
  CHECK_FALSE(waiting.text("stuck_since").empty());
  CHECK(world.alarms("withdrawal.poll_failed") == 1);
  world.post("/v1/sandbox/faults", R"({"faults":[]})");
  world.pass(hours(2));
  CHECK(world.status(made) == "succeeded");
}

TEST_CASE("a pending withdrawal that cannot be sent shows why") {
  StrangeWorld world;
  const auto made = world.withdraw(world.invoice(R"("amount_sats":6000)"));
  world.post("/v1/sandbox/faults", R"({"faults":["lookups_down"]})");
  world.run_due();
  CHECK(world.get("/v1/withdrawals/" + made.text("id")).text("reason").starts_with("the node could not be polled: "));
  world.post("/v1/sandbox/faults", R"({"faults":[]})");
  world.pass(minutes(5));
  CHECK(world.status(made) == "succeeded");
  CHECK(world.get("/v1/withdrawals/" + made.text("id")).body().contains(R"("reason":null)"));
}

TEST_CASE("a payment older than our first send needs review; nothing is sent") {
  for (const bool over : {false, true}) {
    StrangeWorld world;
    const auto invoice = world.invoice(R"("amount_sats":6000)");
    const auto made = world.withdraw(invoice);
    const auto ends_at = over ? world.now : world.now + days(1);
    world.node_has(invoice, {.index = 7, .ends_at = ends_at, .succeeds = true, .fee = Msat{1'000}, .preimage = {}});
    const auto before = world.store.rows().size();
    world.run_due();
    CHECK(world.status(made) == "needs_review");
    CHECK(world.get("/v1/withdrawals/" + made.text("id")).text("reason") == "the node already had a payment for this invoice");
    CHECK(world.alarms("withdrawal.needs_review") == 1);
    CHECK(world.get("/v1/balance").number("locked_msat") == 6'060'000);
    CHECK(world.get("/v1/events?types=withdrawal.dispatched").items("data") == 0);
    CHECK(world.store.rows().size() >= before);
    CHECK(world.store.count("/sandbox/payment/") == 1);
  }
}

TEST_CASE("a fee above the limit is in suspense, and the operator is alerted") {
  StrangeWorld world;
  const auto invoice = world.invoice(R"("amount_sats":6000,"behavior":"slow")");
  const auto made = world.withdraw(invoice);
  world.run_due();
  REQUIRE(world.status(made) == "dispatched");
  change<SandboxPayment>(world, "/sandbox/payment/" + invoice.text("payment_hash"),
                         [](auto& payment) { payment.fee = Msat{60'500}; });
  world.pass(minutes(1));
  CHECK(world.status(made) == "succeeded");
  CHECK(world.alarms("withdrawal.fee_above_limit") == 1);
  const auto balance = world.get("/v1/balance");
  CHECK(balance.number("available_msat") == 10'000'000 - 6'060'000);
  CHECK(balance.number("locked_msat") == 0);
  CHECK(balance.body().contains(R"("suspense_msat":-500)"));
  CHECK(world.books_hold());
}

TEST_CASE("an unanswered send keeps the lock after another failed, until its end") {
  for (const bool arrives : {false, true}) {
    CAPTURE(arrives);
    StrangeWorld world;
    const auto invoice = world.invoice(R"("amount_sats":6000,"behavior":"unknown_then_fail")");
    const auto made = world.withdraw(invoice);
    world.run_due();
    change<Withdrawal>(world, "/wd/" + made.text("id"), [](auto& withdrawal) { withdrawal.sends.push_back(SendState::finished); });
    const auto reason = [&] { return world.get("/v1/withdrawals/" + made.text("id")).text("reason"); };
    world.pass(seconds(30));
    CHECK(reason().contains("released minutes after the invoice has expired"));
    if (arrives) {
      change<SandboxPayment>(world, "/sandbox/payment/" + invoice.text("payment_hash"), [&](auto& payment) {
        payment.index += 1;
        payment.ends_at = world.now + days(1);
      });
      world.pass(minutes(10));
      CHECK(reason().contains("arrived late"));
    }
    CHECK(world.status(made) == "unknown");
    CHECK(world.get("/v1/balance").number("locked_msat") == 6'060'000);
    world.pass(days(2));
    CHECK(world.status(made) == "failed");
    CHECK(world.get("/v1/balance").number("locked_msat") == 0);
    CHECK(world.books_hold());
  }
}

TEST_CASE("reports of a node other than the paying one are ignored") {
  StrangeWorld world;
  const auto invoice = world.invoice(R"("amount_sats":6000,"behavior":"unknown_then_succeed")");
  const auto made = world.withdraw(invoice);
  world.run_due();
  std::string recorded;
  change<Withdrawal>(world, "/wd/" + made.text("id"), [&recorded](auto& withdrawal) {
    recorded = withdrawal.node;
    withdrawal.node = std::string(66, 'f');
  });
  world.pass(days(2));
  CHECK_FALSE(world.status(made) == "succeeded");
  const auto seen = world.get("/v1/withdrawals/" + made.text("id"));
  CHECK(seen.text("reason") == "the connected node is not the one that this withdrawal was sent to");
  CHECK(world.get("/v1/balance").number("locked_msat") == 6'060'000);
  change<Withdrawal>(world, "/wd/" + made.text("id"), [&recorded](auto& withdrawal) { withdrawal.node = recorded; });
  world.pass(hours(1));
  CHECK(world.status(made) == "succeeded");
  CHECK(world.books_hold());
}

TEST_CASE("another node's report on an abandoned withdrawal is not recorded") {
  StrangeWorld world;
  const auto invoice = world.invoice(R"("amount_sats":6000,"behavior":"stuck")");
  const auto made = world.withdraw(invoice);
  world.run_due();
  world.post("/v1/sandbox/faults", R"({"faults":["payments_forgotten"]})");
  world.pass(hours(2));
  const auto resolved =
      world.administer("/withdrawals/" + made.text("id") + "/resolve", R"({"outcome":"failed","evidence":"checked"})");
  REQUIRE_MESSAGE(resolved.text("status") == "failed", resolved.body());
  world.post("/v1/sandbox/faults", R"({"faults":[]})");
  std::string recorded;
  change<Withdrawal>(world, "/wd/" + made.text("id"), [&recorded](auto& withdrawal) {
    recorded = withdrawal.node;
    withdrawal.node = std::string(66, 'f');
  });
  world.pass(days(3));
  CHECK(world.get("/v1/ledger?type=adjustment").items("data") == 0);
  change<Withdrawal>(world, "/wd/" + made.text("id"), [&recorded](auto& withdrawal) { withdrawal.node = recorded; });
  world.pass(hours(2));
  CHECK(world.get("/v1/ledger?type=adjustment").items("data") == 1);
  CHECK(world.books_hold());
}

TEST_CASE("a duplicate withdrawal has the same invoice and the same amount") {
  StrangeWorld world;
  const auto invoice = world.invoice(R"("behavior":"slow")");
  const auto first = world.withdraw(invoice, "a1", R"("amount_sats":100)");
  REQUIRE_MESSAGE(first.status() == 202, first.body());
  const auto same = world.withdraw(invoice, "a2", R"("amount_sats":100)");
  CHECK(same.status() == 200);
  CHECK(same.text("duplicate_of") == first.text("id"));
  const auto other = world.withdraw(invoice, "a3", R"("amount_sats":101)");
  CHECK(other.error() == "409 invalid_state");
  CHECK(other.text("error.param") == "bolt11");
  CHECK(other.text("error.message").contains("Request a new invoice from the payee"));
  CHECK(other.header("retry-after").empty());
  CHECK(world.get("/v1/withdrawals").items("data") == 1);
}

TEST_CASE("an invoice that is being claimed is refused with Retry-After") {
  StrangeWorld world;
  const auto invoice = world.invoice(R"("amount_sats":100)");
  Reading second = world.get("/v1/balance");
  int commits = 0;
  const std::function<void()> count = [&] {
    // The first request has written its rate limit, key, intent and payment-hash lock, but not its ledger lock.
    if (++commits <= 4) {
      world.store.before_commit = count;
      return;
    }
    second = world.withdraw(invoice, "c2", R"("max_fee_sats":60)");
  };
  world.store.before_commit = count;
  const auto first = world.withdraw(invoice, "c1");
  CHECK(first.status() == 202);
  CHECK(second.error() == "409 invalid_state");
  CHECK(second.header("retry-after") == "2");
  CHECK(world.withdraw(invoice, "c2", R"("max_fee_sats":60)").text("duplicate_of") == first.text("id"));
}

}  // namespace lntpay::test::faulty_node_test
