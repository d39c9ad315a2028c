// Flows of gates' challenges, killed at every effect: each ends as a charge that is credited once, or leaves nothing.
#include <doctest/doctest.h>

#include "tests/sim/crash_flow.hpp"

namespace lntpay::sim::gate_flows_test {
namespace {

using namespace flows;

constexpr PlayWith gates{.gates = true};
constexpr PlayWith gates_and_stream{.gates = true, .streams = true};

/// Each shop has a gate.
template <std::size_t shop>
void come(Play& play) {
  play.world.visitors.come(shop);
  play.world.pass(seconds(3));
}
/// The host connects to the stream within a minute.
void come_with_stream(Play& play) {
  play.world.pass(minutes(2));
  come<live>(play);
}
void pay_ticket(Play& play) {
  if (play.world.visitors.tickets() == 0) return;
  play.world.visitors.pay(0);
  play.world.pass(seconds(3));
}
void pay_and_present(Play& play) {
  pay_ticket(play);
  play.world.visitors.present(0);
  play.world.pass(seconds(3));
}
void expire(Play& play) { play.world.pass(minutes(20)); }
/// Until the node has canceled and deleted the invoice, before the challenge is polled.
void collected(Play& play) {
  come<live>(play);
  play.world.pass(minutes(12));
  play.world.lnd.collect_canceled_invoices();
}

const std::string sold = "charge paid, available 7000, locked 0";
const std::string unpaid = "no ledger";

const CrashFlow gate_flows[] = {
    {"a challenge is issued", live, nothing, come<live>, {unpaid}, gates},
    {"a challenge expires", live, come<live>, expire, {unpaid}, gates},
    {"a challenge is paid and presented", live, come<live>, pay_and_present, {sold}, gates},
    {"a challenge is paid, and its payer never returns",
     live,
     come<live>,
     [](Play& play) {
       pay_ticket(play);
       expire(play);
     },
     {sold},
     gates},
    {"a challenge is paid, and the node's stream reports it", live, come_with_stream, pay_ticket, {sold}, gates_and_stream},
    {"a challenge is paid when it has nearly expired",
     live,
     come<live>,
     [](Play& play) {
       play.world.pass(seconds(590));
       pay_and_present(play);
     },
     {sold},
     gates},
    {"a challenge's payment is held, and settled before its expiry",
     live,
     come<live>,
     [](Play& play) {
       play.world.visitors.hold(0, minutes(5), true);
       expire(play);
     },
     {sold},
     gates},
    {"a challenge's payment is held beyond its expiry, and given back",
     live,
     come<live>,
     [](Play& play) {
       play.world.visitors.hold(0, minutes(40), true);
       play.world.pass(hours(1));
     },
     {unpaid},
     gates},
    {"the node has deleted a canceled challenge", live, collected, [](Play& play) { play.world.pass(days(2)); }, {unpaid}, gates},
    {"two visitors come at once, and one pays",
     live,
     nothing,
     [](Play& play) {
       play.world.visitors.come(live);
       play.world.visitors.come(live);
       play.world.pass(seconds(3));
       pay_ticket(play);
     },
     {sold, unpaid},
     gates},

    {"a sandbox's challenge expires by its clock",
     test,
     come<test>,
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/clock/advance", R"({"ms":960000})"); },
     {unpaid},
     gates},
    {"a sandbox's challenge is paid and presented", test, come<test>, pay_and_present, {sold, unpaid}, gates},
    {"a sandbox with a challenge is reset",
     test,
     come<test>,
     [](Play& play) { play.ask(test, "POST", "/v1/sandbox/reset"); },
     {unpaid},
     gates},

};

}  // namespace

TEST_CASE("every flow of a challenge survives a crash at any effect") {
  for (const auto& flow : gate_flows) CHECK(first_failure(flow) == "");
}

}  // namespace lntpay::sim::gate_flows_test
