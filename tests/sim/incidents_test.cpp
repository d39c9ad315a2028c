// What has happened elsewhere, each a story that must end well here (docs/money.md; the invariants hold at every commit of each).
#include <doctest/doctest.h>

#include "tests/sim/play.hpp"

namespace lntpay::sim {
namespace {

constexpr auto live = Play::live;

bool is_send(const Outgoing& request) { return request.target == "/v2/router/send"; }

/// The first sends meet these, in order; later ones nothing.
void sends_meet(Play& play, std::vector<Fault> faults) {
  play.world.scene.script = [faults = std::move(faults),
                             next = std::size_t{0}](const Outgoing& request) mutable -> std::optional<Fault> {
    if (!is_send(request) || next == faults.size()) return std::nullopt;
    return faults[next++];
  };
}

std::string field(Play& play, std::size_t which) {
  const auto& id = play.shop(live).withdrawals.back();
  return std::string(split(*play.world.scene.store.find(play.shop(live).realm + "/wd/" + id))[which]);
}
std::string status(Play& play) { return field(play, withdrawal_row::status); }
std::int64_t locked(Play& play) { return play.world.oracle.books().at(play.shop(live).realm).locked; }

}  // namespace

TEST_CASE("in flight seven days past the expiry, then paid: the lock is held all the time, whatever restarts") {
  Play play;
  play.fund(live);
  play.world.lnd.held_beyond_expiry = days(7);
  play.outside(Fate::held);
  play.withdraw(live);
  for (int day = 0; day < 7; ++day) {
    play.world.pass(hours(23));
    CHECK(status(play) == "unknown");
    CHECK(locked(play) == 505'000);
    CHECK_FALSE(field(play, withdrawal_row::stuck_since).empty());
    const auto since = field(play, withdrawal_row::stuck_since);
    play.world.host.die();
    play.world.pass(hours(1));
    CHECK(field(play, withdrawal_row::stuck_since) == since);
  }
  play.world.come_to_rest();
  CHECK(status(play) == "succeeded");
}

TEST_CASE("a send that the node never heard of is no failure: it is sent again, and paid once") {
  Play play;
  play.fund(live);
  play.outside(Fate::succeeds);
  sends_meet(play, {Fault::http_timeout_before});
  play.withdraw(live);
  play.world.pass(seconds(100));
  CHECK(status(play) == "unknown");
  CHECK(locked(play) == 505'000);
  play.world.come_to_rest();
  CHECK(status(play) == "succeeded");
  CHECK(play.world.lnd.sends_arrived == 1);
}

TEST_CASE("the old send arrives after the new one failed: the lock was still there, and it pays") {
  int held = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Play play(true, seed);
    play.fund(live);
    const auto payable = play.outside(Fate::fails);
    sends_meet(play, {Fault::http_late});
    play.withdraw(live);
    for (int i = 0; i < 600 && play.world.lnd.sends_arrived == 0; ++i) play.world.pass(seconds(1));
    play.world.pass(seconds(10));
    if (play.world.lnd.sends_arrived == 1 && split(field(play, withdrawal_row::sends), ',').size() == 2) {
      CHECK(play.world.lnd.status_of(payable.payment_hash) == "FAILED");
      CHECK(locked(play) == 505'000);
      ++held;
    }
    play.world.lnd.change_fate(payable.payment_hash, Fate::succeeds);
    play.world.come_to_rest();
  }
  CHECK(held > 0);
}

TEST_CASE("the record of an earlier, failed withdrawal says nothing about the new one") {
  Play play;
  play.fund(live);
  const auto payable = play.outside(Fate::fails);
  play.withdraw(live);
  play.world.pass(minutes(1));
  CHECK(status(play) == "failed");
  play.world.lnd.change_fate(payable.payment_hash, Fate::succeeds);
  sends_meet(play, {Fault::http_timeout_before});
  play.withdraw(live);
  play.world.pass(seconds(100));
  CHECK(play.world.lnd.status_of(payable.payment_hash) == "FAILED");
  CHECK(status(play) == "unknown");
  CHECK(locked(play) == 505'000);
  play.world.come_to_rest();
  CHECK(status(play) == "succeeded");
}

TEST_CASE("somebody deletes a payment that was seen: an operator has to look, and the lock stays") {
  Play play;
  play.fund(live);
  const auto payable = play.outside(Fate::held);
  sends_meet(play, {Fault::http_reset_after});
  play.withdraw(live);
  play.world.pass(minutes(2));
  REQUIRE(field(play, withdrawal_row::seen) == "1");
  play.world.lnd.forget_payment(payable.payment_hash);
  play.world.pass(minutes(10));
  CHECK(status(play) == "needs_review");
  CHECK(locked(play) == 505'000);
}

TEST_CASE("a look that fails, in any way, leaves the withdrawal as it is") {
  for (const auto fault : {Fault::http_refused, Fault::http_reset_before, Fault::http_reset_after, Fault::http_timeout_before,
                           Fault::http_timeout_after, Fault::http_truncated, Fault::http_wrong_type, Fault::http_5xx}) {
    Play play;
    play.fund(live);
    play.outside(Fate::fails);
    bool sent = false;
    play.world.scene.script = [&, fault](const Outgoing& request) -> std::optional<Fault> {
      if (is_send(request)) {
        sent = true;
        return Fault::http_reset_after;
      }
      return sent ? std::optional(fault) : std::nullopt;
    };
    play.withdraw(live);
    play.world.pass(hours(3));
    CHECK_MESSAGE(status(play) == "unknown", std::string(name_of(fault)));
    CHECK(locked(play) == 505'000);
    play.world.scene.script = nullptr;
    play.world.come_to_rest();
    CHECK(status(play) == "failed");
  }
}

TEST_CASE("sixty-four race for one balance: no more is locked than there is") {
  Play play;
  play.fund(live);
  for (int i = 0; i < 64; ++i) {
    const auto payable = play.outside(Fate::succeeds, 100'000);
    play.world.clients.ask(live, "POST", "/v1/withdrawals", R"({"bolt11":")" + payable.bolt11 + "\"}", "race-" + std::to_string(i));
  }
  play.world.pass(seconds(3));
  play.world.come_to_rest();
  CHECK(play.world.lnd.paid.size() == 9);
}

TEST_CASE("two cancels at once release once, and both are answered") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Play play(true, seed);
    play.fund(live);
    play.outside(Fate::succeeds);
    play.world.scene.script = [](const Outgoing& request) -> std::optional<Fault> {
      return request.target.starts_with("/v2/router/track") ? std::optional(Fault::http_refused) : std::nullopt;
    };
    play.withdraw(live);
    REQUIRE(status(play) == "pending");
    const auto path = "/v1/withdrawals/" + play.shop(live).withdrawals.back() + "/cancel";
    const auto first = play.world.clients.ask(live, "POST", path, {}, "one");
    const auto second = play.world.clients.ask(live, "POST", path, {}, "two");
    play.world.pass(seconds(1));
    CHECK(play.answer(first, "status") == "failed");
    CHECK(play.answer(second, "status") == "failed");
    CHECK(locked(play) == 0);
  }
}

}  // namespace lntpay::sim
