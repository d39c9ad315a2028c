// Reading heads: targets, header lines, tokens.
#include "edge/http/request.hpp"

#include <doctest/doctest.h>

#include <string>

namespace lntpay::request_test {
namespace {

Request with(std::vector<Header> headers, std::string body = {}) {
  return {.method = "POST", .target = "/", .headers = std::move(headers), .body = std::move(body), .client = {}};
}

bool takes_json(std::string type) { return expect_json(with({{"content-type", std::move(type)}}, "{}")).has_value(); }

std::string token_of(std::string line) { return std::string(bearer_token(with({{"authorization", std::move(line)}}))); }

}  // namespace

TEST_CASE("a target is split into decoded segments and parameters") {
  const auto target = parse_target("/v1/charges/a%2Fb+c/%C3%A9?limit=5&name=a+b%2B&flag&empty=");
  REQUIRE(target.has_value());
  CHECK(target->segments == std::vector<std::string>{"v1", "charges", "a/b+c", "é"});
  CHECK(target->query == Query{{"limit", "5"}, {"name", "a b+"}, {"flag", ""}, {"empty", ""}});
  CHECK(target->raw_path == "/v1/charges/a%2Fb+c/%C3%A9");
  CHECK(target->raw_query == "limit=5&name=a+b%2B&flag&empty=");
  CHECK(parse_target("/?a=b=c?d")->query == Query{{"a", "b=c?d"}});
}

TEST_CASE("empty segments are kept, so that no path has two spellings") {
  CHECK(parse_target("/")->segments == std::vector<std::string>{""});
  CHECK(parse_target("/v1/")->segments == std::vector<std::string>{"v1", ""});
  CHECK(parse_target("//v1")->segments == std::vector<std::string>{"", "v1"});
  CHECK(parse_target("/v1/../x")->segments == std::vector<std::string>{"v1", "..", "x"});
  CHECK(parse_target("/v1?")->query.empty());
}

TEST_CASE("a target not in origin form or badly encoded is refused") {
  for (const auto* const target :
       {"",       "v1",       "http://a/v1", "*",        "/a#b",       "/%",         "/%4",           "/%zz",
        "/%4g",   "/%00",     "/%0a",        "/%ff",     "/%c0%af",    "/%ed%a0%80", "/%f4%90%80%80", "/%e2%82",
        "/a?b=%", "/a?%zz=1", "/a?=1",       "/a?b=%00", "/a?a=1&&b=2"}) {
    CAPTURE(target);
    const auto parsed = parse_target(target);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == ErrorCode::invalid_request);
  }
}

TEST_CASE("a duplicate parameter is refused in every spelling") {
  CHECK(parse_target("/a?limit=1&limit=2").error().param == "limit");
  CHECK(parse_target("/a?limit=1&%6cimit=2").error().param == "limit");
}

TEST_CASE("a query has at most 64 parameters") {
  std::string target = "/a?p0";
  for (int i = 1; i < 64; ++i) target += "&p" + std::to_string(i);
  CHECK(parse_target(target)->query.size() == 64);
  CHECK_FALSE(parse_target(target + "&p64").has_value());
}

TEST_CASE("a second line of a single header is refused") {
  const auto request = with({{"a", "1"}, {"b", "2"}, {"a", "3"}});
  CHECK(header(request, "a") == "1");
  CHECK(*only_header(request, "b") == "2");
  CHECK(*only_header(request, "c") == std::nullopt);
  CHECK(only_header(request, "a").error().code == ErrorCode::invalid_request);
}

TEST_CASE("a body must be uncompressed JSON in UTF-8; no body needs no headers") {
  for (const auto* const type : {"application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
                                 "application/json; charset=\"utf-8\""}) {
    CHECK(takes_json(type));
  }
  for (const auto* const type : {"", "text/plain", "application/jsonp", "application/json; charset=latin1", "application/json; x=y",
                                 "application/x-www-form-urlencoded", "application/json, text/plain"}) {
    CAPTURE(type);
    CHECK_FALSE(takes_json(type));
  }
  CHECK(expect_json(with({})).has_value());
  CHECK(expect_json(with({}, "{}")).error().code == ErrorCode::unsupported_media_type);
  CHECK(expect_json(with({{"content-type", "application/json"}, {"content-type", "application/json"}}, "{}")).error().code ==
        ErrorCode::unsupported_media_type);
  CHECK(expect_json(with({{"content-type", "application/json"}, {"content-encoding", "gzip"}}, "x")).error().code ==
        ErrorCode::unsupported_media_type);
}

TEST_CASE("a bearer token comes in a single Authorization line") {
  CHECK(token_of("Bearer abc") == "abc");
  CHECK(token_of("bearer   abc ") == "abc");
  for (const auto* const line :
       {"", "Bearer", "Bearer ", "Basic abc", "abc", "Bearer a b", "Bearer a, Bearer b", "Bearer\tabc", "Bearerabc"}) {
    CAPTURE(line);
    CHECK(token_of(line).empty());
  }
  CHECK(bearer_token(with({{"authorization", "Bearer a"}, {"authorization", "Bearer a"}})).empty());
  CHECK(bearer_token(with({})).empty());
}

TEST_CASE("a client is the peer or a local proxy's last; IPv6 by network") {
  const auto client = [](std::string peer, std::string forwarded) {
    Request request;
    request.client = std::move(peer);
    if (!forwarded.empty()) request.headers = {{"x-forwarded-for", std::move(forwarded)}};
    return client_of(request);
  };
  CHECK(client("192.0.2.7", "") == "192.0.2.7");
  CHECK(client("192.0.2.7", "198.51.100.1") == "192.0.2.7");
  CHECK(client("127.0.0.1", "203.0.113.9, 198.51.100.1") == "198.51.100.1");
  CHECK(client("127.0.0.1", "unknown") == "127.0.0.1");
  CHECK(client("::1", "198.51.100.1") == "198.51.100.1");
  CHECK(client("127.0.0.1", "2001:db8:1:2:3:4:5:6") == "20010db800010002");
  CHECK(client("2001:db8:1:2::9", "") == client("2001:db8:1:2:ffff::1", ""));
  CHECK(client("::ffff:192.0.2.7", "") != client("::ffff:192.0.2.8", ""));
}

TEST_CASE("an IPv6 client has a /48 network, an IPv4 client none") {
  const auto network = [](std::string peer) {
    Request request;
    request.client = std::move(peer);
    return client_network_of(client_address(request));
  };
  CHECK(network("2001:db8:1:2::9") == "20010db80001");
  CHECK(network("2001:db8:1:ffff::1") == network("2001:db8:1:2::9"));
  CHECK(network("2001:db8:2:2::9") != network("2001:db8:1:2::9"));
  for (const auto* none : {"192.0.2.7", "::ffff:192.0.2.7", "", "unknown"}) CHECK(network(none).empty());
}

}  // namespace lntpay::request_test
