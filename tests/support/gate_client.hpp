// A client of a gate, with the proxy and the service that it meets, in a world with one gate.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/payment_answer.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test {

inline constexpr const char* one_report = R"({"name":"reports","price_sats":21,"match":{"method":"GET","path":"/reports/*"}})";

inline std::string between(const std::string& text, const std::string& from, char to) {
  const auto at = text.find(from);
  if (at == std::string::npos) return {};
  return text.substr(at + from.size(), text.find(to, at + from.size()) - at - from.size());
}

/// Values of the WWW-Authenticate lines.
inline std::vector<std::string> offers(const Reading& answer) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : answer.response.headers) {
    if (name == "www-authenticate") lines.push_back(value);
  }
  return lines;
}

/// The value of the first of these headers with that name; empty: there is none.
inline std::string value_of(const Headers& headers, std::string_view name) {
  const auto found = std::ranges::find(headers, name, &Header::name);
  return found == headers.end() ? std::string() : found->value;
}

/// The response to a challenge of the Payment scheme.
inline std::string payment_credential(const std::string& offer, const std::string& proof) {
  const auto challenges = read_challenges(offer);
  REQUIRE(challenges.size() == 1);
  return payment_answer(challenges.front(), proof);
}

/// The status of a gate's answer; 0: the request passes.
inline int status_of(const Outcome& outcome) { return outcome.response ? outcome.response->status : 0; }

struct GateClient : World {
  explicit GateClient(const char* gate_is = one_report) {
    bootstrap();
    const auto made = post("/v1/gates", gate_is);
    REQUIRE_MESSAGE(made.status() == 201, made.body());
    gate = made.text("id");
  }

  /// The proxy's request about the client's request.
  Reading ask(const std::string& what, const std::string& credential = {}, const std::string& path = "/reports/7?x=1") {
    Headers headers{{"x-forwarded-method", "GET"}, {"x-forwarded-uri", path}};
    if (!credential.empty()) headers.push_back({"authorization", credential});
    return request("GET", "/gate/" + gate + "/" + what, {}, std::move(headers));
  }
  Reading authorize(const std::string& credential = {}, const std::string& path = "/reports/7?x=1") {
    return ask("authorize", credential, path);
  }
  Reading challenge(const std::string& credential = {}, const std::string& path = "/reports/7?x=1") {
    return ask("challenge", credential, path);
  }
  std::string pay(const std::string& bolt11) {
    const auto paid = post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + bolt11 + "\"}");
    REQUIRE_MESSAGE(paid.status() == 200, paid.body());
    return paid.text("preimage");
  }
  /// The L402 credential of a challenge, paid.
  std::string buy(const Reading& answer) {
    const auto lines = offers(answer);
    REQUIRE_FALSE(lines.empty());
    return "L402 " + between(lines.front(), "token=\"", '"') + ":" + pay(between(lines.front(), "invoice=\"", '"'));
  }
  std::string buy() { return buy(challenge()); }
  /// A host's question about a request with these headers.
  Outcome visit_with(Headers headers, std::string method = "GET", std::string target = "/reports/7?x=1") {
    headers.push_back({"host", "shop.example"});
    return visit(gate, std::move(method), std::move(target), std::move(headers));
  }
  Outcome visit_as(const std::string& credential, std::string method = "GET", std::string target = "/reports/7?x=1") {
    return visit_with({{"authorization", credential}}, std::move(method), std::move(target));
  }
  Reading verify(const std::string& credential, Headers headers = {}) {
    return post("/v1/gates/" + gate + "/verify", R"({"path":"/reports/7","authorization":")" + credential + "\"}",
                std::move(headers));
  }
  std::size_t events(const std::string& type) { return get("/v1/events?types=" + type).items("data"); }
  void change(const std::string& body) {
    const auto changed = send("PATCH", "/v1/gates/" + gate, body);
    REQUIRE_MESSAGE(changed.status() == 200, changed.body());
  }

  std::string gate;
};

}  // namespace lntpay::test
