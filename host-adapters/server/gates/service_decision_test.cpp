// The order of a service's rules, for requests in words.
#include "host-adapters/server/gates/service_decision.hpp"

#include <doctest/doctest.h>

#include <string>

namespace service_decision_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

Service service() {
  const auto read = parse_gates_file("gates.json", R"({
    "listen": [{"address": "127.0.0.1:80"}],
    "services": [{
      "name": "api", "upstreams": ["http://127.0.0.1:9000"],
      "allow": [{"addresses": ["192.0.2.7"]}, {"user_agents": ["UptimeRobot/*"]}],
      "free": {"requests_per_day": 2},
      "prices": [{"method": "GET", "path": "/reports/*", "price_sats": 21}, {"path": "/about", "price_sats": 0}]}]})");
  REQUIRE_MESSAGE(read.has_value(), read.error());
  return read->services[0];
}

struct Visitor {
  Service at = service();
  FreeQuota quota{};

  /// "priced", "within_free 1", …
  std::string ask(const char* method, const char* target, std::vector<Header> headers = {}, const char* client = "198.51.100.1") {
    const Request request{.method = method, .target = target, .headers = std::move(headers), .body = {}, .client = client};
    std::vector<RequestMatch> entries;
    for (const auto& price : at.prices) entries.push_back(price.match);
    const auto made = decide_at_service(at, PriceList(entries), request, parse_ip(client), quota, {1'800'000'000'000});
    using enum ServiceDecision::Kind;
    switch (made.kind) {
      case ambiguous: return "ambiguous";
      case not_offered: return "not_offered";
      case unpriced: return "unpriced";
      case allowed: return "allowed";
      case within_free: return "within_free " + std::to_string(made.free_left);
      case priced: return "priced " + std::to_string(made.price);
    }
    return "";
  }
};

}  // namespace

TEST_CASE("a request is free within the quota, then priced") {
  Visitor visitor;
  CHECK(visitor.ask("GET", "/reports/7?page=2") == "within_free 1");
  CHECK(visitor.ask("HEAD", "/reports/8") == "within_free 0");
  CHECK(visitor.ask("GET", "/reports/7") == "priced 0");
  CHECK(visitor.ask("GET", "/reports/7", {}, "198.51.100.2") == "within_free 1");
}

TEST_CASE("what has no price, is not offered or is ambiguous takes no free request") {
  Visitor visitor;
  for (int i = 0; i < 5; ++i) {
    CHECK(visitor.ask("GET", "/about") == "unpriced");
    CHECK(visitor.ask("POST", "/reports/7") == "not_offered");
    CHECK(visitor.ask("GET", "/other") == "not_offered");
    CHECK(visitor.ask("GET", "/reports/../about") == "ambiguous");
    CHECK(visitor.ask("GET", "/reports/%61") == "ambiguous");
  }
  CHECK(visitor.ask("GET", "/reports/7") == "within_free 1");
}

TEST_CASE("a credential and a preflight go to the gate, and take no free request") {
  Visitor visitor;
  CHECK(visitor.ask("GET", "/reports/7", {{"authorization", "L402 a:b"}}) == "priced 0");
  CHECK(visitor.ask("OPTIONS", "/reports/7", {{"origin", "https://a.example"}, {"access-control-request-method", "GET"}}) ==
        "priced 0");
  CHECK(visitor.ask("GET", "/reports/7", {{"authorization", "Bearer x"}}) == "within_free 1");
}

TEST_CASE("a client on the allowlist passes, and takes no free request") {
  Visitor visitor;
  for (int i = 0; i < 5; ++i) {
    CHECK(visitor.ask("GET", "/reports/7", {}, "192.0.2.7") == "allowed");
    CHECK(visitor.ask("GET", "/reports/7", {{"user-agent", "UptimeRobot/2.0"}}) == "allowed");
  }
  CHECK(visitor.ask("GET", "/other", {}, "192.0.2.7") == "not_offered");
  CHECK(visitor.ask("GET", "/reports/7") == "within_free 1");
}

}  // namespace service_decision_test
