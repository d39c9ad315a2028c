// Freshness and invalidation of the gate cache.
#include "core/gate/cache.hpp"

#include <doctest/doctest.h>

namespace cache_test {
using namespace lntpay;

namespace {

constexpr UnixMillis start{1'000'000};
GateId id(char last) { return *GateId::parse(std::string("gate_Ab0123456789ABCDEFGHJKMNPQR") + last); }
GateCache::Known read_at(UnixMillis at) { return {std::make_shared<const EnteredGate>(), {}, at}; }

}  // namespace

TEST_CASE("a gate is cached for a while, and not after the clock went back") {
  GateCache cache;
  CHECK(cache.find(id('1'), start) == nullptr);
  cache.keep(id('1'), read_at(start), cache.generation());
  CHECK(cache.find(id('1'), start) != nullptr);
  CHECK(cache.find(id('1'), start + gate_fresh_for + Millis{-1}) != nullptr);
  CHECK(cache.find(id('1'), start + gate_fresh_for) == nullptr);
  CHECK(cache.find(id('1'), UnixMillis{start.value - 1}) == nullptr);
  CHECK(cache.find(id('2'), start) == nullptr);
}

TEST_CASE("a gate that was read before a change is not cached after it") {
  GateCache cache;
  const auto before = cache.generation();
  cache.keep(id('1'), read_at(start), before);
  cache.clear();
  CHECK(cache.find(id('1'), start) == nullptr);
  cache.keep(id('1'), read_at(start), before);
  CHECK(cache.find(id('1'), start) == nullptr);
  cache.keep(id('1'), read_at(start), cache.generation());
  CHECK(cache.find(id('1'), start) != nullptr);
}

}  // namespace cache_test
