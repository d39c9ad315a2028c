// GCRA, step by step; the published scenarios are in tests/vectors.
#include "core/request/gcra.hpp"

#include <doctest/doctest.h>

#include <string>

namespace lntpay::ratelimit::gcra_test {
namespace {

/// A client of one limit; each step returns "pass r=9 t=1" or "wait 50".
struct Client {
  RateLimit limit;
  UnixMillis arrival{};

  std::string at(std::uint64_t now, std::uint32_t cost = 1) {
    const auto decision = decide(limit, arrival, {now}, cost);
    arrival = decision.arrival;
    if (decision.state.allowed) return "pass r=" + std::to_string(decision.state.remaining);
    return decision.state.retry_after ? "wait " + std::to_string(decision.state.retry_after->value) : "never";
  }
};

}  // namespace

TEST_CASE("a quota can be spent at once and refills evenly") {
  Client client{{.quota = 3, .window_s = 3}};
  CHECK(client.at(50'000) == "pass r=2");
  CHECK(client.at(50'000) == "pass r=1");
  CHECK(client.at(50'000) == "pass r=0");
  CHECK(client.at(50'000) == "wait 1000");
  CHECK(client.at(50'999) == "wait 1");
  CHECK(client.at(51'000) == "pass r=0");
  CHECK(client.at(54'000) == "pass r=2");
}

TEST_CASE("a refused request costs nothing") {
  Client client{{.quota = 1, .window_s = 10}};
  CHECK(client.at(0) == "pass r=0");
  for (int i = 0; i < 100; ++i) CHECK(client.at(5'000) == "wait 5000");
  CHECK(client.at(10'000) == "pass r=0");
}

TEST_CASE("a clock that goes back by hours does not lock a client out for hours") {
  Client client{{.quota = 2, .window_s = 2}};
  CHECK(client.at(36'000'000) == "pass r=1");
  CHECK(client.at(0) == "wait 1000");
  CHECK(client.at(999) == "wait 1");
  CHECK(client.at(1'000) == "pass r=0");
}

TEST_CASE("a cost above the quota never passes") {
  Client client{{.quota = 2, .window_s = 1}};
  CHECK(client.at(0, 3) == "never");
  CHECK(client.at(0, 2) == "pass r=0");
}

TEST_CASE("headers contain policy, remaining requests and seconds, rounded up") {
  CHECK(policy_header("default", {.quota = 100, .window_s = 60}) == "\"default\";q=100;w=60");
  CHECK(state_header("default", {.allowed = true, .remaining = 42, .reset = {16'001}, .retry_after = {}}) ==
        "\"default\";r=42;t=17");
  CHECK(state_header("default", {.allowed = false, .remaining = 0, .reset = {60'000}, .retry_after = Millis{1}}) ==
        "\"default\";r=0;t=1");
}

}  // namespace lntpay::ratelimit::gcra_test
