// The client address of requests that come through proxies.
#include "host-adapters/server/http/trusted_proxies.hpp"

#include <doctest/doctest.h>

namespace trusted_proxies_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

std::string client(const std::string& trusted, const std::string& peer, std::vector<std::string> forwarded) {
  std::vector<Header> headers{{"accept", "1.2.3.4"}};
  for (auto& line : forwarded) headers.push_back({"x-forwarded-for", std::move(line)});
  return TrustedProxies::parse(trusted).value().client_of(peer, headers);
}

}  // namespace

TEST_CASE("without trusted proxies the client is the peer, whatever its fields claim") {
  CHECK(client("", "10.0.0.7", {"192.0.2.1"}) == "10.0.0.7");
  CHECK(client("10.0.0.8", "10.0.0.7", {"192.0.2.1"}) == "10.0.0.7");
}

TEST_CASE("behind trusted proxies the client is the last untrusted address") {
  CHECK(client("10.0.0.7", "10.0.0.7", {"192.0.2.1"}) == "192.0.2.1");
  CHECK(client("10.0.0.7", "10.0.0.7", {"203.0.113.9, 192.0.2.1"}) == "192.0.2.1");
  CHECK(client("10.0.0.0/8", "10.1.2.3", {"192.0.2.1, 10.9.9.9"}) == "192.0.2.1");
  CHECK(client("10.0.0.0/8", "10.1.2.3", {"192.0.2.1", "10.9.9.9"}) == "192.0.2.1");
  CHECK(client("10.0.0.0/8,2001:db8::/32", "2001:db8::7", {"192.0.2.1,10.9.9.9"}) == "192.0.2.1");
  CHECK(client("10.0.0.0/8", "10.1.2.3", {"2001:db8::1"}) == "2001:db8::1");
  // All of them are proxies of ours: the first asked for itself.
  CHECK(client("10.0.0.0/8", "10.1.2.3", {"10.9.9.8, 10.9.9.9"}) == "10.9.9.8");
  CHECK(client("10.0.0.0/8", "10.1.2.3", {}) == "10.1.2.3");
}

TEST_CASE("an item that is no address ends the list: those before it are not trusted") {
  CHECK(client("10.0.0.0/8", "10.1.2.3", {"192.0.2.1, unknown"}) == "10.1.2.3");
  CHECK(client("10.0.0.0/8", "10.1.2.3", {"192.0.2.1, unknown, 10.9.9.9"}) == "10.9.9.9");
  CHECK(client("10.0.0.0/8", "10.1.2.3", {""}) == "10.1.2.3");
}

TEST_CASE("networks are parsed strictly, and compared by their first bits") {
  CHECK(client("10.0.0.4/30", "10.0.0.7", {"192.0.2.1"}) == "192.0.2.1");
  CHECK(client("10.0.0.4/30", "10.0.0.8", {"192.0.2.1"}) == "10.0.0.8");
  CHECK(client("0.0.0.0/0", "203.0.113.5", {"192.0.2.1"}) == "192.0.2.1");
  CHECK(client("0.0.0.0/0", "2001:db8::7", {"192.0.2.1"}) == "2001:db8::7");
  CHECK(client("::ffff:10.0.0.7", "10.0.0.7", {"192.0.2.1"}) == "192.0.2.1");
  for (const auto* wrong :
       {"10.0.0", "10.0.0.0/33", "2001:db8::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/8x", "a", ",", "10.0.0.1:80"}) {
    CAPTURE(wrong);
    CHECK_FALSE(TrustedProxies::parse(wrong));
  }
}

}  // namespace trusted_proxies_test
