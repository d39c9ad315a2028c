// A gate that is asked about what it sold while it had the price of a request.
#include "edge/gate/sold_while.hpp"

#include <doctest/doctest.h>

#include "tests/support/gate_client.hpp"

namespace lntpay::test::sold_while_test {

namespace {

constexpr const char* pass_of_three = R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","uses":3})";

/// "204" where the request passes; else the status, and "challenge" if the response has one.
std::string asked(GateClient& client, const std::string& credential, SoldWhile sold,
                  const std::string& header_name = "authorization") {
  const auto outcome = client.visit_with({{header_name, credential}, {std::string(sold_while_header), sold.text()}});
  if (outcome.pass) return "204";
  REQUIRE(outcome.response.has_value());
  const bool has_challenge = !value_of(outcome.response->headers, "www-authenticate").empty();
  return std::to_string(status_of(outcome)) + (has_challenge ? " challenge" : "");
}

}  // namespace

TEST_CASE("a former gate admits what it sold in its time, and no more") {
  GateClient client{pass_of_three};
  const auto from = client.now;
  const auto credential = client.buy();
  client.now = client.now + seconds(60);
  const auto until = client.now;
  client.change(R"({"match":{"method":"GET","path":"/elsewhere"}})");  // its present match does not count
  CHECK(asked(client, credential, {from, until}) == "204");
  CHECK(asked(client, credential, {from + seconds(1), until}) == "402");
  CHECK(asked(client, credential, {UnixMillis{}, from}) == "402");
  CHECK(asked(client, credential, {from, from + Millis{1}}) == "204");
  CHECK(asked(client, credential, {from, until}) == "204");
  CHECK(asked(client, credential, {from, until}) == "409");  // its three uses are being served
}

TEST_CASE("a former gate makes no challenge and no charge") {
  GateClient client{pass_of_three};
  const SoldWhile always{UnixMillis{}, client.now + seconds(3'600)};
  CHECK(asked(client, "Bearer theirs", always) == "402");
  CHECK(asked(client, "L402 AAAA:" + std::string(64, '0'), always) == "401");
  CHECK(client.get("/v1/charges").items("data") == 0);
}

TEST_CASE("a former gate admits no path that it did not sell") {
  GateClient client;  // one payment, one path
  const auto from = client.now;
  const auto credential = client.buy(client.challenge({}, "/reports/8"));
  CHECK(asked(client, credential, {from, from + seconds(60)}) == "402");
}

TEST_CASE("a time is written and read in milliseconds") {
  const SoldWhile sold{UnixMillis{1'767'225'600'000}, UnixMillis{1'767'226'200'000}};
  CHECK(sold.text() == "1767225600000 1767226200000");
  CHECK(SoldWhile::parse(sold.text()) == sold);
  for (const auto* text : {"", "1", "1 ", " 1", "1 x", "1 2 3", "-1 2"}) CHECK_FALSE(SoldWhile::parse(text).has_value());
}

}  // namespace lntpay::test::sold_while_test
