// Options of `lntpay serve`: name servers.
#include "host-adapters/server/ops/server_config.hpp"

#include <doctest/doctest.h>

namespace server_config_test {
using namespace lntpay::host;

TEST_CASE("name servers are numeric addresses with or without a port") {
  for (const auto* good : {"192.0.2.53", "127.0.0.1:5353", "::1", "[::1]:53", "192.0.2.53,127.0.0.1:5353,[2001:db8::1]:53"}) {
    CAPTURE(good);
    CHECK(check_name_servers(good));
  }
  for (const auto* bad :
       {"", "dns.example", "dns.example:53", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.1", "[127.0.0.1]:53", "[::1]",
        "2001:db8:1:2:3:4:5:6:53", "192.0.2.53, 127.0.0.1", "192.0.2.53,", ",192.0.2.53"}) {
    CAPTURE(bad);
    CHECK_FALSE(check_name_servers(bad));
  }
  CHECK(check_name_servers("192.0.2.53,dns.example").error() ==
        "\"dns.example\" is no name server: 192.0.2.53, 127.0.0.1:5353, [::1]:53, with commas between");
}

}  // namespace server_config_test
