// Flows of withdrawals, killed at every effect.
#include <doctest/doctest.h>

#include "tests/sim/crash_flow.hpp"

namespace lntpay::sim::withdrawal_flows_test {
namespace {

using namespace flows;

std::string withdrawal_at(Play& play, std::size_t at) { return "/v1/withdrawals/" + play.shop(at).withdrawals.back(); }
template <Fate fate>
void outside_invoice(Play& play) {
  play.fund(live);
  play.outside(fate);
}
/// Both live workspaces have a balance, and one invoice exists.
void two_shops(Play& play) {
  play.fund(Play::other_live);
  outside_invoice<Fate::succeeds>(play);
}
void failed_before(Play& play) {
  outside_invoice<Fate::fails>(play);
  play.withdraw(live);
  play.world.pass(minutes(2));
  play.world.lnd.change_fate(play.world.clients.payables.back().payment_hash, Fate::succeeds);
}

/// Sent, forgotten by the node, and past the invoice's expiry.
void in_review(Play& play) {
  sandbox_invoice<3>(play);
  play.withdraw(test);
  play.ask(test, "POST", "/v1/sandbox/faults", R"({"faults":["payments_forgotten"]})");
  play.ask(test, "POST", "/v1/sandbox/clock/advance", R"({"ms":600000})");
  play.world.pass(minutes(5));
  play.ask(test, "POST", "/v1/sandbox/clock/advance", R"({"ms":7200000})");
  require(play.text(test).contains("withdrawal needs_review"), "it should need review: ", play.text(test));
}

void withdraw(Play& play) { play.withdraw(test); }
void withdraw_live(Play& play) { play.withdraw(live); }

const std::string refused = "charge paid, available 1000000, locked 0";
const std::string failed = "charge paid, withdrawal failed, available 1000000, locked 0";
/// lnd's route fee is random.
const std::string some_fee = "charge paid, withdrawal succeeded, available ~, locked 0";

const CrashFlow withdrawal_flows[] = {
    {"a withdrawal succeeds", test, sandbox_invoice<0>, withdraw, {succeeded}},
    {"a withdrawal fails", test, sandbox_invoice<1>, withdraw, {failed}},
    {"a withdrawal is slow", test, sandbox_invoice<2>, withdraw, {succeeded}},
    {"a withdrawal is stuck for a day beyond the expiry", test, sandbox_invoice<3>, withdraw, {succeeded}},
    {"a response is lost, and the withdrawal succeeds", test, sandbox_invoice<4>, withdraw, {succeeded}},
    {"a response is lost, and the withdrawal fails", test, sandbox_invoice<5>, withdraw, {failed}},
    {"a withdrawal's fee limit is below the route's fee",
     test,
     sandbox_invoice<0>,
     [](Play& play) { play.withdraw(test, R"(,"max_fee_msat":1499)"); },
     {refused}},
    {"a withdrawal's fee limit is the route's fee",
     test,
     sandbox_invoice<0>,
     [](Play& play) { play.withdraw(test, R"(,"max_fee_msat":1500)"); },
     {succeeded}},
    {"a withdrawal is not covered",
     test,
     [](Play& play) {
       play.fund(test);
       play.invoice("succeed", R"("amount_msat":1000000)");
     },
     withdraw,
     {refused}},
    {"an invoice is paid by two withdrawals",
     test,
     [](Play& play) {
       sandbox_invoice<0>(play);
       play.withdraw(test);
     },
     withdraw,
     {succeeded}},
    {"an invoice is paid by two withdrawals at once",
     test,
     sandbox_invoice<0>,
     [](Play& play) {
       const auto body = R"({"bolt11":")" + play.world.clients.sandbox_payables.back().second.bolt11 + "\"}";
       play.world.clients.ask(test, "POST", "/v1/withdrawals", body, "one");
       play.world.clients.ask(test, "POST", "/v1/withdrawals", body, "two");
       play.world.pass(seconds(3));
     },
     {succeeded}},
    {"a withdrawal is canceled at once",
     test,
     sandbox_invoice<0>,
     [](Play& play) {
       play.world.clients.ask(test, "POST", "/v1/withdrawals",
                              R"({"bolt11":")" + play.world.clients.sandbox_payables.back().second.bolt11 + "\"}", "w");
       while (play.shop(test).withdrawals.empty() && play.world.host.advance()) {
       }
       if (!play.shop(test).withdrawals.empty())
         play.world.clients.ask(test, "POST", withdrawal_at(play, test) + "/cancel", {}, "c");
       play.world.pass(seconds(3));
     },
     {succeeded, failed}},
    {"a withdrawal is reconciled",
     test,
     [](Play& play) {
       sandbox_invoice<4>(play);
       play.withdraw(test);
     },
     [](Play& play) { play.ask(test, "POST", withdrawal_at(play, test) + "/reconcile"); },
     {succeeded}},
    {"a withdrawal is polled",
     test,
     [](Play& play) {
       sandbox_invoice<2>(play);
       play.withdraw(test);
     },
     [](Play& play) { play.ask(test, "GET", withdrawal_at(play, test) + "?wait=20"); },
     {succeeded}},
    {"a withdrawal is requested twice with one key",
     test,
     sandbox_invoice<0>,
     [](Play& play) {
       const auto first = play.withdraw(test);
       play.world.clients.repeat(first);
       play.world.pass(seconds(3));
     },
     {succeeded}},
    {"an operator resolves a withdrawal",
     test,
     in_review,
     [](Play& play) {
       play.world.clients.resolve_reviews();
       play.world.pass(seconds(3));
     },
     {succeeded}},

    {"lnd: a withdrawal succeeds", live, outside_invoice<Fate::succeeds>, withdraw_live, {some_fee}},
    {"lnd: a withdrawal fails", live, outside_invoice<Fate::fails>, withdraw_live, {failed}},
    {"lnd: a withdrawal is slow", live, outside_invoice<Fate::slow>, withdraw_live, {some_fee}},
    {"lnd: a withdrawal is slow to fail", live, outside_invoice<Fate::slow_to_fail>, withdraw_live, {failed}},
    {"lnd: a withdrawal is held for days", live, outside_invoice<Fate::held>, withdraw_live, {some_fee}},
    {"lnd: the invoice states no amount",
     live,
     [](Play& play) {
       play.fund(live);
       play.outside(Fate::succeeds, std::nullopt);
     },
     [](Play& play) { play.withdraw(live, R"(,"amount_msat":300000)"); },
     {some_fee}},
    {"lnd: two workspaces withdraw to one invoice",
     live,
     two_shops,
     [](Play& play) {
       const auto body = R"({"bolt11":")" + play.world.clients.payables.back().bolt11 + "\"}";
       play.world.clients.ask(live, "POST", "/v1/withdrawals", body, "one");
       play.world.clients.ask(Play::other_live, "POST", "/v1/withdrawals", body, "two");
       play.world.pass(seconds(3));
     },
     {some_fee, refused}},
    {"lnd: a failed withdrawal is tried again",
     live,
     failed_before,
     withdraw_live,
     {"charge paid, withdrawal failed, withdrawal succeeded, available ~, locked 0",
      "charge paid, withdrawal succeeded, withdrawal failed, available ~, locked 0"}},
    {"lnd: the node restarts under a withdrawal",
     live,
     outside_invoice<Fate::slow>,
     [](Play& play) {
       play.withdraw(live);
       play.world.lnd.restart(seconds(20), seconds(20));
       play.world.pass(minutes(2));
     },
     {some_fee}},
};

}  // namespace

TEST_CASE("every flow of a withdrawal survives a crash at any effect") {
  for (const auto& flow : withdrawal_flows) CHECK(first_failure(flow) == "");
}

}  // namespace lntpay::sim::withdrawal_flows_test
