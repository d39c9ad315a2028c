// What visitors and nodes do to challenges, as plays: each row ends as a credited charge, or is deleted, or is kept for the
// operator.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/sim/play.hpp"

namespace lntpay::sim::challenge_incidents_test {
namespace {

constexpr auto live = Play::live;
constexpr PlayWith gates{.gates = true};

void come(Play& play) {
  play.world.visitors.come(live);
  play.world.pass(seconds(3));
}
std::string state(Play& play) {
  return play.world.oracle.state_of_challenge(play.shop(live).tenant, play.world.visitors.payment_hash(0));
}
/// Except for the request log.
std::size_t durable_rows(Play& play, std::string_view with = {}) {
  return static_cast<std::size_t>(std::ranges::count_if(play.world.scene.store.rows(), [&](const auto& each) {
    const bool is_logged = each.first.contains("/request/req_") || each.first.contains("/due/requests/");
    return !each.first.starts_with('~') && !is_logged && each.first.contains(with);
  }));
}

}  // namespace

TEST_CASE("64 visitors who leave without paying leave no row and no charge") {
  Play play(true, 1, gates);
  const auto before = durable_rows(play);
  for (int i = 0; i < 64; ++i) come(play);
  REQUIRE(play.world.visitors.tickets() == 64);
  CHECK(durable_rows(play, "challenge/") == 128);  // with their due rows
  play.world.pass(minutes(20));
  CHECK(durable_rows(play, "challenge/") == 0);
  CHECK(play.text(live) == "no ledger");
  CHECK(durable_rows(play) == before);
}

TEST_CASE("a paid challenge that the node does not find for hours is kept, and credited") {
  Play play(true, 1, gates);
  come(play);
  play.world.visitors.pay(0);
  play.world.lnd.hide_invoice(play.world.visitors.payment_hash(0), hours(20));
  play.world.pass(hours(20));
  CHECK(state(play) == "issued");
  play.world.pass(hours(10));
  CHECK(state(play) == "settled");
  CHECK(play.text(live) == "charge paid, available 7000, locked 0");
}

TEST_CASE("a challenge whose node was restored is never deleted") {
  Play play(true, 1, gates);
  come(play);
  REQUIRE(play.world.clients.record_restore());
  play.world.pass(minutes(20));
  REQUIRE(play.world.lnd.state_of_invoice(play.world.visitors.payment_hash(0)) == "CANCELED");
  CHECK(state(play) == "issued");
  play.world.lnd.collect_canceled_invoices();
  play.world.pass(days(4));
  CHECK(state(play) == "issued");
}

TEST_CASE("a paid challenge whose payer never returns is credited five minutes after its expiry") {
  Play play(true, 1, gates);
  come(play);
  play.world.visitors.pay(0);
  play.world.pass(minutes(14));
  CHECK(play.text(live) == "no ledger");
  play.world.pass(minutes(2));
  CHECK(play.text(live) == "charge paid, available 7000, locked 0");
}

}  // namespace lntpay::sim::challenge_incidents_test
