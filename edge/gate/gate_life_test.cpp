// What a gate has sold, after it is revoked or deleted; and the limits of what it offers.
#include <doctest/doctest.h>

#include "core/gate/revocation.hpp"
#include "tests/support/gate_client.hpp"

namespace lntpay::test::gate_life_test {
namespace {

constexpr const char* pass_of_five = R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","uses":5})";

void revoke(GateClient& client) {
  REQUIRE(client.post("/v1/gates/" + client.gate + "/revoke").status() == 200);
  client.pass(Millis{1});
}

Reading close(GateClient& client) { return client.send("DELETE", "/v1/gates/" + client.gate); }

std::string l402(const Reading& asked, const std::string& preimage) {
  return "L402 " + between(offers(asked)[0], "token=\"", '"') + ":" + preimage;
}

}  // namespace

TEST_CASE("a challenge that was open at the revocation and is paid later still opens") {
  for (const auto* gate : {one_report, pass_of_five}) {
    GateClient client(gate);
    const auto paid_before = client.buy();
    const auto open = client.challenge();
    revoke(client);
    CHECK(client.challenge(paid_before).status() == 402);
    CHECK(client.challenge(paid_before).text("detail").contains("revoked"));
    CHECK(client.challenge(l402(open, std::string(64, '0'))).status() == 401);
    const auto preimage = client.pay(open.text("invoice"));
    CHECK(client.authorize(payment_credential(offers(open)[1], preimage)).status() == 204);
    revoke(client);  // it was paid before this one
    CHECK(client.authorize(l402(open, preimage)).status() == 401);
    CHECK(client.authorize(client.buy()).status() == 204);
  }
}

TEST_CASE("a payment in the second of the revocation counts as later where the node reports seconds") {
  constexpr UnixMillis noon{1'800'000'000'000};
  CHECK(is_paid_after(std::nullopt, noon, Environment::live));
  CHECK(is_paid_after(noon, noon + Millis{999}, Environment::live));
  CHECK_FALSE(is_paid_after(noon, noon + seconds(1), Environment::live));
  CHECK_FALSE(is_paid_after(noon, noon, Environment::test));
  CHECK(is_paid_after(noon + Millis{1}, noon, Environment::test));
}

TEST_CASE("a browser's cookie of an open challenge outlives a revocation as well") {
  GateClient client;
  const Headers browser{{"x-forwarded-method", "GET"}, {"x-forwarded-uri", "/reports/7"}, {"accept", "text/html"}};
  const auto page = client.request("GET", "/gate/" + client.gate + "/challenge", {}, browser);
  revoke(client);
  client.pay(between(page.body(), "href=\"lightning:", '"'));
  auto paid = browser;
  const auto set = page.header("set-cookie");
  paid.push_back({"cookie", set.substr(0, set.find(';'))});
  CHECK(client.request("GET", "/gate/" + client.gate + "/authorize", {}, paid).status() == 204);
}

TEST_CASE("under a former secret only terms that were sold open anything") {
  GateClient client;
  const auto open = client.challenge();
  revoke(client);
  const auto preimage = client.pay(open.text("invoice"));
  CHECK(client.authorize(l402(open, preimage), "/reports/8").status() == 401);
  // The row of the charge has other terms: as if the token had been signed with a leaked secret.
  for (const auto& [key, entry] : client.store.rows()) {
    if (!key.contains("/charge/ch_")) continue;
    auto charge = *from_row<Charge>(entry.value);
    CHECK(charge.gate_terms == "2|GET|/reports/7|per_request|1|3600000|");
    charge.gate_terms = "2|GET|/reports/8|per_request|1|3600000|";
    client.store.put(key, to_row(charge));
  }
  CHECK(client.authorize(l402(open, preimage)).status() == 401);
}

TEST_CASE("a gate keeps eight former secrets") {
  GateClient client;
  const auto first = client.challenge();
  revoke(client);
  const auto second = client.challenge();
  for (std::size_t i = 0; i < former_secrets_max; ++i) revoke(client);
  const auto forgotten = l402(first, client.pay(first.text("invoice")));
  CHECK(client.challenge(forgotten).status() == 401);
  CHECK(client.challenge(forgotten).text("detail").contains("not issued"));
  CHECK(client.authorize(l402(second, client.pay(second.text("invoice")))).status() == 204);
}

TEST_CASE("a deleted gate sells nothing, and what it sold opens until it has expired") {
  GateClient client;
  const auto credential = client.buy();
  const auto open = client.challenge();
  const auto path = "/v1/gates/" + client.gate;
  CHECK(close(client).status() == 200);
  CHECK(close(client).status() == 200);
  CHECK_FALSE(client.get(path).text("closed_at").empty());
  CHECK(client.get("/v1/gates").items("data") == 0);
  CHECK(client.send("PATCH", path, R"({"price_sats":1})").error() == "404 not_found");
  CHECK(client.challenge().error() == "404 not_found");
  CHECK(client.post(path + "/challenge", R"({"path":"/reports/7"})").error() == "404 not_found");
  CHECK(status_of(client.visit_as({})) == 404);

  CHECK(client.authorize(credential).status() == 204);
  CHECK(client.challenge(l402(open, std::string(64, '0'))).text("invoice") == open.text("invoice"));
  const auto late = client.buy(open);
  client.pass(minutes(69));
  CHECK(client.authorize(late).status() == 204);
  client.pass(minutes(3));
  CHECK(client.get(path).error() == "404 not_found");
  CHECK(client.authorize(late).status() == 404);
  for (const auto& [key, entry] : client.store.rows()) {
    CHECK_MESSAGE((!key.contains("gate_finder/") && !key.contains("closed_gate/") && !key.contains("/due/gate/")), key);
  }
}

TEST_CASE("a deleted gate can be revoked, and lives as long as its longest pass") {
  GateClient client(R"({"price_sats":5,"match":{"method":"GET","path":"/*"},"mode":"pass","ttl_seconds":86400})");
  const auto credential = client.buy();
  client.change(R"({"ttl_seconds":60})");
  close(client);
  client.pass(hours(23));
  CHECK(client.authorize(credential).status() == 204);
  revoke(client);
  CHECK(client.authorize(credential).status() == 401);
  CHECK(client.get("/v1/gates/" + client.gate).status() == 200);
  client.pass(hours(2));
  CHECK(client.get("/v1/gates/" + client.gate).error() == "404 not_found");
}

TEST_CASE("deleted gates do not count to the maximum") {
  GateClient client;
  for (std::size_t i = 1; i < gates_max; ++i) {
    client.pass(seconds(1));
    REQUIRE(client.post("/v1/gates", one_report).status() == 201);
  }
  client.pass(seconds(1));
  CHECK(client.post("/v1/gates", one_report).error() == "403 limit_exceeded");
  close(client);
  CHECK(client.post("/v1/gates", one_report).status() == 201);
}

TEST_CASE("open challenges are limited per client and per gate, with Retry-After") {
  GateClient client;
  Reading last;
  for (int i = 0; i < 21; ++i) last = client.challenge();
  CHECK(last.error() == "429 rate_limit_exceeded");
  CHECK_FALSE(last.header("retry-after").empty());
  const auto from = [&client](const std::string& who) {
    return client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/reports/7","client":")" + who + "\"}");
  };
  CHECK(from("one").status() == 201);
  for (int made = 22; made <= 101; ++made) last = from("client " + std::to_string(made / 10));
  CHECK(last.error() == "429 rate_limit_exceeded");
  CHECK(client.store.count("/challenge/") == 200);  // with their due rows
  client.pass(minutes(11));
  CHECK(from("one").status() == 201);
}

TEST_CASE("a service's own calls are limited by its gate alone") {
  GateClient client;
  const auto path = "/v1/gates/" + client.gate;
  for (int i = 0; i < 50; ++i) CHECK(client.post(path + "/challenge", R"({"path":"/reports/7"})").status() == 201);
  for (int i = 0; i < 50; ++i) CHECK(client.post(path + "/verify", R"({"path":"/reports/7"})").number("status") == 402);
  CHECK(client.post(path + "/verify", R"({"path":"/reports/7"})").error() == "429 rate_limit_exceeded");
}

TEST_CASE("a client that pays is not limited: its challenges give their places back") {
  GateClient client;
  for (int bought = 0; bought < 600; ++bought) {
    const auto asked = client.challenge();
    REQUIRE_MESSAGE(asked.status() == 402, bought);
    REQUIRE(client.authorize(client.buy(asked)).status() == 204);
    client.pass(seconds(1));
  }
  // One that is left unpaid keeps its place.
  for (int i = 0; i < 20; ++i) CHECK(client.challenge().status() == 402);
  CHECK(client.challenge().status() == 429);
}

TEST_CASE("a pass limited by time gives its place back once, however often it is used") {
  constexpr const char* timed = R"({"price_sats":5,"match":{"method":"GET","path":"/*"},"mode":"pass","ttl_seconds":7200})";
  GateClient client(timed);
  const auto unpaid = [&client] {
    int made = 0;
    while (made < 30 && client.challenge().status() == 402) ++made;
    return made;
  };
  std::string pass;
  for (int bought = 0; bought < 60; ++bought) {
    const auto asked = client.challenge();
    REQUIRE_MESSAGE(asked.status() == 402, bought);
    // The terms of today say nothing about the invoice's expiry.
    if (bought == 30) client.change(R"({"ttl_seconds":60})");
    pass = client.buy(asked);
    REQUIRE(client.authorize(pass).status() == 204);
    client.pass(seconds(1));
  }
  CHECK(unpaid() == 20);
  for (int again = 0; again < 5; ++again) {
    client.pass(seconds(10));  // longer than an instance knows the credential
    CHECK(client.authorize(pass).status() == 204);
  }
  CHECK(client.challenge().status() == 429);
}

TEST_CASE("of IPv6 a /64 is one client, and a /48 has the places of ten") {
  GateClient client(R"({"price_sats":5,"match":{"method":"GET","path":"/*"}})");
  const auto from = [&client](const std::string& address) {
    return status_of(client.visit(client.gate, "GET", "/a", {}, address));
  };
  const auto made_by = [&](auto address) {
    int made = 0;
    for (int i = 0; i < 110 && from(address(i)) == 402; ++i) ++made;
    return made;
  };
  CHECK(made_by([](int i) { return "2001:db8:1:2::" + std::to_string(i); }) == 20);
  // 100 of the gate are fewer than 200 of a network here.
  CHECK(made_by([](int i) { return "2001:db8:1:" + std::to_string(i + 10) + "::1"; }) == 80);
}

TEST_CASE("a flood from many networks ends at the gate's limit, and a held challenge stays good") {
  GateClient client(R"({"price_sats":5,"match":{"method":"GET","path":"/*"}})");
  const auto open = client.challenge({}, "/a");
  int made = 1;
  for (int i = 0; i < 120; ++i) {
    const auto address = "2001:db8:" + std::to_string(i) + "::1";
    made += status_of(client.visit(client.gate, "GET", "/a", {}, address)) == 402 ? 1 : 0;
  }
  CHECK(made == 100);
  CHECK(client.challenge(l402(open, std::string(64, '0')), "/a").text("invoice") == open.text("invoice"));
  CHECK(client.authorize(client.buy(open), "/a").status() == 204);
  CHECK(status_of(client.visit(client.gate, "GET", "/a", {}, "198.51.100.7")) == 402);  // its place
  CHECK(status_of(client.visit(client.gate, "GET", "/a", {}, "198.51.100.7")) == 429);
}

TEST_CASE("a price that changes between challenge and payment applies to new challenges") {
  GateClient client;
  const auto open = client.challenge();
  client.change(R"({"price_sats":1000})");
  const auto held = client.challenge(l402(open, std::string(64, '0')));
  CHECK(held.status() == 401);
  CHECK(held.number("price_sats") == 1'000);
  CHECK(client.authorize(client.buy(open)).status() == 204);
}

TEST_CASE("verify returns the challenge to send when a credential does not pass") {
  GateClient client;
  const auto path = "/v1/gates/" + client.gate + "/verify";
  const auto refused = client.post(path, R"({"path":"/reports/7","client":"198.51.100.7"})");
  CHECK(refused.body().contains(R"("allowed":false)"));
  CHECK(refused.number("status") == 402);
  const auto offer = refused.text("challenge.www_authenticate.0");
  CHECK(offer.starts_with("L402 macaroon="));
  CHECK(refused.text("challenge.www_authenticate.1").starts_with("Payment id="));
  CHECK(refused.text("challenge.bolt11") == between(offer, "invoice=\"", '"'));
  const auto credential = "L402 " + between(offer, "token=\"", '"') + ":" + client.pay(refused.text("challenge.bolt11"));
  const auto passed = client.verify(credential);
  CHECK(passed.body().contains(R"("allowed":true)"));
  CHECK_FALSE(passed.body().contains("challenge"));
  const auto busy = client.verify(credential);
  CHECK(busy.number("status") == 409);
  CHECK_FALSE(busy.body().contains("challenge"));
  CHECK(client.verify("L402 " + between(offer, "token=\"", '"') + ":" + std::string(64, '0')).number("status") == 401);
}

}  // namespace lntpay::test::gate_life_test
