#include "host-adapters/server/proxy/proxy_fields.hpp"

#include <doctest/doctest.h>

namespace proxy_fields_test {
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
  std::vector<Header> headers{
      {"lntpay-gate", "1"}, {"lntpay_redemption_id", "2"}, {"lntpay.redemption!id", "2"}, {"lntpay-reservation", "3"},
      {"lntpay-x", "4"},    {"payment-receipt", "mine"},   {"payment_receipt", "mine"},   {"x-lntpay", "5"},
      {"payment", "6"}};
  remove_ours(headers);
  CHECK(lines_of(headers) == "x-lntpay: 5\r\npayment: 6\r\n");
}

TEST_CASE("lines of one name are joined, the nearest peer last") {
  std::vector<Header> headers{{"x-forwarded-for", "forged"}, {"a", "1"}, {"x-forwarded-for", "192.0.2.1"}};
  join_lines(headers, "x-forwarded-for");
  CHECK(value_of(headers, "x-forwarded-for") == "forged, 192.0.2.1");
  CHECK(headers.size() == 2);
  join_lines(headers, "b");
  CHECK(value_of(headers, "b").empty());
}

TEST_CASE("the lines of a credential are removed in any spelling, the rest of them is added") {
  const Passage passage{.redemption = "rdm_1",
                        .remove = {"authorization", "grpc-metadata-macaroon"},
                        .add = {{"authorization", "Bearer theirs"}, {"lntpay-redemption-id", "rdm_1"}},
                        .bodiless = false,
                        .respond = {},
                        .cors = {},
                        .good_for_ms = 0};
  std::vector<Header> request{{"authorization", "L402 a:b, Bearer theirs"},
                              {"accept", "x"},
                              {"authorization", "LSAT a:b"},
                              {"grpc_metadata_macaroon", "00"},
                              {"macaroon", "theirs"}};
  apply_passage(passage, request);
  CHECK(lines_of(request) == "accept: x\r\nmacaroon: theirs\r\nauthorization: Bearer theirs\r\nlntpay-redemption-id: rdm_1\r\n");
}

TEST_CASE("a request that passes without payment is forwarded without its credential") {
  Request request{
      .method = "GET",
      .target = "/",
      .headers = {{"authorization", "Bearer theirs, L402 a:b"}, {"cookie", "lntpay_gate_1=2; a=1"}, {"macaroon", "0201"}},
      .body = {},
      .client = {}};
  apply_passage(without_credential({}, request), request.headers);
  CHECK(lines_of(request.headers) == "authorization: Bearer theirs\r\ncookie: a=1\r\nmacaroon: 0201\r\n");
}

TEST_CASE("a line is set in place of all lines of its name") {
  std::vector<Header> headers{{"payment-receipt", "1"}, {"a", "2"}, {"payment-receipt", "3"}};
  set_lines(headers, {{"payment-receipt", "ours"}});
  CHECK(lines_of(headers) == "a: 2\r\npayment-receipt: ours\r\n");
  std::vector<Header> with_cookie{{"set-cookie", "theirs=1"}};
  set_lines(with_cookie, {{"set-cookie", "ours=2"}});
  CHECK(lines_of(with_cookie) == "set-cookie: theirs=1\r\nset-cookie: ours=2\r\n");
}

TEST_CASE("CORS lines are added unless the service has one of its own") {
  const std::vector<Header> cors{{"access-control-allow-origin", "*"}};
  std::vector<Header> silent{{"a", "1"}};
  add_cors(silent, cors);
  CHECK(lines_of(silent) == "a: 1\r\naccess-control-allow-origin: *\r\n");
  std::vector<Header> decided{{"access-control-allow-methods", "GET"}};
  add_cors(decided, cors);
  CHECK(lines_of(decided) == "access-control-allow-methods: GET\r\n");
}

}  // namespace proxy_fields_test
