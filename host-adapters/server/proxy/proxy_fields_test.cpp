#include "host-adapters/server/proxy/proxy_fields.hpp"

#include <doctest/doctest.h>

using namespace lntpay;
using namespace lntpay::host;

namespace {

std::string kept(std::initializer_list<std::pair<const char*, const char*>> lines) {
  boost::beast::http::fields fields;
  for (const auto& [name, value] : lines) fields.insert(name, value);
  return lines_of(end_to_end(fields));
}

}  // namespace

TEST_CASE("fields of one connection and of framing are not forwarded") {
  CHECK(kept({{"Connection", "close, X-One"}, {"X-One", "1"}, {"X-Two", "2"}, {"Connection", "x-three"}, {"X-Three", "3"}}) ==
        "x-two: 2\r\n");
  CHECK(kept({{"Keep-Alive", "1"},
              {"TE", "trailers"},
              {"Trailer", "x"},
              {"Upgrade", "h2c"},
              {"Expect", "100-continue"},
              {"Transfer-Encoding", "chunked"},
              {"Content-Length", "1"},
              {"Proxy-Authenticate", "x"},
              {"Proxy-Authorization", "x"},
              {"Proxy-Connection", "x"},
              {"Accept", "a"},
              {"Accept", "b"}}) == "accept: a\r\naccept: b\r\n");
}

TEST_CASE("naming Host, Authorization or Cookie in Connection does not remove them") {
  CHECK(kept({{"Connection", "host, x-forwarded-for, authorization, cookie, x-one"},
              {"Host", "a"},
              {"X-Forwarded-For", "1"},
              {"Authorization", "b"},
              {"Cookie", "c"},
              {"X-One", "d"}}) == "host: a\r\nx-forwarded-for: 1\r\nauthorization: b\r\ncookie: c\r\n");
}

TEST_CASE("fields that only the proxy sets are removed in any spelling") {
  std::vector<Header> headers{{"lntpay-gate", "1"},
                              {"lntpay_redemption_id", "2"},
                              {"lntpay.redemption!id", "2"},
                              {"lntpay-reservation", "3"},
                              {"lntpay-x", "4"}};
  remove_ours(headers);
  CHECK(lines_of(headers) == "lntpay-x: 4\r\n");
}

TEST_CASE("lines of one name are joined, the nearest peer last") {
  std::vector<Header> headers{{"x-forwarded-for", "forged"}, {"a", "1"}, {"x-forwarded-for", "192.0.2.1"}};
  join_lines(headers, "x-forwarded-for");
  CHECK(value_of(headers, "x-forwarded-for") == "forged, 192.0.2.1");
  CHECK(headers.size() == 2);
  join_lines(headers, "b");
  CHECK(value_of(headers, "b").empty());
}

TEST_CASE("a gate's credential is kept from the service, others are forwarded") {
  for (const auto* ours : {"L402 a:b", "lsat a:b", "Payment abc", "PAYMENT abc"}) CHECK(is_for_gates(ours));
  for (const auto* theirs : {"Bearer L402", "Basic x", "L4020 a", ""}) CHECK_FALSE(is_for_gates(theirs));
}
