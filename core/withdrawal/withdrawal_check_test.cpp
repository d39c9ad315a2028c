// Checks of a withdrawal request that need no node.
#include "core/withdrawal/withdrawal_check.hpp"

#include <doctest/doctest.h>

namespace lntpay::test::withdrawal_check_test {
namespace {

Allowance allowance(std::optional<Msat> each, std::optional<Msat> daily, Msat spent = {}) {
  Allowance allowance{.each = each, .own_daily = true, .daily = {}};
  if (daily) allowance.daily.push_back({.limit = *daily, .row_key = {}, .read = {}, .today = {.day = 20'000, .locked = spent}});
  return allowance;
}

/// The error code of a refused lock of 500 + 5 sat, or "none".
std::string refusal(Msat available, const Allowance& limits, std::optional<Msat> route_fee = {}) {
  const AccountState account{.available = available};
  const auto error = lock_refusal(account, limits, {500_sat, 5_sat}, route_fee);
  return error ? std::string(info(error->code).name) : "none";
}

}  // namespace

TEST_CASE("a lock needs the balance, the fee limit and the key's limits, in this order") {
  const auto unlimited = allowance({}, {});
  CHECK(refusal(505_sat, unlimited) == "none");
  CHECK(refusal(504_sat, unlimited) == "insufficient_funds");
  CHECK(refusal(505_sat, unlimited, 5_sat) == "none");
  CHECK(refusal(505_sat, unlimited, 6_sat) == "fee_limit_too_low");
  CHECK(refusal(505_sat, allowance(505_sat, {})) == "none");
  CHECK(refusal(505_sat, allowance(504_sat, {})) == "limit_exceeded");
  CHECK(refusal(505_sat, allowance({}, 1'000_sat, 495_sat)) == "none");
  CHECK(refusal(505_sat, allowance({}, 1'000_sat, 496_sat)) == "limit_exceeded");
  CHECK(refusal(504_sat, allowance(1_sat, {}), 6_sat) == "insufficient_funds");
  CHECK(refusal(505_sat, allowance(1_sat, {}), 6_sat) == "fee_limit_too_low");
}

TEST_CASE("a refused lock states the amounts and the remedy") {
  const auto message = [](Msat available, const Allowance& limits, std::optional<Msat> route_fee = {}) {
    return lock_refusal({.available = available}, limits, {500_sat, 5_sat}, route_fee)->message;
  };
  CHECK(message(300_sat, allowance({}, {})) ==
        "The available balance (300 sats) does not cover 505 sats (500 + 5 fee limit). Fund the workspace or lower the amount.");
  CHECK(message(505_sat, allowance({}, {}), Msat{5'250}) ==
        "The route's fee (5.25 sats) exceeds the fee limit (5 sats). Raise max_fee_sats, or omit it for the default.");
  CHECK(message(505_sat, allowance(504_sat, {})) ==
        "The withdrawal would lock 505 sats with its fee limit, but this API key may lock at most 504 per withdrawal. Lower the "
        "amount "
        "or use another key.");
  CHECK(message(505_sat, allowance({}, 1'000_sat, 700_sat)) ==
        "The withdrawal would lock 505 sats with its fee limit, but this API key may lock at most 1000 per day and has locked 700 "
        "today. Lower the amount or wait until tomorrow (UTC).");
}

TEST_CASE("a clock that steps back does not reset the day's total, and one that was far ahead does not block the key") {
  const auto day = [](std::uint64_t stored, std::uint64_t today) {
    const auto current = current_day(KeyDay{.day = stored, .locked = 7_sat}, today);
    return std::to_string(current.day) + " " + std::to_string(current.locked.value / 1'000);
  };
  CHECK(current_day({}, 20'000).day == 20'000);
  CHECK(day(20'000, 20'000) == "20000 7");
  CHECK(day(20'000, 20'001) == "20001 0");
  CHECK(day(20'001, 20'000) == "20001 7");
  CHECK(day(23'650, 20'000) == "20000 7");
}

TEST_CASE("the default fee limit is 1 %, rounded up to whole satoshi, at least 5 sat") {
  CHECK(default_fee_limit(1_sat) == 5_sat);
  CHECK(default_fee_limit(500_sat) == 5_sat);
  CHECK(default_fee_limit(501_sat) == 6_sat);
  CHECK(default_fee_limit(10'000_sat) == 100_sat);
}

}  // namespace lntpay::test::withdrawal_check_test
