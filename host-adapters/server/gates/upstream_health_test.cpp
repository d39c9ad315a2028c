// When a service counts as healthy.
#include "host-adapters/server/gates/upstream_health.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace upstream_health_test {
using namespace lntpay::host;

namespace {

/// 'h' or 'u' after each result: '+' passed, '-' failed.
std::string history(std::string_view results, const HealthCheck& check) {
  UpstreamHealth health;
  std::string states;
  for (const char result : results) {
    const bool before = health.healthy();
    CHECK(health.observe(result == '+', check) == (before != health.healthy()));
    states += health.healthy() ? 'h' : 'u';
  }
  return states;
}

}  // namespace

TEST_CASE("a service changes its health after as many equal results in a row as its check asks for") {
  const HealthCheck check{.path = "/", .unhealthy_after = 3, .healthy_after = 2};
  CHECK(history("--+--+", check) == "hhhhhh");
  CHECK(history("---", check) == "hhu");
  CHECK(history("---+-+-", check) == "hhuuuuu");
  CHECK(history("---++--+", check) == "hhuuhhhh");
  CHECK(history("-+", HealthCheck{.path = "/", .unhealthy_after = 1, .healthy_after = 1}) == "uh");
}

}  // namespace upstream_health_test
