// Which fields of a request are believed.
#include "host-adapters/server/gates/rules/request_identity.hpp"

#include <doctest/doctest.h>

#include "host-adapters/server/proxy/proxy_fields.hpp"

namespace request_identity_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

Request identified(const char* peer, std::vector<Header> headers, const char* trusted = "10.0.0.0/8") {
  Request request{.method = "GET", .target = "/", .headers = std::move(headers), .body = {}, .client = peer};
  identify_request(request, peer, "https", *TrustedProxies::parse(trusted), {UnixMillis{0}, {1, 2}});
  return request;
}

std::string field(const Request& request, const char* name) { return value_of(request.headers, name); }

const std::vector<Header> forwarded{{"host", "api.example"},          {"x-forwarded-for", "198.51.100.1, 10.0.0.2"},
                                    {"x-forwarded-proto", "http"},    {"x-forwarded-host", "public.example"},
                                    {"x-forwarded-user", "admin"},    {"x-request-id", "abc-1"},
                                    {"forwarded", "for=203.0.113.1"}, {"x-real-ip", "203.0.113.1"}};

}  // namespace

TEST_CASE("a client cannot set the fields of proxies") {
  const auto request = identified("198.51.100.9", forwarded);
  CHECK(request.client == "198.51.100.9");
  CHECK(field(request, "x-forwarded-proto") == "https");
  CHECK(field(request, "x-forwarded-host") == "api.example");
  CHECK(field(request, "x-request-id") == "00000000000000010000000000000002");
  for (const auto* name : {"x-forwarded-for", "x-forwarded-user", "forwarded", "x-real-ip"}) CHECK(field(request, name).empty());
}

TEST_CASE("a trusted proxy, and one on this machine, is believed") {
  for (const auto* peer : {"10.0.0.7", "127.0.0.1", "::1"}) {
    CAPTURE(peer);
    const auto request = identified(peer, forwarded);
    CHECK(field(request, "x-forwarded-proto") == "http");
    CHECK(field(request, "x-forwarded-host") == "public.example");
    CHECK(field(request, "x-request-id") == "abc-1");
  }
  CHECK(identified("10.0.0.7", forwarded).client == "198.51.100.1");
  CHECK(identified("127.0.0.1", forwarded, "").client == "10.0.0.2");  // the nearest proxy, where none is named
  CHECK(identified("127.0.0.1", {{"host", "a"}}).client == "127.0.0.1");
}

TEST_CASE("a request id with other characters, or too long, is replaced") {
  for (const auto& id : {std::string("a b"), std::string("<script>"), std::string(129, 'a')}) {
    const auto request = identified("10.0.0.7", {{"x-request-id", id}});
    CHECK(field(request, "x-request-id") == "00000000000000010000000000000002");
  }
}

}  // namespace request_identity_test
