// Flows of charges, killed at every effect.
#include <doctest/doctest.h>

#include "tests/sim/crash_flow.hpp"

namespace lntpay::sim::charge_flows_test {
namespace {

using namespace flows;

std::string charge_at(Play& play, std::size_t at) { return "/v1/charges/" + play.shop(at).charges.back().id; }
void one_live_charge(Play& play) { play.charge(live); }
void create(Play& play) { play.charge(test); }
void create_live(Play& play) { play.charge(live); }
void pay_live(Play& play) { play.pay(live); }

const std::string canceled = "charge canceled, available 0, locked 0";

const CrashFlow charge_flows[] = {
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
};

}  // namespace

TEST_CASE("every flow of a charge survives a crash at any effect") {
  for (const auto& flow : charge_flows) CHECK(first_failure(flow) == "");
}

}  // namespace lntpay::sim::charge_flows_test
