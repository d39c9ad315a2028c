// Places of open challenges: taken, given back, and ended with their invoices.
#include "core/charge/open_challenges.hpp"

#include <doctest/doctest.h>

namespace lntpay::open_challenges_test {
namespace {

constexpr UnixMillis noon{1'800'000'000'000};  // a whole minute
constexpr UnixMillis expiry_of(UnixMillis at) { return at + seconds(challenge_expires_in_s); }

std::uint64_t taken(const OpenChallenges& open) {
  std::uint64_t count = 0;
  for (const auto& each : open.minutes) count += each.count;
  return count;
}

}  // namespace

TEST_CASE("places are limited until the first invoice has expired") {
  OpenChallenges open;
  for (int i = 0; i < 3; ++i) CHECK_FALSE(take_place(open, 3, noon + seconds(i), expiry_of(noon + seconds(i))).has_value());
  CHECK(take_place(open, 3, noon + seconds(30), expiry_of(noon + seconds(30))) == seconds(630));
  CHECK_FALSE(take_place(open, 3, noon + seconds(660), expiry_of(noon + seconds(660))).has_value());
  CHECK(taken(open) == 1);
}

TEST_CASE("a paid challenge gives its own place back, once its invoice is known") {
  OpenChallenges open;
  take_place(open, 9, noon, expiry_of(noon));
  take_place(open, 9, noon + seconds(300), expiry_of(noon + seconds(300)));
  give_place_back(open, noon + seconds(301), expiry_of(noon + seconds(150)));  // in none of the minutes
  CHECK(taken(open) == 2);
  give_place_back(open, noon + seconds(302), expiry_of(noon) + seconds(61));  // the node's clock is ahead
  CHECK(taken(open) == 1);
  give_place_back(open, noon + seconds(303), expiry_of(noon));
  CHECK(taken(open) == 1);
  give_place_back(open, noon + seconds(304), expiry_of(noon + seconds(300)));
  CHECK(open.minutes.empty());
}

TEST_CASE("a row stays small however many challenges it counts, also when the clock goes back") {
  OpenChallenges open;
  for (int i = 0; i < 6'000; ++i) take_place(open, 10'000, noon + Millis{i * 100}, expiry_of(noon + Millis{i * 100}));
  CHECK(taken(open) == 6'000);
  CHECK(open.minutes.size() == 11 - 1);
  CHECK(to_row(open).size() < 160);
  CHECK(from_row<OpenChallenges>(to_row(open))->minutes == open.minutes);
  take_place(open, 10'000, UnixMillis{noon.value - 7'200'000}, expiry_of(UnixMillis{noon.value - 7'200'000}));
  CHECK(taken(open) == 1);
  for (const auto* wrong : {"", "1", "1.", ".1", "x.1", "1.x"}) CHECK_FALSE(ExpiryMinute::parse(wrong).has_value());
}

}  // namespace lntpay::open_challenges_test
