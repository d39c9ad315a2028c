// Allowlists, patterns and credentials.
#include "host-adapters/server/gates/rules/client_rules.hpp"

#include <doctest/doctest.h>

namespace client_rules_test {
using namespace lntpay;
using namespace lntpay::host;

TEST_CASE("a pattern fits a whole text, with any text for a star") {
  struct Case {
    const char* pattern;
    const char* text;
    bool fits;
  };
  for (const auto& [pattern, text, fits] : {
           Case{"curl/8", "curl/8", true},
           Case{"curl/8", "curl/8.1", false},
           Case{"curl/8", "", false},
           Case{"curl/*", "CURL/8.1", true},
           Case{"*Googlebot*", "Mozilla/5.0 (compatible; Googlebot/2.1)", true},
           Case{"*bot", "a bot of bots", false},
           Case{"*bot", "a bot of bot", true},
           Case{"a*b*c", "a-b-b-c", true},
           Case{"a*b*c", "a-c-b", false},
           Case{"ab*ba", "aba", false},  // the parts do not overlap
           Case{"ab*ba", "abba", true},
           Case{"*", "", true},
           Case{"**", "x", true},
       }) {
    CAPTURE(pattern);
    CAPTURE(text);
    CHECK(fits_pattern(pattern, text) == fits);
  }
}

TEST_CASE("a rule of an allowlist fits by address, by user agent, or by both") {
  const ClientRule by_address{{*Network::parse("192.0.2.0/24"), *Network::parse("2001:db8::/32")}, {}};
  CHECK(by_address.fits(parse_ip("192.0.2.9"), "anything"));
  CHECK(by_address.fits(parse_ip("2001:db8:1::1"), ""));
  CHECK_FALSE(by_address.fits(parse_ip("198.51.100.9"), "anything"));
  CHECK_FALSE(by_address.fits(std::nullopt, "anything"));
  const ClientRule by_agent{{}, {"UptimeRobot/*"}};
  CHECK(by_agent.fits(std::nullopt, "UptimeRobot/2.0"));
  CHECK_FALSE(by_agent.fits(parse_ip("192.0.2.9"), "curl/8"));
  const ClientRule by_both{{*Network::parse("192.0.2.9")}, {"UptimeRobot/*"}};
  CHECK(by_both.fits(parse_ip("192.0.2.9"), "UptimeRobot/2.0"));
  CHECK_FALSE(by_both.fits(parse_ip("192.0.2.10"), "UptimeRobot/2.0"));
  CHECK_FALSE(by_both.fits(parse_ip("192.0.2.9"), "curl/8"));
  CHECK_FALSE(ClientRule{}.fits(parse_ip("192.0.2.9"), "curl/8"));
}

TEST_CASE("credentials are recognised in every field in which clients send them") {
  const auto presents = [](const char* name, const char* value) { return presents_credential({{name, value}}); };
  for (const auto* value : {"L402 a:b", "lsat a:b", "Payment e30", "Bearer x, L402 a:b", "L402 L402 a:b"})
    CHECK(presents("authorization", value));
  for (const auto* name : {"payment-authorization", "macaroon", "grpc-metadata-macaroon"}) CHECK(presents(name, "x"));
  CHECK_FALSE(presents("authorization", "Bearer x"));
  CHECK_FALSE(presents("authorization", "Basic eDp5"));
  CHECK_FALSE(presents("cookie", "lntpay_gate_1=x"));
}

}  // namespace client_rules_test
