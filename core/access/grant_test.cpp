// What a key may pass on: one case for each field of a grant.
#include "core/access/grant.hpp"

#include <doctest/doctest.h>

namespace lntpay::grant_test {
namespace {

const Grant withdrawing{.scopes = {Scope::withdrawals_write, Scope::keys_write}};

/// "" where the grant is within the maker's; else the error's code and field.
std::string refusal(const Grant& maker, const Grant& asked) {
  const auto within = granted(maker, asked);
  return within ? "" : std::string(info(within.error().code).name) + " " + within.error().param;
}

}  // namespace

TEST_CASE("a key grants only scopes that it has") {
  CHECK(refusal(withdrawing, withdrawing).empty());
  CHECK(refusal(withdrawing, {.scopes = {Scope::charges_read}}) == "insufficient_scopes ");
  CHECK(refusal(withdrawing, {}) == "invalid_request scopes");
}

TEST_CASE("a new key is as limited as its maker where nothing else is asked") {
  auto maker = withdrawing;
  maker.expires_at = UnixMillis{1'000};
  maker.limits = {.each = 5_sat, .daily = 50_sat};
  maker.allowed_cidrs = {"10.0.0.0/8"};
  maker.rate = 10;
  CHECK(granted(maker, withdrawing).value() == maker);
  // A key that cannot withdraw has no withdrawal limits.
  CHECK(granted(maker, {.scopes = {Scope::keys_write}}).value().limits == WithdrawLimits{});
}

TEST_CASE("a new key asks for no more than its maker has, field by field") {
  auto maker = withdrawing;
  maker.expires_at = UnixMillis{1'000};
  maker.limits = {.each = 5_sat, .daily = 50_sat};
  maker.allowed_cidrs = {"10.0.0.0/8", "2001:db8::/32"};
  maker.rate = 10;
  const auto asking = [](auto change) {
    auto asked = withdrawing;
    change(asked);
    return asked;
  };
  CHECK(refusal(maker, asking([](Grant& g) { g.expires_at = UnixMillis{1'000}; })).empty());
  CHECK(refusal(maker, asking([](Grant& g) { g.expires_at = UnixMillis{1'001}; })) == "limit_exceeded expires_at");
  CHECK(refusal(maker, asking([](Grant& g) { g.limits.each = 6_sat; })) == "limit_exceeded max_withdraw_sats");
  CHECK(refusal(maker, asking([](Grant& g) { g.limits.daily = 51_sat; })) == "limit_exceeded daily_withdraw_sats");
  CHECK(refusal(maker, asking([](Grant& g) { g.rate = 11; })) == "limit_exceeded rate");
  for (const auto* inside : {"10.1.0.0/16", "10.0.0.7", "10.0.0.0/8", "2001:db8:7::/48"}) {
    CHECK(refusal(maker, asking([&](Grant& g) { g.allowed_cidrs = {inside}; })).empty());
  }
  for (const auto* outside : {"11.0.0.0/8", "10.0.0.0/7", "0.0.0.0/0", "::/0", "2001:db9::1"}) {
    CHECK(refusal(maker, asking([&](Grant& g) { g.allowed_cidrs = {"10.0.0.1", outside}; })) == "limit_exceeded allowed_cidrs");
  }
  for (const auto* wrong : {"", "10.0.0", "10.0.0.0/33", "host"}) {
    CHECK(refusal(withdrawing, asking([&](Grant& g) { g.allowed_cidrs = {wrong}; })) == "invalid_request allowed_cidrs");
  }
}

TEST_CASE("a grant that lacks one of the maker's limits is not within it") {
  auto maker = withdrawing;
  CHECK(require_within(maker, withdrawing).has_value());
  maker.limits.each = 5_sat;
  CHECK_FALSE(require_within(maker, withdrawing).has_value());
  CHECK(require_within(maker, {.scopes = {Scope::keys_write}}).has_value());
  maker = withdrawing;
  maker.expires_at = UnixMillis{1'000};
  CHECK_FALSE(require_within(maker, withdrawing).has_value());
}

TEST_CASE("an address is allowed inside the networks of the key, in either form of IPv4") {
  const Grant grant{.scopes = {}, .allowed_cidrs = {"192.0.2.0/24", "2001:db8::/32"}};
  for (const auto* inside : {"192.0.2.7", "::ffff:192.0.2.7", "2001:db8:1::2"}) CHECK(grant.allows_client(inside));
  for (const auto* outside : {"192.0.3.7", "2001:db9::2", "", "unknown"}) CHECK_FALSE(grant.allows_client(outside));
  CHECK(Grant{}.allows_client("unknown"));
}

}  // namespace lntpay::grant_test
