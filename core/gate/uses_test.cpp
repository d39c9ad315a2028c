// The uses of one payment: single cases, and every interleaving of three presentations.
#include "core/gate/uses.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <set>

#include "core/storage/row.hpp"

namespace uses_test {
using namespace lntpay;

namespace {

constexpr UnixMillis start{1'000'000};
constexpr Millis lease = seconds(60);

std::string text(const UseClaim& claim) {
  if (const auto* claimed = std::get_if<ClaimedUse>(&claim))
    return std::to_string(claimed->use) + " by " + std::to_string(claimed->reservation);
  if (const auto* busy = std::get_if<UsesBusy>(&claim)) return "busy until " + std::to_string(busy->until.value - start.value);
  return "over";
}

std::string text(const Uses& uses) {
  std::string out = std::to_string(uses.started) + "/" + std::to_string(uses.reservations);
  for (const auto& open : uses.open) out += " " + open.text();
  for (const auto& each : uses.repeatable) out += " again " + each.text();
  return out;
}

}  // namespace

TEST_CASE("one use is claimed, committed, then exhausted") {
  Uses uses;
  CHECK(text(claim_use(uses, 1, start, lease)) == "1 by 1");
  CHECK(text(claim_use(uses, 1, start, lease)) == "busy until 60000");
  CHECK(uses.committed() == 0);
  CHECK(commit_use(uses, 1));
  CHECK(uses.committed() == 1);
  CHECK(text(claim_use(uses, 1, start + days(1), lease)) == "over");
  CHECK(commit_use(uses, 1));  // committed twice
  CHECK_FALSE(release_use(uses, 1, 1));
  CHECK(uses.committed() == 1);
}

TEST_CASE("a released use can be claimed at once under its number") {
  Uses uses;
  claim_use(uses, 1, start, lease);
  CHECK(release_use(uses, 1, 1));
  CHECK(text(claim_use(uses, 1, start, lease)) == "1 by 2");
  CHECK_FALSE(release_use(uses, 1, 1));  // of a reservation that holds nothing any more
  CHECK(text(claim_use(uses, 1, start, lease)) == "busy until 60000");
}

TEST_CASE("an expired lease lets the next claim in; a late commit still commits") {
  Uses uses;
  claim_use(uses, 1, start, lease);
  CHECK(text(claim_use(uses, 1, start + lease - Millis{1}, lease)) == "busy until 60000");
  CHECK(text(claim_use(uses, 1, start + lease, lease)) == "1 by 2");
  CHECK_FALSE(renew_use(uses, 1, 1, start + days(1)));
  CHECK(commit_use(uses, 1));
  CHECK_FALSE(release_use(uses, 1, 2));
  CHECK(text(claim_use(uses, 1, start + days(1), lease)) == "over");
}

TEST_CASE("a lease is renewed by its reservation") {
  Uses uses;
  claim_use(uses, 1, start, lease);
  CHECK(renew_use(uses, 1, 1, start + lease * 3));
  CHECK(text(claim_use(uses, 1, start + lease, lease)) == "busy until 180000");
}

TEST_CASE("several uses are served concurrently, up to a limit") {
  Uses uses;
  for (std::uint64_t i = 1; i <= open_uses_max; ++i)
    CHECK(text(claim_use(uses, 1'000, start, lease)) == std::to_string(i) + " by " + std::to_string(i));
  CHECK(text(claim_use(uses, 1'000, start, lease)) == "busy until 60000");
  CHECK(commit_use(uses, 7));
  CHECK(text(claim_use(uses, 1'000, start, lease)) == "65 by 65");
  CHECK(release_use(uses, 3, 3));
  CHECK(text(claim_use(uses, 1'000, start, lease)) == "3 by 66");
  CHECK(uses.committed() == 1);
}

TEST_CASE("an unclaimed use is neither committed nor released") {
  Uses uses;
  claim_use(uses, 5, start, lease);
  CHECK_FALSE(commit_use(uses, 0));
  CHECK_FALSE(commit_use(uses, 2));
  CHECK_FALSE(release_use(uses, 2, 1));
  CHECK_FALSE(release_use(uses, 1, 2));
}

TEST_CASE("a lowered limit is exhausted once the open uses are committed") {
  Uses uses;
  claim_use(uses, 3, start, lease);
  claim_use(uses, 3, start, lease);
  CHECK(text(claim_use(uses, 1, start, lease)) == "busy until 60000");
  commit_use(uses, 1);
  commit_use(uses, 2);
  CHECK(text(claim_use(uses, 1, start, lease)) == "over");
}

TEST_CASE("an open use round-trips as text") {
  const OpenUse open{3, 17, start};
  CHECK(open.text() == "3.17.1000000");
  CHECK(OpenUse::parse(open.text()) == open);
  const OpenUse repeatable{3, 17, start, "c0ffee"};
  CHECK(repeatable.text() == "3.17.1000000.c0ffee");
  CHECK(OpenUse::parse(repeatable.text()) == repeatable);
  const OpenUse metered{3, 17, start, {}, 21_sat};
  CHECK(metered.text() == "3.17.1000000..21000");
  CHECK(OpenUse::parse(metered.text()) == metered);
  const OpenUse both{3, 17, start, "c0ffee", Msat{1}};
  CHECK(both.text() == "3.17.1000000.c0ffee.1");
  CHECK(OpenUse::parse(both.text()) == both);
  for (const auto* wrong : {"", "3", "3.17", "3.17.", "3.17.1000000.", "-1.1.1", "3.17.x", "3.17.1000000.c0ffee.", "3.17.1.g",
                            "3.17.1.a.x", "3.17.1.a.-1", "3.17.1.a.1.1"})
    CHECK_FALSE(OpenUse::parse(wrong).has_value());
  const RepeatableUse again{3, start, "c0ffee"};
  CHECK(again.text() == "3.1000000.c0ffee");
  CHECK(RepeatableUse::parse(again.text()) == again);
  for (const auto* wrong : {"", "3", "3.1000000", "3.1000000.", "x.1.a", "3.1.g"})
    CHECK_FALSE(RepeatableUse::parse(wrong).has_value());
}

TEST_CASE("the request of a committed use repeats it for a while, and holds nothing") {
  Uses uses;
  CHECK(text(claim_use(uses, 1, start, lease, "a")) == "1 by 1");
  CHECK(text(claim_use(uses, 1, start, lease, "a")) == "busy until 60000");
  commit_use(uses, 1, start + seconds(1), seconds(30));
  CHECK(text(uses) == "1/1 again 1.1031000.a");
  CHECK(text(claim_use(uses, 1, start + seconds(2), lease, "a")) == "1 by 0");
  CHECK(text(claim_use(uses, 1, start + seconds(2), lease, "b")) == "over");
  CHECK(text(claim_use(uses, 1, start + seconds(2), lease)) == "over");
  CHECK_FALSE(release_use(uses, 1, 0));
  CHECK(commit_use(uses, 1, start + seconds(20), seconds(30)));  // the end of a repeat does not prolong it
  CHECK(text(uses) == "1/1 again 1.1031000.a");
  CHECK(text(claim_use(uses, 1, start + seconds(31), lease, "a")) == "over");
}

TEST_CASE("a use may be taken again only if it was claimed so, and once no other is left") {
  Uses uses;
  claim_use(uses, 2, start, lease, "a");
  commit_use(uses, 1, start, seconds(30));
  CHECK(text(claim_use(uses, 2, start, lease, "a")) == "2 by 2");
  commit_use(uses, 2, start, {});  // the gate allows no repeats any more
  CHECK(text(uses) == "2/2 again 1.1030000.a");
  CHECK(text(claim_use(uses, 2, start, lease, "a")) == "1 by 0");

  Uses expired;
  claim_use(expired, 1, start, lease, "a");
  CHECK(commit_expired_uses(expired, start + lease * 2, seconds(90)) == std::vector{OpenUse{1, 1, start + lease, "a"}});
  CHECK(text(expired) == "1/1 again 1.1150000.a");  // from the end of the lease

  Uses many;
  for (std::uint64_t use = 1; use <= repeatable_uses_max + 1; ++use) {
    claim_use(many, 100, start, lease, "a");
    commit_use(many, use, start, seconds(30));
  }
  CHECK(many.repeatable.size() == repeatable_uses_max);
  CHECK(many.repeatable.front().use == 2);
}

// Three presentations of a payment with two uses. Each may claim, then commit, release or crash; all leases may expire at any time.
// Every order is tested.
TEST_CASE("in every order, at most the paid uses are committed, and stay so") {
  struct State {
    Uses uses;
    std::array<ClaimedUse, 3> held{};  ///< by presentation; use 0: none
    std::array<int, 3> stage{};        ///< 0: not started, 1: claimed, 2: finished
    UnixMillis now = start;
  };
  constexpr std::uint64_t allowed = 2;
  std::set<std::string> seen;
  std::size_t ends_over = 0;
  const std::function<void(const State&)> go = [&](const State& state) {
    std::string name = text(state.uses) + " @" + std::to_string(state.now.value);
    for (std::size_t i = 0; i < 3; ++i)
      name += " " + std::to_string(state.stage[i]) + ":" + std::to_string(state.held[i].use) + "/" +
              std::to_string(state.held[i].reservation);
    if (!seen.insert(name).second) return;
    REQUIRE(state.uses.started <= allowed);
    REQUIRE(state.uses.committed() <= allowed);
    std::set<std::uint64_t> numbers;
    for (const auto& open : state.uses.open) REQUIRE(numbers.insert(open.use).second);

    const auto follow = [&](State next) {
      REQUIRE(next.uses.committed() >= state.uses.committed());
      go(next);
    };
    for (std::size_t i = 0; i < 3; ++i) {
      if (state.stage[i] == 0) {
        State next = state;
        next.stage[i] = 2;
        const auto claim = claim_use(next.uses, allowed, next.now, lease);
        if (const auto* claimed = std::get_if<ClaimedUse>(&claim)) {
          next.stage[i] = 1;
          next.held[i] = *claimed;
          // No other presentation holds it, unless its lease has expired.
          for (std::size_t j = 0; j < 3; ++j) {
            const bool same = state.stage[j] == 1 && state.held[j].use == claimed->use;
            REQUIRE((!same || state.held[j].reservation < claimed->reservation));
          }
        } else if (std::holds_alternative<UsesExhausted>(claim)) {
          REQUIRE(state.uses.committed() == allowed);
          ++ends_over;
        } else {
          REQUIRE(std::ranges::any_of(state.uses.open, [&](const auto& open) { return open.lease_until > state.now; }));
        }
        follow(next);
      } else if (state.stage[i] == 1) {
        State served = state;
        served.stage[i] = 2;
        REQUIRE(commit_use(served.uses, state.held[i].use));
        follow(served);
        State failed = state;
        failed.stage[i] = 2;
        release_use(failed.uses, state.held[i].use, state.held[i].reservation);
        follow(failed);
      }
    }
    if (state.now < start + lease * 3) {
      State later = state;
      later.now = later.now + lease;
      go(later);
    }
  };
  go(State{});
  CHECK(seen.size() > 1'000);
  CHECK(ends_over > 0);
}

}  // namespace uses_test
