// Canonical flows, each killed before and after every effect. Then time passes, clients without a response retry, the world
// comes to rest with every invariant intact, and the final state as one line is one that the flow permits.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "tests/sim/play.hpp"

namespace lntpay::sim::flows_test {
namespace {

struct Flow {
  std::string_view name;
  std::size_t shop;
  void (*before)(Play&);
  void (*during)(Play&);
  std::vector<std::string> ends;
};

constexpr auto test = Play::test;
constexpr auto live = Play::live;

std::string charge_at(Play& play, std::size_t at) { return "/v1/charges/" + play.shop(at).charges.back().id; }
std::string endpoint_at(Play& play) { return "/v1/webhook_endpoints/" + play.shop(test).endpoints.front(); }
std::string withdrawal_at(Play& play, std::size_t at) { return "/v1/withdrawals/" + play.shop(at).withdrawals.back(); }

void nothing(Play&) {}
void one_charge(Play& play) { play.charge(test); }
void one_live_charge(Play& play) { play.charge(live); }
void one_endpoint(Play& play) {
  play.ask(test, "POST", "/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})");
  play.charge(test);
}
void create_with_webhook(Play& play) {
  play.charge(test, 21'000, R"(,"expires_in":86400,"webhook_url":"https://till.example.com/orders/7")");
}
void one_charge_with_webhook(Play& play) {
  play.ask(test, "POST", "/v1/workspace/webhook_secret");
  create_with_webhook(play);
}
template <std::size_t behavior>
void sandbox_invoice(Play& play) {
  static constexpr const char* behaviors[] = {"succeed", "fail", "slow", "stuck", "unknown_then_succeed", "unknown_then_fail"};
  play.fund(test);
  play.invoice(behaviors[behavior]);
}
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

void create(Play& play) { play.charge(test); }
void create_live(Play& play) { play.charge(live); }
void pay(Play& play) { play.pay(test); }
void pay_live(Play& play) { play.pay(live); }
void withdraw(Play& play) { play.withdraw(test); }
void withdraw_live(Play& play) { play.withdraw(live); }

const std::string paid = "charge paid, available 21000, locked 0";
const std::string expired = "charge expired, available 0, locked 0";
const std::string canceled = "charge canceled, available 0, locked 0";
const std::string refused = "charge paid, available 1000000, locked 0";
const std::string failed = "charge paid, withdrawal failed, available 1000000, locked 0";
/// The sandbox's route fee is one satoshi and a thousandth.
const std::string succeeded = "charge paid, withdrawal succeeded, available 498500, locked 0";
/// lnd's route fee is random.
const std::string some_fee = "charge paid, withdrawal succeeded, available ~, locked 0";

const Flow flows[] = {
    {"a charge is created", test, nothing, create, {expired}},
    {"a charge is paid", test, one_charge, pay, {paid}},
    {"a charge is overpaid",
     test,
     one_charge,
     [](Play& play) { play.pay(test, 30'000); },
     {"charge paid, available 30000, locked 0"}},
    {"a charge is paid a minute later",
     test,
     one_charge,
     [](Play& play) { play.pay(test, 21'000, R"(,"delay_ms":60000)"); },
     {paid}},
    {"a charge expires",
     test,
     one_charge,
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox" + charge_at(play, test).substr(3) + "/expire"); },
     {expired}},
    {"a charge is canceled",
     test,
     one_charge,
     [](Play& play) { play.ask(test, "POST", charge_at(play, test) + "/cancel"); },
     {canceled}},
    {"a paid charge is canceled",
     test,
     [](Play& play) {
       play.charge(test);
       play.pay(test);
     },
     [](Play& play) { play.ask(test, "POST", charge_at(play, test) + "/cancel"); },
     {paid}},
    {"a canceled charge is paid",
     test,
     [](Play& play) {
       play.charge(test);
       play.ask(test, "POST", charge_at(play, test) + "/cancel");
     },
     pay,
     {canceled}},
    {"a charge is paid while its cancel is under way",
     test,
     one_charge,
     [](Play& play) {
       play.world.clients.ask(test, "POST", charge_at(play, test) + "/cancel", {}, "cancel");
       play.pay(test);
     },
     {paid, canceled}},
    {"a charge is requested twice with one key",
     test,
     nothing,
     [](Play& play) {
       const auto first = play.world.clients.ask(test, "POST", "/v1/charges", R"({"amount_msat":21000})", "same");
       play.world.clients.repeat(first);
       play.world.pass(seconds(3));
     },
     {expired}},
    {"charges are listed while one is created",
     test,
     one_charge,
     [](Play& play) {
       play.world.clients.ask(test, "GET", "/v1/charges?limit=1");
       play.charge(test);
     },
     {"charge expired, charge expired, available 0, locked 0"}},
    {"a charge is polled while it is paid",
     test,
     one_charge,
     [](Play& play) {
       play.world.clients.ask(test, "GET", charge_at(play, test) + "?wait=5");
       play.pay(test);
     },
     {paid}},

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

    {"an event is delivered", test, one_endpoint, pay, {paid}},
    {"an event is rejected, and delivered later",
     test,
     [](Play& play) {
       one_endpoint(play);
       play.world.receivers.moods["https://shop.example.com/hook"] = Mood::failing;
     },
     [](Play& play) {
       play.pay(test);
       play.world.pass(seconds(3));
       play.world.receivers.moods.clear();
       play.world.pass(minutes(1));
     },
     {paid}},
    {"an endpoint is gone",
     test,
     [](Play& play) {
       one_endpoint(play);
       play.world.receivers.moods["https://shop.example.com/hook"] = Mood::gone;
     },
     pay,
     {paid}},
    {"an endpoint is created",
     test,
     one_charge,
     [](Play& play) { play.ask(test, "POST", "/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})"); },
     {expired}},
    {"an endpoint's secret is rotated",
     test,
     one_endpoint,
     [](Play& play) { play.ask(test, "POST", endpoint_at(play) + "/rotate_secret"); },
     {expired}},
    {"an endpoint is deleted", test, one_endpoint, [](Play& play) { play.ask(test, "DELETE", endpoint_at(play)); }, {expired}},
    {"an endpoint is tested",
     test,
     one_endpoint,
     [](Play& play) { play.ask(test, "POST", endpoint_at(play) + "/test"); },
     {expired}},
    {"a charge's own webhook is delivered", test, one_charge_with_webhook, pay, {paid}},
    {"a charge with a webhook is created",
     test,
     [](Play& play) { play.ask(test, "POST", "/v1/workspace/webhook_secret"); },
     create_with_webhook,
     {expired}},
    {"the webhook secret is rotated",
     test,
     one_charge_with_webhook,
     [](Play& play) { play.ask(test, "POST", "/v1/workspace/webhook_secret"); },
     {expired}},
    {"a key is made",
     test,
     one_charge,
     [](Play& play) { play.ask(test, "POST", "/v1/api_keys", R"({"name":"till","scopes":["charges:read"]})"); },
     {expired}},
    {"a key is revoked",
     test,
     [](Play& play) {
       play.charge(test);
       play.ask(test, "POST", "/v1/api_keys", R"({"name":"till","scopes":["charges:read"]})");
     },
     [](Play& play) { play.ask(test, "DELETE", "/v1/api_keys/" + play.shop(test).keys.back()); },
     {expired}},

    {"a sandbox is funded",
     test,
     nothing,
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/fund", R"({"amount_msat":21000})"); },
     {paid}},
    {"a sandbox's clock passes a charge's expiry",
     test,
     one_charge,
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/clock/advance", R"({"ms":90000000})"); },
     {expired}},
    {"a sandbox's clock passes the end of a stuck withdrawal",
     test,
     [](Play& play) {
       sandbox_invoice<3>(play);
       play.withdraw(test);
     },
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/clock/advance", R"({"ms":180000000})"); },
     {succeeded}},
    {"a sandbox is reset",
     test,
     [](Play& play) {
       play.charge(test);
       play.pay(test);
     },
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/reset"); },
     {paid, "no ledger"}},
    {"an operator resolves a withdrawal",
     test,
     in_review,
     [](Play& play) {
       play.world.clients.resolve_reviews();
       play.world.pass(seconds(3));
     },
     {succeeded}},

    {"lnd: a charge is created", live, nothing, create_live, {expired}},
    {"lnd: a charge is paid", live, one_live_charge, pay_live, {paid}},
    {"lnd: a charge is overpaid threefold",
     live,
     one_live_charge,
     [](Play& play) { play.pay(live, 63'000); },
     {"charge paid, available 63000, locked 0"}},
    {"lnd: a charge is canceled",
     live,
     one_live_charge,
     [](Play& play) { play.ask(live, "POST", charge_at(play, live) + "/cancel"); },
     {canceled}},
    {"lnd: a payment is held and then settled",
     live,
     one_live_charge,
     [](Play& play) {
       play.world.lnd.hold(play.shop(live).charges.back().payment_hash, 21'000, minutes(2), true);
       play.world.pass(minutes(3));
     },
     {paid}},
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

bool fits(const std::string& end, const std::string& allowed) {
  const auto any = allowed.find('~');
  if (any == std::string::npos) return end == allowed;
  return end.starts_with(allowed.substr(0, any)) && end.ends_with(allowed.substr(any + 1));
}

/// The failure, or empty. Sets `crashed` if the process crashed.
std::string play_flow(const Flow& flow, std::size_t moment, bool& crashed) {
  Play play;
  flow.before(play);
  play.world.host.moments_until_crash = moment;
  try {
    flow.during(play);
    crashed = !play.world.host.moments_until_crash.has_value();
    play.world.host.moments_until_crash.reset();
    play.world.rest();
  } catch (const Violation& broken) {
    return broken.what();
  }
  const auto end = play.text(flow.shop);
  const bool allowed = std::ranges::any_of(flow.ends, [&](const std::string& each) { return fits(end, each); });
  return allowed ? "" : "ends as: " + end;
}

}  // namespace

TEST_CASE("every canonical flow survives a crash at any effect") {
  static_assert(std::size(flows) >= 40);
  for (const auto& flow : flows) {
    bool crashed = true;
    std::size_t moment = 0;
    for (; crashed; ++moment) {
      const auto wrong = play_flow(flow, moment, crashed);
      CHECK_MESSAGE(wrong.empty(), std::string(flow.name), ", killed ", std::string(moment % 2 == 0 ? "before" : "after"),
                    " effect ", moment / 2, ": ", wrong);
      if (!wrong.empty()) break;
    }
    CHECK_MESSAGE(moment > 0, std::string(flow.name), " has effects");
  }
}

}  // namespace lntpay::sim::flows_test
