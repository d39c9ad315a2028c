// Hosts of requests and of services.
#include "host-adapters/server/gates/rules/host_names.hpp"

#include <doctest/doctest.h>

namespace host_names_test {
using namespace lntpay::host;

TEST_CASE("a host is compared without case, port and final dot") {
  CHECK(host_name("API.Example.com:8443") == "api.example.com");
  CHECK(host_name("api.example.com.") == "api.example.com");
  CHECK(host_name("[2001:db8::1]:80") == "[2001:db8::1]");
  CHECK(host_name("[2001:db8::1") == "[2001:db8::1");
  CHECK(host_name("") == "");
}

TEST_CASE("a service's own host is closest, then the longest above it, then a service without hosts") {
  const auto closeness = [](std::vector<std::string> hosts) { return host_closeness(hosts, "a.b.example.com"); };
  CHECK(closeness({"a.b.example.com"}) > closeness({"*.b.example.com"}));
  CHECK(closeness({"*.b.example.com"}) > closeness({"*.example.com"}));
  CHECK(closeness({"*.example.com", "*.b.example.com"}) == closeness({"*.b.example.com"}));
  CHECK(closeness({"*.example.com"}) > closeness({}));
  CHECK(closeness({}) > 0);
  for (const auto* other : {"b.example.com", "*.a.b.example.com", "*.ample.com", "x.a.b.example.com"})
    CHECK(closeness({other}) == 0);
  CHECK(host_closeness({"*.example.com"}, "example.com") == 0);
  CHECK(host_closeness({"*.example.com"}, ".example.com") == 0);
}

}  // namespace host_names_test
