// Reconciliation with the node, hash by hash and in total; and a restored node.
#include <doctest/doctest.h>

#include "core/lightning/node/sandbox_node.hpp"
#include "core/operations/node_reconciliation.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "tests/support/misbehaving_node.hpp"

namespace lntpay::test::reconciliation_test {
namespace {

struct Books : World {
  Books() { bootstrap(); }

  Reading charge() {
    pass(seconds(1));  // so that the list has their order of creation
    return post("/v1/charges", R"({"amount_sats":21,"expires_in":86400})");
  }
  Reading paid_charge() {
    auto made = charge();
    post("/v1/sandbox/charges/" + made.text("id") + "/pay");
    run_due();
    return made;
  }
  /// Of 6,000 sats, sent; the payee decides its outcome.
  Reading withdrawal(const std::string& behavior) {
    pass(seconds(1));
    post("/v1/sandbox/fund", R"({"amount_sats":10000})");
    const auto invoice = post("/v1/sandbox/invoices", R"({"amount_sats":6000,"expires_in":86400,"behavior":")" + behavior + "\"}");
    auto made = post("/v1/withdrawals", R"({"max_fee_sats":60,"bolt11":")" + invoice.text("bolt11") + "\"}",
                     {{"idempotency-key", "wd-" + invoice.text("payment_hash")}});
    REQUIRE_MESSAGE(made.status() == 202, made.body());
    run_due();
    return made;
  }
  /// Locked, and not sent yet.
  Reading order(const std::string& behavior) {
    pass(seconds(1));
    post("/v1/sandbox/fund", R"({"amount_sats":10000})");
    run_due();
    const auto invoice = post("/v1/sandbox/invoices", R"({"amount_sats":6000,"expires_in":86400,"behavior":")" + behavior + "\"}");
    return post("/v1/withdrawals", R"({"max_fee_sats":60,"bolt11":")" + invoice.text("bolt11") + "\"}",
                {{"idempotency-key", "wd-" + invoice.text("payment_hash")}});
  }
  /// The node pays an invoice that no withdrawal requested.
  void pay_at_node(const Reading& withdrawal) {
    const auto hash = withdrawal.text("payment_hash");
    for (const auto& [key, entry] : std::map(store.rows())) {
      const auto outside = key.find("/sandbox/outside/" + hash);
      if (outside == std::string::npos) continue;
      const auto invoice = from_row<ExternalInvoice>(entry.value).value();
      SandboxPayment payment{.index = 9, .ends_at = now, .succeeds = true, .fee = Msat{7'000}};
      payment.preimage = invoice.preimage;
      store.put(key.substr(0, outside) + "/sandbox/payment/" + hash, to_row(payment));
    }
  }
  std::string status(const Reading& withdrawal) { return get("/v1/withdrawals/" + withdrawal.text("id")).text("status"); }

  /// "not_received ch_…: paid here 21000, open there 0", one a line.
  std::string differences() {
    const auto found = get("/v1/reconciliation");
    REQUIRE_MESSAGE(found.status() == 200, found.body());
    std::string lines;
    for (std::size_t i = 0; i < found.items("differences"); ++i) {
      const auto at = [&](const char* name) { return found.text("differences." + std::to_string(i) + "." + name); };
      const auto of = [&](const char* name) {
        return std::to_string(found.number("differences." + std::to_string(i) + "." + name));
      };
      lines += at("kind") + " " + at("id") + ": " + at("status") + " here " + of("here_msat") + ", " + at("node") + " there " +
               of("node_msat") + "\n";
    }
    CHECK((found.body().contains(R"("ok":true)") == lines.empty()));
    return lines;
  }

  Reading operate(std::string method, std::string path, std::string body = {}) {
    Headers headers{{"authorization", "Bearer " + operator_token}};
    if (!body.empty()) headers.push_back({"content-type", "application/json"});
    return request(std::move(method), std::move(path), std::move(body), std::move(headers));
  }
  void restore_node() {
    const auto said =
        operate("POST", "/v1/admin/node/restored?environment=test", R"({"evidence":"its disk failed, seed of March"})");
    REQUIRE_MESSAGE(said.status() == 200, said.body());
  }
  void forget_payments() { post("/v1/sandbox/faults", R"({"faults":["payments_forgotten"]})"); }
  void remember_payments() { post("/v1/sandbox/faults", R"({"faults":[]})"); }
};

std::string invoice_of(const Reading& charge) { return "/sandbox/invoice/" + charge.text("payment_hash"); }
std::string payment_of(const Reading& withdrawal) { return "/sandbox/payment/" + withdrawal.text("payment_hash"); }

}  // namespace

TEST_CASE("a workspace whose node agrees about every hash has no differences") {
  Books books;
  books.charge();
  books.paid_charge();
  const auto canceled = books.charge();
  books.post("/v1/charges/" + canceled.text("id") + "/cancel");
  for (const auto* behavior : {"succeed", "fail", "slow", "stuck"}) books.withdrawal(behavior);
  CHECK(books.differences().empty());
  const auto found = books.get("/v1/reconciliation");
  CHECK(found.number("charges") == 7);
  CHECK(found.number("withdrawals") == 4);
  CHECK(found.body().contains(R"("complete":true,"resume":null)"));
}

TEST_CASE("every difference in a charge is reported with both sides") {
  Books books;
  const auto paid = books.paid_charge();
  const auto id = paid.text("id");
  change<SandboxInvoice>(books, invoice_of(paid), [](auto& invoice) { invoice.paid = Msat{21'500}; });
  CHECK(books.differences() == "other_amount " + id + ": paid here 21000, settled there 21500\n");
  change<SandboxInvoice>(books, invoice_of(paid), [](auto& invoice) { invoice.paid_at.reset(); });
  CHECK(books.differences() == "not_received " + id + ": paid here 21000, open there 0\n");
  const auto open = books.charge();
  for (const auto& [key, entry] : std::map(books.store.rows())) {
    if (key.ends_with(invoice_of(paid)) || key.ends_with(invoice_of(open))) books.store.erase(key);
  }
  CHECK(books.differences() == "not_received " + id + ": paid here 21000, not_found there 0\n" + "no_invoice " + open.text("id") +
                                   ": pending here 0, not_found there 0\n");
}

TEST_CASE("a payment missing in the ledger is found, whatever the charge's state") {
  Books books;
  const auto late = books.charge();
  books.post("/v1/charges/" + late.text("id") + "/cancel");
  change<SandboxInvoice>(books, invoice_of(late), [&](auto& invoice) {
    invoice.paid_at = books.now;
    invoice.paid = Msat{21'000};
  });
  CHECK(books.differences() == "not_credited " + late.text("id") + ": canceled here 0, settled there 21000\n");
}

TEST_CASE("an ended charge with an open invoice is found") {
  Books books;
  const auto canceled = books.charge();
  books.post("/v1/charges/" + canceled.text("id") + "/cancel");
  change<SandboxInvoice>(books, invoice_of(canceled), [](auto& invoice) { invoice.canceled_at.reset(); });
  CHECK(books.differences() == "still_open " + canceled.text("id") + ": canceled here 0, open there 0\n");
}

TEST_CASE("payments that no withdrawal requested are found") {
  Books books;
  const auto review = books.order("succeed");
  books.pay_at_node(review);
  books.run_due();
  CHECK(books.status(review) == "needs_review");
  CHECK(books.differences() == "not_settled " + review.text("id") + ": needs_review here 0, succeeded there 7000\n");
  Books others;
  const auto canceled = others.order("succeed");
  REQUIRE(others.post("/v1/withdrawals/" + canceled.text("id") + "/cancel").text("status") == "failed");
  CHECK(others.differences().empty());
  others.pay_at_node(canceled);
  CHECK(others.differences() == "not_settled " + canceled.text("id") + ": failed here 0, succeeded there 7000\n");
}

TEST_CASE("another node's record counts only if it has paid") {
  Books books;
  const auto good = books.withdrawal("succeed");
  const auto stuck = books.withdrawal("stuck");
  for (const auto* each : {&good, &stuck}) {
    change<Withdrawal>(books, "/wd/" + each->text("id"), [](auto& row) { row.node = "02" + std::string(64, 'a'); });
  }
  CHECK(books.differences() == "another_node " + stuck.text("id") + ": unknown here 0, in_flight there 0\n");
  books.forget_payments();
  CHECK(books.differences() == "another_node " + good.text("id") + ": succeeded here 7000, not_found there 0\n" + "another_node " +
                                   stuck.text("id") + ": unknown here 0, not_found there 0\n");
}

TEST_CASE("every difference in a withdrawal is reported with both sides") {
  Books books;
  const auto good = books.withdrawal("succeed");
  const auto failed = books.withdrawal("fail");
  const auto stuck = books.withdrawal("stuck");
  REQUIRE(books.status(good) == "succeeded");
  REQUIRE(books.status(failed) == "failed");
  change<SandboxPayment>(books, payment_of(good), [](auto& payment) { payment.fee = Msat{7'001}; });
  CHECK(books.differences() == "other_fee " + good.text("id") + ": succeeded here 7000, succeeded there 7001\n");
  change<SandboxPayment>(books, payment_of(good), [](auto& payment) { payment.succeeds = false; });
  change<SandboxPayment>(books, payment_of(failed), [](auto& payment) { payment.succeeds = true; });
  CHECK(books.differences() == "not_paid " + good.text("id") + ": succeeded here 7000, failed there 0\n" + "not_settled " +
                                   failed.text("id") + ": failed here 0, succeeded there 7000\n");
  books.forget_payments();
  CHECK(books.differences() == "not_paid " + good.text("id") + ": succeeded here 7000, not_found there 0\n" + "no_payment " +
                                   stuck.text("id") + ": " + books.status(stuck) + " here 0, not_found there 0\n");
}

TEST_CASE("a later withdrawal's payment is not attributed to the failed one") {
  Books books;
  books.post("/v1/sandbox/fund", R"({"amount_sats":10000})");
  const auto invoice = books.post("/v1/sandbox/invoices", R"({"amount_sats":6000,"behavior":"fail"})");
  const auto withdraw = [&](const char* key) {
    const auto made = books.post("/v1/withdrawals", R"({"max_fee_sats":60,"bolt11":")" + invoice.text("bolt11") + "\"}",
                                 {{"idempotency-key", key}});
    books.run_due();
    return made;
  };
  REQUIRE(books.status(withdraw("first")) == "failed");
  change<ExternalInvoice>(books, "/sandbox/outside/" + invoice.text("payment_hash"),
                          [](auto& outside) { outside.behavior = SandboxBehavior::succeed; });
  REQUIRE(books.status(withdraw("second")) == "succeeded");
  CHECK(books.differences().empty());
}

TEST_CASE("a reconciliation in steps of one ends with the same result") {
  Books books;
  for (int i = 0; i < 3; ++i) books.paid_charge();
  books.withdrawal("succeed");
  books.withdrawal("succeed");
  std::size_t charges = 0;
  std::size_t withdrawals = 0;
  std::string resume;
  for (int calls = 1;; ++calls) {
    const auto found = books.get("/v1/reconciliation?limit=1" + (resume.empty() ? "" : "&resume=" + resume));
    charges += found.number("charges");
    withdrawals += found.number("withdrawals");
    resume = found.text("resume");
    if (resume.empty()) break;
    REQUIRE(calls < 20);
  }
  CHECK(charges == 5);
  CHECK(withdrawals == 2);
  CHECK(books.get("/v1/reconciliation?resume=ch_1").text("error.param") == "resume");
  CHECK(books.get("/v1/reconciliation?limit=501").text("error.param") == "limit");
}

TEST_CASE("a node that does not answer is an error, not agreement") {
  Books books;
  books.paid_charge();
  books.post("/v1/sandbox/faults", R"({"faults":["node_down"]})");
  CHECK(books.get("/v1/reconciliation").error() == "503 node_unavailable");
}

TEST_CASE("totals add all workspaces and list those with suspense") {
  Books books;
  books.paid_charge();
  books.withdrawal("stuck");
  books.bootstrap();
  overcharge(books);
  const auto second = books.get("/v1/workspace").text("id");
  CHECK(books.get("/v1/admin/reconciliation?environment=test").status() == 401);
  const auto all = books.operate("GET", "/v1/admin/reconciliation?environment=test");
  REQUIRE_MESSAGE(all.status() == 200, all.body());
  CHECK(all.number("workspaces") == 2);
  CHECK(all.number("available_msat") == 21'000 + 3'940'000 + 3'940'000);
  CHECK(all.number("locked_msat") == 6'060'000);
  CHECK(all.number("owed_msat") == all.number("available_msat") + all.number("locked_msat"));
  CHECK(all.body().contains(R"("suspense_msat":-500,"owed_msat")"));
  CHECK(all.body().contains(R"("unexplained":[{"workspace":")" + second + R"(","suspense_msat":-500}])"));
  CHECK(all.body().contains(R"("node_msat":null,"short_msat":null)"));
  const auto first = books.operate("GET", "/v1/admin/reconciliation?environment=test&limit=1");
  CHECK(first.body().contains(R"("complete":false)"));
  const auto rest = books.operate("GET", "/v1/admin/reconciliation?environment=test&limit=100&resume=" + first.text("resume"));
  CHECK(rest.number("owed_msat") == all.number("owed_msat"));
  CHECK(rest.number("workspaces") == 2);
  for (const auto* resume :
       {"00.1", "z.1.1.1.1", "00.1.18446744073709551615.1.1", "00.1.1.1.9223372036854775807", "00.1.1.1.1.1"}) {
    CHECK(books.operate("GET", "/v1/admin/reconciliation?environment=test&resume=" + std::string(resume)).text("error.param") ==
          "resume");
  }
  // There is no node: nothing was compared.
  CHECK(books.operate("GET", "/v1/admin/reconciliation?environment=live").error() == "503 node_unavailable");
}

TEST_CASE("the operator compares challenges of gates, and reads what belongs to nobody") {
  Books books;
  const std::string path = "/v1/admin/reconciliation/";
  CHECK(books.get(path + "challenges").status() == 401);
  CHECK(books.get(path + "unmatched").status() == 401);
  CHECK(books.operate("GET", path + "challenges").error() == "503 node_unavailable");
  for (const auto* resume : {"x", "00/live", "zz/challenge/ab"})
    CHECK(books.operate("GET", path + "challenges?resume=" + resume).text("error.param") == "resume");
  CHECK(books.operate("GET", path + "unmatched").body() == R"({"object":"unmatched_settlements","count":0,"last":[]})");
}

TEST_CASE("after a restore only a proof ends a payment sent before it") {
  Books books;
  const auto lost = books.withdrawal("stuck");
  const auto paid = books.withdrawal("stuck");
  books.restore_node();
  books.forget_payments();
  CHECK(books.differences().contains("no_payment " + lost.text("id")));
  books.pass(minutes(6));
  for (const auto* each : {&lost, &paid}) {
    CHECK(books.status(*each) == "needs_review");
    CHECK(books.get("/v1/withdrawals/" + each->text("id")).text("reason").contains("restored"));
  }
  // Long after the expiry, when a missing record at an unrestored node would release it.
  books.pass(days(3));
  CHECK(books.status(lost) == "needs_review");
  CHECK(books.get("/v1/balance").number("locked_msat") == 2 * 6'060'000);
  // An operator decides with evidence from elsewhere.
  CHECK(books
            .administer("/withdrawals/" + lost.text("id") + "/resolve",
                        R"({"outcome":"failed","evidence":"the payee has not got it"})")
            .text("status") == "failed");
  CHECK(books.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
}

TEST_CASE("a restored node's failed record releases nothing, a preimage settles") {
  Books books;
  const auto failed = books.withdrawal("stuck");
  const auto proved = books.withdrawal("stuck");
  books.restore_node();
  change<SandboxPayment>(books, payment_of(failed), [&](auto& payment) {
    payment.ends_at = books.now;
    payment.succeeds = false;
  });
  change<SandboxPayment>(books, payment_of(proved), [&](auto& payment) {
    payment.ends_at = books.now;
    payment.succeeds = true;
  });
  books.pass(minutes(6));
  CHECK(books.status(failed) == "needs_review");
  CHECK(books.status(proved) == "succeeded");
}

TEST_CASE("a restore does not affect later sends, and is in the audit trail") {
  Books books;
  books.restore_node();
  books.pass(seconds(1));
  books.restore_node();
  CHECK(books.status(books.withdrawal("succeed")) == "succeeded");
  CHECK(books.status(books.withdrawal("fail")) == "failed");
  const auto trail = books.operate("GET", "/v1/admin/audit?action=node.restored");
  CHECK(trail.items("data") == 2);
  CHECK(trail.text("data.0.action") == "node.restored");
  CHECK(trail.text("data.0.subject") == "node_test.2");
  CHECK(trail.text("data.0.detail") == "its disk failed, seed of March");
  CHECK(books.operate("POST", "/v1/admin/node/restored?environment=test", "{}").text("error.param") == "evidence");
  CHECK(books.operate("POST", "/v1/admin/node/restored", R"({"evidence":"x"})").text("error.param") == "environment");
}

}  // namespace lntpay::test::reconciliation_test
