// Free requests by client and day.
#include "host-adapters/server/gates/rules/free_quota.hpp"

#include <doctest/doctest.h>

#include <format>
#include <string>

namespace free_quota_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

constexpr UnixMillis noon{1'800'014'400'000};
constexpr std::uint64_t hour_ms = 3'600'000;

IpAddress ip(const std::string& text) { return *parse_ip(text); }

/// The number of requests, of at most `asked`, that are free.
int granted(FreeQuota& quota, const std::string& client, int asked, std::uint64_t per_day, UnixMillis now = noon) {
  int free = 0;
  for (int i = 0; i < asked; ++i) free += quota.take(ip(client), per_day, now) ? 1 : 0;
  return free;
}

}  // namespace

TEST_CASE("a client's first requests of a day are free, and no more") {
  FreeQuota quota;
  CHECK(quota.take(ip("192.0.2.1"), 3, noon) == 2);
  CHECK(quota.take(ip("192.0.2.1"), 3, noon) == 1);
  CHECK(quota.take(ip("192.0.2.1"), 3, noon) == 0);
  CHECK_FALSE(quota.take(ip("192.0.2.1"), 3, noon).has_value());
  CHECK(quota.take(ip("192.0.2.2"), 3, noon) == 2);
  CHECK(quota.take(ip("::ffff:192.0.2.2"), 3, noon) == 1);  // the same address
}

TEST_CASE("the quota is renewed at midnight UTC, and not by a clock that is set back") {
  FreeQuota quota;
  CHECK(granted(quota, "192.0.2.1", 5, 2) == 2);
  CHECK(granted(quota, "192.0.2.1", 5, 2, {noon.value - 24 * hour_ms}) == 0);
  CHECK(granted(quota, "192.0.2.1", 5, 2, {noon.value + 24 * hour_ms}) == 2);
}

TEST_CASE("a changed quota counts what was taken before") {
  FreeQuota quota;
  CHECK(granted(quota, "192.0.2.1", 5, 2) == 2);
  CHECK(granted(quota, "192.0.2.1", 5, 5) == 3);
  CHECK(granted(quota, "192.0.2.1", 5, 1) == 0);
}

TEST_CASE("an IPv6 client is a /64, and a /48 has the quota of ten") {
  FreeQuota quota;
  CHECK(granted(quota, "2001:db8::1", 5, 3) == 3);
  CHECK(granted(quota, "2001:db8::ffff:1", 5, 3) == 0);
  CHECK(granted(quota, "2001:db8:0:1::1", 5, 3) == 3);
  int all = 0;
  for (int i = 0; i < 100; ++i) all += granted(quota, std::format("2001:db8:7:{:x}::1", i), 3, 3);
  CHECK(all == 30);
  CHECK(granted(quota, "2001:db8:8::1", 5, 3) == 3);
}

TEST_CASE("a /48 takes little of the table, with free requests left or without") {
  constexpr int networks = 0x10000;
  for (const std::uint64_t per_day : {2ULL, 100'000ULL}) {
    FreeQuota quota;
    int all = 0;
    for (int i = 0; i < networks; ++i) all += granted(quota, std::format("2001:db8:7:{:x}::1", i), 1, per_day);
    CHECK(all == (per_day == 2 ? 20 : networks));
    CHECK(quota.counted() <= 258);
    CHECK_FALSE(quota.is_full());
  }
}

TEST_CASE("a flood from an IPv6 /32 leaves the others their free requests") {
  FreeQuota quota;
  CHECK(granted(quota, "2001:db8:1::1", 1, 3) == 1);
  for (int site = 0; site < 0x10000; ++site)
    for (int client = 0; client < 3; ++client) granted(quota, std::format("2001:db8:{:x}:{:x}::1", site, client), 1, 3);
  CHECK(quota.is_full());
  CHECK(quota.counted() <= FreeQuota::clients_default_max / 4 + 1);
  CHECK(granted(quota, "2001:db8:1::1", 5, 3) >= 1);  // counted before the flood: it keeps its own
  CHECK(granted(quota, "2001:db9::1", 5, 3) == 3);
  CHECK(granted(quota, "192.0.2.1", 5, 3) == 3);
}

TEST_CASE("10,000 addresses have their free requests each, and no more") {
  FreeQuota quota;
  const auto all = [&](int asked) {
    int free = 0;
    for (int i = 0; i < 10'000; ++i) free += granted(quota, std::format("198.18.{}.{}", i / 250, i % 250), asked, 3);
    return free;
  };
  CHECK(all(2) == 20'000);
  CHECK(all(2) == 10'000);
  CHECK(all(2) == 0);
  CHECK(quota.counted() == 10'000);
}

TEST_CASE("a full table grants nothing to new clients until the day ends") {
  FreeQuota quota(2);
  CHECK(granted(quota, "192.0.2.1", 1, 2) == 1);
  CHECK(granted(quota, "192.0.2.2", 1, 2) == 1);
  CHECK_FALSE(quota.is_full());
  CHECK(granted(quota, "192.0.2.3", 1, 2) == 0);
  CHECK(quota.is_full());
  CHECK(granted(quota, "192.0.2.1", 2, 2) == 1);
  CHECK(granted(quota, "192.0.2.3", 1, 2, {noon.value + 24 * hour_ms}) == 1);
  CHECK_FALSE(quota.is_full());
}

}  // namespace free_quota_test
