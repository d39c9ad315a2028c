// Metered payments: credit that claims reserve and commits spend, in single cases and in every order of three requests.
#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <set>

#include "core/gate/uses.hpp"

namespace lntpay::credit_test {
namespace {

constexpr UnixMillis start{1'000'000};
constexpr Millis lease = seconds(60);
constexpr std::uint64_t any_number = 1'000;
/// A request costs at most 4 sat.
constexpr Credit ten{.paid = 10_sat, .min_credit = 2_sat, .max_price = 4_sat};
constexpr Credit whole{.paid = 10_sat, .min_credit = 2_sat, .max_price = 10_sat};

UseClaim claim(Uses& uses, const Credit& credit, UnixMillis now = start) {
  return claim_use(uses, any_number, now, lease, {}, credit);
}

/// "2 by 5, up to 4000"
std::string text(const UseClaim& claim) {
  if (const auto* claimed = std::get_if<ClaimedUse>(&claim)) {
    return std::to_string(claimed->use) + " by " + std::to_string(claimed->reservation) + ", up to " +
           std::to_string(claimed->reserved.value);
  }
  if (const auto* busy = std::get_if<UsesBusy>(&claim)) return "busy until " + std::to_string(busy->until.value - start.value);
  return "over";
}

Msat taken(const Uses& uses) {
  auto sum = uses.spent;
  for (const auto& open : uses.open) sum.value += open.reserved.value;
  return sum;
}

}  // namespace

TEST_CASE("a request reserves what it may cost, and its price is taken of that") {
  Uses uses;
  CHECK(text(claim(uses, ten)) == "1 by 1, up to 4000");
  CHECK(text(claim(uses, ten)) == "2 by 2, up to 4000");
  CHECK(text(claim(uses, ten)) == "3 by 3, up to 2000");
  CHECK(text(claim(uses, ten)) == "busy until 60000");
  CHECK(commit_use(uses, 1, start, {}, 1_sat));
  CHECK(uses.spent == 1_sat);
  CHECK(text(claim(uses, ten)) == "4 by 4, up to 3000");
}

TEST_CASE("without a maximum one request at a time has all that is left") {
  Uses uses;
  CHECK(text(claim(uses, whole)) == "1 by 1, up to 10000");
  CHECK(text(claim(uses, whole)) == "busy until 60000");
  commit_use(uses, 1, start, {}, Msat{8'001});
  CHECK(text(claim(uses, whole)) == "over");  // 1,999 are left, the minimum is 2,000
  Uses another;
  claim(another, whole);
  commit_use(another, 1, start, {}, 8_sat);
  CHECK(text(claim(another, whole)) == "2 by 2, up to 2000");
}

TEST_CASE("a use costs no more than it reserved, and all of that without a price") {
  for (const auto& [price, spent] : {std::pair<std::optional<Msat>, Msat>{Msat{}, Msat{}},
                                     {1_msat, 1_msat},
                                     {4_sat, 4_sat},
                                     {Msat{4'001}, 4_sat},
                                     {Msat{UINT64_MAX}, 4_sat},
                                     {std::nullopt, 4_sat}}) {
    Uses uses;
    claim(uses, ten);
    commit_use(uses, 1, start, {}, price);
    CHECK(uses.spent == spent);
    commit_use(uses, 1, start, {}, 4_sat);  // committed twice
    CHECK(uses.spent == spent);
  }
}

TEST_CASE("a released request costs nothing, and the next one has its credit") {
  Uses uses;
  claim(uses, whole);
  CHECK(release_use(uses, 1, 1));
  CHECK(text(claim(uses, whole)) == "1 by 2, up to 10000");
  CHECK(uses.spent == Msat{});
}

TEST_CASE("of the free uses the one that reserves most serves the next request") {
  Uses uses;
  for (int i = 0; i < 3; ++i) claim(uses, ten);
  release_use(uses, 3, 3);  // it had the last 2 sat
  release_use(uses, 1, 1);
  CHECK(text(claim(uses, ten)) == "1 by 4, up to 4000");
  CHECK(text(claim(uses, ten)) == "3 by 5, up to 2000");
}

TEST_CASE("a lease that expired gives its credit to the next request; a late commit takes no more than that") {
  Uses uses;
  claim(uses, whole);
  CHECK(text(claim(uses, whole, start + lease)) == "1 by 2, up to 10000");
  commit_use(uses, 1, start, {}, 3_sat);  // of the first request
  commit_use(uses, 1, start, {}, 9_sat);  // of the second, which has the same number
  CHECK(uses.spent == 3_sat);
}

TEST_CASE("the end of a lease costs what was reserved where it commits") {
  Uses uses;
  claim(uses, ten);
  claim(uses, ten);
  release_use(uses, 2, 2);
  const auto committed = commit_expired_uses(uses, start + lease);
  REQUIRE(committed.size() == 1);
  CHECK(committed.front().reserved == 4_sat);
  CHECK(uses.spent == 4_sat);
}

TEST_CASE("credit of a payment that is not metered changes nothing") {
  Uses uses;
  CHECK(text(claim_use(uses, 1, start, lease)) == "1 by 1, up to 0");
  commit_use(uses, 1, start, {}, 5_sat);
  CHECK(uses.spent == Msat{});
}

// Each request may claim, and then commit at several prices, be released, or crash; all leases may expire at any time.
TEST_CASE("in every order no more is spent and reserved than was paid, and no credit is lost") {
  struct State {
    Uses uses;
    std::array<ClaimedUse, 3> held{};  ///< by request; use 0: none
    std::array<bool, 3> has_begun{};
    UnixMillis now = start;
  };
  std::set<std::string> seen;
  std::set<std::uint64_t> spent;
  const std::function<void(const State&)> go = [&](const State& state) {
    std::string name = std::to_string(state.uses.spent.value) + "@" + std::to_string(state.now.value);
    for (const auto& open : state.uses.open) name += " " + open.text();
    for (std::size_t i = 0; i < 3; ++i)
      name += state.has_begun[i] ? " " + std::to_string(state.held[i].use) + "/" + std::to_string(state.held[i].reservation) : " -";
    if (!seen.insert(name).second) return;
    REQUIRE(taken(state.uses) <= ten.paid);
    spent.insert(state.uses.spent.value);
    for (std::size_t i = 0; i < 3; ++i) {
      State next = state;
      if (!state.has_begun[i]) {
        next.has_begun[i] = true;
        const auto claimed = claim(next.uses, ten, next.now);
        if (const auto* use = std::get_if<ClaimedUse>(&claimed)) next.held[i] = *use;
        if (std::holds_alternative<UsesExhausted>(claimed)) REQUIRE(ten.paid.value - state.uses.spent.value < ten.min_credit.value);
        go(next);
      } else if (const auto held = std::exchange(next.held[i], {}); held.use != 0) {
        go(next);  // a crash
        State released = next;
        release_use(released.uses, held.use, held.reservation);
        go(released);
        for (const auto price : {0_sat, 3_sat, 9_sat}) {
          State served = next;
          REQUIRE(commit_use(served.uses, held.use, served.now, {}, price));
          REQUIRE(served.uses.spent >= state.uses.spent);
          go(served);
        }
      }
    }
    if (state.now < start + lease * 2) {
      State later = state;
      later.now = later.now + lease;
      go(later);
    }
  };
  go(State{});
  CHECK(seen.size() > 1'000);
  CHECK(spent.contains(10'000));
}

}  // namespace lntpay::credit_test
