// The cache of lookups: its times and its bound.
#include "host-adapters/server/outbound/name_cache.hpp"

#include <doctest/doctest.h>

namespace name_cache_test {
using namespace lntpay::host;
using namespace std::chrono_literals;

namespace {

const NameCache::Clock::time_point start{};
const Resolved somewhere = Addresses{"192.0.2.1"};

}  // namespace

TEST_CASE("a cached name is found until it expires") {
  NameCache cache(10);
  cache.put("shop.example", somewhere, start + 30s, start);
  REQUIRE(cache.find("shop.example", start + 29s) != nullptr);
  CHECK(**cache.find("shop.example", start + 29s) == Addresses{"192.0.2.1"});
  CHECK(cache.find("shop.example", start + 30s) == nullptr);
  CHECK(cache.find("other.example", start) == nullptr);
  cache.put("brief.example", somewhere, start, start);
  CHECK(cache.size() == 1);
}

TEST_CASE("a full cache removes expired names first, then any other") {
  NameCache cache(2);
  cache.put("a", somewhere, start + 1s, start);
  cache.put("b", somewhere, start + 9s, start);
  cache.put("c", somewhere, start + 9s, start + 2s);
  CHECK(cache.find("b", start + 2s) != nullptr);
  CHECK(cache.find("c", start + 2s) != nullptr);
  cache.put("d", somewhere, start + 9s, start + 2s);
  CHECK(cache.size() == 2);
  CHECK(cache.find("d", start + 2s) != nullptr);
}

TEST_CASE("a name in a full cache is replaced in place") {
  NameCache cache(2);
  cache.put("a", somewhere, start + 9s, start);
  cache.put("b", somewhere, start + 9s, start);
  cache.put("a", Addresses{"192.0.2.2"}, start + 9s, start);
  CHECK(**cache.find("a", start) == Addresses{"192.0.2.2"});
  CHECK(cache.find("b", start) != nullptr);
}

}  // namespace name_cache_test
