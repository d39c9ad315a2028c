// Requests at a gate, from the first 402 to the last use: checked for a proxy, for a service and for a host.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/gate/cache.hpp"
#include "tests/support/faults_at_every_effect.hpp"
#include "tests/support/gate_client.hpp"

namespace lntpay::test::gate_visits_test {

TEST_CASE("a 402 offers one invoice in two schemes; paid, it opens one request") {
  GateClient client;
  CHECK(client.authorize().status() == 401);
  CHECK(offers(client.authorize()).empty());
  CHECK(client.get("/v1/charges").items("data") == 0);  // authorize makes no invoice

  const auto asked = client.challenge();
  CHECK(asked.status() == 402);
  CHECK(asked.header("content-type") == "application/problem+json");
  CHECK(asked.header("cache-control") == "no-store");
  CHECK(asked.number("price_sats") == 21);
  CHECK(asked.text("code") == "payment_required");
  CHECK(asked.text("request_id") == asked.header("request-id"));
  const auto lines = offers(asked);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("L402 macaroon=\""));
  CHECK(lines[1].starts_with("Payment id=\""));
  const auto invoice = between(lines[0], "invoice=\"", '"');
  CHECK(invoice == asked.text("invoice"));
  CHECK(between(lines[0], "macaroon=\"", '"') == between(lines[0], "token=\"", '"'));
  CHECK(client.get("/v1/charges?external_id=" + client.gate).items("data") == 0);  // not before it is paid

  const auto credential = client.buy(asked);
  CHECK(client.get("/v1/charges?external_id=" + client.gate).text("data.0.bolt11") == invoice);
  CHECK(client.get("/v1/balance").number("available_msat") == 21'000);
  const auto passed = client.authorize(credential);
  CHECK(passed.status() == 204);
  CHECK(passed.header("lntpay-redemption-id").starts_with("rdm_"));
  CHECK(passed.header("lntpay-reservation") == "1");
  CHECK_FALSE(passed.header("payment-receipt").empty());
  CHECK(client.events("gate.redeemed") == 1);

  CHECK(client.authorize(credential).status() == 401);
  const auto again = client.challenge(credential);
  CHECK(again.status() == 402);
  CHECK(again.text("detail").contains("exhausted"));
  CHECK(again.text("invoice") != invoice);  // that one is paid
  CHECK(client.events("gate.redeemed") == 1);
}

TEST_CASE("a proxy that forwards the response gets the challenge at once") {
  GateClient client;
  const auto asked = client.ask("authorize?unpaid=402");
  CHECK(asked.status() == 402);
  CHECK(client.authorize(client.buy(asked)).status() == 204);
}

TEST_CASE("every form of one payment gives one use") {
  GateClient client;
  const auto both = client.challenge();
  const auto proof = client.pay(both.text("invoice"));
  const auto macaroon = "L402 " + between(offers(both)[0], "token=\"", '"') + ":" + proof;
  CHECK(client.authorize(payment_credential(offers(both)[1], proof)).status() == 204);
  CHECK(client.authorize(macaroon).status() == 401);
  CHECK(client.authorize(payment_credential(offers(both)[1], proof)).status() == 401);

  const auto asked = client.challenge();
  const auto preimage = client.pay(asked.text("invoice"));
  const auto token = between(offers(asked)[0], "token=\"", '"');
  CHECK(client.authorize("LSAT " + token + ":" + preimage).status() == 204);
  for (const std::string form : {"L402 ", "lsat ", "L402 L402 "})
    CHECK(client.authorize(form + token + ":" + preimage).status() == 401);
  // Another token for the same invoice: the client presented the first one.
  const auto other = client.challenge("L402 " + token + ":" + std::string(64, '0'));
  CHECK(other.status() == 401);
  CHECK(other.text("payment_hash") != asked.text("payment_hash"));
}

TEST_CASE("only the holder of an unpaid challenge is offered it again") {
  GateClient client;
  const auto asked = client.challenge();
  const auto held = "L402 " + between(offers(asked)[0], "token=\"", '"') + ":" + std::string(64, '0');
  const auto again = client.challenge(held);
  CHECK(again.status() == 401);
  CHECK(again.text("invoice") == asked.text("invoice"));
  CHECK(client.challenge().text("invoice") != asked.text("invoice"));
  CHECK(client.authorize(client.buy(again)).status() == 204);

  const auto late = client.challenge();
  client.pass(seconds(541));
  const auto fresh = client.challenge("L402 " + between(offers(late)[0], "token=\"", '"') + ":" + std::string(64, '0'));
  CHECK(fresh.text("invoice") != late.text("invoice"));
}

TEST_CASE("a credential is bound to its path, method, gate and time") {
  GateClient client;
  const auto credential = client.buy();
  CHECK(client.authorize(credential, "/reports/8").status() == 401);
  CHECK(client.challenge(credential, "/reports/8").text("detail").contains("GET /reports/7"));
  const auto mine = client.gate;
  client.gate = client.post("/v1/gates", one_report).text("id");
  CHECK(client.authorize(credential).status() == 401);
  // A gate for any method: a credential is bound to the method of its challenge.
  client.gate = client.post("/v1/gates", R"({"price_sats":5,"match":{"method":"*","path":"/*"}})").text("id");
  const Headers bought{{"authorization", client.buy()}};
  CHECK(status_of(client.visit(client.gate, "POST", "/reports/7", bought)) == 402);
  CHECK(client.visit(client.gate, "GET", "/reports/7", bought).pass.has_value());
  client.gate = mine;
  CHECK(client.authorize(credential).status() == 204);

  const auto old = client.buy();
  client.pass(minutes(70));
  CHECK(client.authorize(old).status() == 401);
  CHECK(client.challenge(old).text("detail").contains("expired"));

  const auto revoked = client.buy();
  client.post("/v1/gates/" + client.gate + "/revoke");
  CHECK(client.authorize(revoked).status() == 401);
}

TEST_CASE("a gate decides only on requests that it guards") {
  GateClient client;
  for (const auto* outside : {"/other", "/reports/../other", "/reports//7", "/reports/%37"}) {
    CHECK(client.ask("authorize?unpaid=402", {}, outside).error() == "400 invalid_request");
    // nginx would turn a 400 into 500; after a 401 it asks for the client's response.
    CHECK(client.authorize({}, outside).status() == 401);
    CHECK(client.challenge({}, outside).error() == "400 invalid_request");
  }
  const auto path = "/gate/" + client.gate + "/authorize?unpaid=402";
  CHECK(client.request("GET", path).error() == "400 invalid_request");
  const Header method{"x-forwarded-method", "GET"};
  const Header uri{"x-original-uri", "/reports/7"};
  CHECK(client.request("GET", path, {}, {method, uri}).status() == 402);
  // A header of the client, which the proxy forwarded beside the one that it sets.
  CHECK(client.request("GET", path, {}, {method, uri, {"x-forwarded-uri", "/free"}}).error() == "400 invalid_request");
  CHECK(client.request("GET", path, {}, {method, uri, {"x-original-uri", "/free"}}).error() == "400 invalid_request");
  CHECK(client.request("GET", "/gate/gate_Ab0123456789ABCDEFGHJKMNPQRS/authorize", {}, {method, uri}).error() == "404 not_found");
  CHECK(client.request("GET", "/gate/none/challenge", {}, {method, uri}).error() == "404 not_found");
}

TEST_CASE("malformed credentials are refused and cost at most one challenge each") {
  GateClient client;
  const auto credential = client.buy();
  for (const auto& wrong : {std::string("L402 "), "L402 " + std::string(65'536, 'A') + ":" + std::string(64, '0'),
                            std::string("Payment e30"), "L402 " + between(credential, "L402 ", ':') + ":beef"}) {
    CHECK(client.authorize(wrong).status() == 401);
  }
  CHECK(client.get("/v1/charges").items("data") == 1);
  CHECK(client.authorize(credential).status() == 204);
}

TEST_CASE("a pass counts its uses; an unlimited pass is bound by time only") {
  GateClient client(R"({"price_sats":5,"match":{"method":"*","path":"/reports/*"},"mode":"pass","uses":3,"ttl_seconds":600})");
  const auto three = client.buy();
  for (int i = 0; i < 3; ++i) CHECK(client.authorize(three, "/reports/" + std::to_string(i)).status() == 204);
  CHECK(client.authorize(three).status() == 401);
  CHECK(client.events("gate.redeemed") == 3);

  client.gate =
      client.post("/v1/gates", R"({"price_sats":5,"match":{"method":"*","path":"/*"},"mode":"pass","ttl_seconds":60})").text("id");
  const auto timed = client.buy();
  const auto before = client.store.durable();
  for (int i = 0; i < 5; ++i) {
    const auto passed = client.authorize(timed);
    CHECK(passed.status() == 204);
    CHECK(passed.header("lntpay-redemption-id").empty());
  }
  CHECK(client.store.durable() == before);
  const auto gets = client.store.gets();
  CHECK(client.authorize(timed).status() == 204);
  CHECK(client.store.gets() == gets);  // the gate is cached, and nothing is counted
  client.store.down = true;
  CHECK(client.authorize(timed).status() == 204);
  client.now = client.now + gate_fresh_for;
  CHECK(client.authorize(timed).status() == 503);
  client.store.down = false;
  CHECK(client.authorize(timed).status() == 204);
  // The cache is dropped by a change: of the sandbox's clock, and by a revoke.
  client.post("/v1/sandbox/clock/advance", R"({"ms":660000})");
  CHECK(client.authorize(timed).status() == 401);
  const auto again = client.buy();
  CHECK(client.authorize(again).status() == 204);
  client.post("/v1/gates/" + client.gate + "/revoke");
  CHECK(client.authorize(again).status() == 401);
}

TEST_CASE("a service reserves a use, and commits or releases it") {
  GateClient client;
  const auto credential = client.buy();
  const auto first = client.verify(credential);
  CHECK(first.body().contains(R"("allowed":true)"));
  const auto id = first.text("redemption_id");
  const auto path = "/v1/redemptions/" + id;

  const auto busy = client.verify(credential);
  CHECK(busy.number("status") == 409);
  CHECK(client.authorize(credential).status() == 401);
  const auto refused = client.challenge(credential);
  CHECK(refused.status() == 409);
  CHECK(refused.header("retry-after") == "120");
  CHECK(offers(refused).empty());

  CHECK(client.post(path + "/release", R"({"reservation":1})").text("status") == "released");
  CHECK(client.events("gate.released") == 1);
  const auto second = client.verify(credential);
  CHECK(second.text("redemption_id") == id);  // the same use
  CHECK(second.number("reservation") == 2);
  CHECK(client.post(path + "/release", R"({"reservation":1})").text("status") == "reserved");  // an expired reservation

  // The lease expires, another request is served, and the first is reported late: it was served as well.
  client.pass(minutes(2));
  CHECK(client.verify(credential).number("reservation") == 3);
  CHECK(client.post(path + "/commit", R"({"reservation":2})").text("status") == "committed");
  CHECK(client.post(path + "/release", R"({"reservation":3})").text("status") == "committed");
  CHECK(client.post(path + "/commit", R"({"reservation":3})").text("status") == "committed");
  CHECK(client.events("gate.redeemed") == 1);
  CHECK(client.verify(credential).number("status") == 402);
}

TEST_CASE("an explicit gate commits a reserved use when its lease expires") {
  GateClient client(R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"commit":"explicit"})");
  const auto credential = client.buy();
  const auto passed = client.authorize(credential);
  CHECK(passed.status() == 204);
  CHECK(client.events("gate.redeemed") == 0);
  const auto id = passed.header("lntpay-redemption-id");
  CHECK(client.post("/v1/redemptions/" + id + "/release", R"({"reservation":1})").text("status") == "released");
  CHECK(client.authorize(credential).status() == 204);
  client.pass(minutes(2));
  CHECK(client.authorize(credential).status() == 401);
  CHECK(client.post("/v1/redemptions/" + id + "/release", R"({"reservation":2})").text("status") == "committed");
  CHECK(client.events("gate.redeemed") == 1);
}

TEST_CASE("a host checks a request and reports the response of the service") {
  GateClient client;
  const auto refused = client.visit(client.gate, "GET", "/reports/7?x=1");
  CHECK_FALSE(refused.pass.has_value());
  REQUIRE(refused.response.has_value());
  CHECK(status_of(refused) == 402);
  const Headers credential{{"authorization", client.buy(Reading{*refused.response})}};
  const auto ask = [&] { return client.visit(client.gate, "GET", "/reports/7?x=1", credential); };
  const auto redemption = [](const Outcome& outcome) { return value_of(outcome.pass.value().add, "lntpay-redemption-id"); };

  const auto first = ask();
  REQUIRE(first.pass.has_value());
  CHECK(first.pass->redemption.starts_with(redemption(first) + ".1 "));
  CHECK(value_of(first.pass->respond, "payment-receipt").empty());  // nothing is committed yet
  CHECK(status_of(ask()) == 409);
  CHECK(client.redeemed(first, 0).response->headers.empty());
  // The service did not answer, so the payer keeps the use; so does a crash of the host.
  const auto second = ask();
  CHECK(second.pass->redemption.starts_with(redemption(first) + ".2 "));
  client.pass(minutes(2));
  const auto third = ask();
  CHECK(third.pass->redemption.starts_with(redemption(first) + ".3 "));
  CHECK_FALSE(value_of(client.redeemed(third, 200).response->headers, "payment-receipt").empty());
  client.redeemed(second, 500);  // reported late
  CHECK(status_of(ask()) == 402);
  CHECK(client.events("gate.redeemed") == 1);
  CHECK(client.events("gate.released") == 1);

  CHECK(status_of(client.visit("gate_Ab0123456789ABCDEFGHJKMNPQRS", "GET", "/reports/7")) == 404);
  CHECK(status_of(client.visit("", "GET", "/reports/7")) == 404);
  CHECK(status_of(client.visit(client.gate, "POST", "/reports/7")) == 400);
  CHECK(status_of(client.redeemed({}, 200)) == 204);
  Outcome unknown;
  unknown.pass = Passage{.redemption = "rdm_Ab0123456789ABCDEFGHJKMNPQRS.1", .remove = {}, .add = {}, .respond = {}, .cors = {}};
  CHECK(status_of(client.redeemed(unknown, 200)) == 404);
  CHECK(client.log.size() == 1);
}

TEST_CASE("a key does not find another workspace's gate or redemption") {
  GateClient client;
  const auto credential = client.buy();
  const auto id = client.verify(credential).text("redemption_id");
  const auto gate = client.gate;
  client.bootstrap();
  CHECK(client.post("/v1/redemptions/" + id + "/commit", R"({"reservation":1})").error() == "404 not_found");
  CHECK(client.post("/v1/gates/" + gate + "/verify", R"({"path":"/reports/7"})").error() == "404 not_found");
  CHECK(client.post("/v1/gates/" + gate + "/challenge", R"({"path":"/reports/7"})").error() == "404 not_found");
  CHECK(client.authorize(credential).status() == 401);
}

TEST_CASE("a change of the gate leaves the terms of paid credentials alone") {
  constexpr const char* five = R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","uses":5})";
  constexpr const char* timed = R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"mode":"pass"})";
  const auto opens = [](GateClient& client, const std::string& credential) {
    std::size_t opened = 0;
    while (opened < 10 && client.authorize(credential).status() == 204) ++opened;
    return opened;
  };
  SUBCASE("more uses apply to new payers only") {
    GateClient client(five);
    const auto credential = client.buy();
    CHECK(opens(client, credential) == 5);
    client.change(R"({"uses":1000,"price_sats":1000})");
    CHECK(opens(client, credential) == 0);
    CHECK(opens(client, client.buy()) == 10);
  }
  SUBCASE("fewer uses apply to new payers only") {
    GateClient client(five);
    const auto credential = client.buy();
    CHECK(client.authorize(credential).status() == 204);
    client.change(R"({"uses":1})");
    CHECK(opens(client, credential) == 4);
    CHECK(opens(client, client.buy()) == 1);
  }
  SUBCASE("an unlimited pass stays unlimited") {
    GateClient client(timed);
    const auto credential = client.buy();
    client.change(R"({"uses":1})");
    CHECK(opens(client, credential) == 10);
  }
  SUBCASE("a pass stays valid when its gate sells single requests") {
    GateClient client(five);
    const auto credential = client.buy();
    client.change(R"({"mode":"per_request"})");
    CHECK(opens(client, credential) == 5);
  }
}

TEST_CASE("a use reserved at an at_once gate is open again after its lease") {
  GateClient client;
  const auto credential = client.buy();
  CHECK(client.verify(credential).status() == 200);
  client.change(R"({"commit":"explicit"})");
  client.pass(minutes(3));
  CHECK(client.verify(credential).status() == 200);
  CHECK(client.events("gate.redeemed") == 0);
}

TEST_CASE("a crash while a use is claimed neither loses nor doubles the use") {
  const auto deaths = crashes_at_every_effect([](World& dead, const auto& crashing) {
    const auto gate = dead.post("/v1/gates", one_report).text("id");
    const auto challenge = dead.post("/v1/gates/" + gate + "/challenge", R"({"path":"/reports/7"})");
    const auto offer = challenge.text("www_authenticate.0");
    const auto paid = dead.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + challenge.text("bolt11") + "\"}");
    const auto body =
        R"({"path":"/reports/7","authorization":"L402 )" + between(offer, "token=\"", '"') + ":" + paid.text("preimage") + "\"}";
    const auto verify = [&] { return dead.post("/v1/gates/" + gate + "/verify", body, {{"idempotency-key", "v1"}}); };
    Reading first;
    crashing([&] { first = verify(); });
    dead.pass(minutes(2));
    const auto repeated = verify();
    CHECK_MESSAGE(repeated.body().contains(R"("allowed":true)"), repeated.body());
    if (first.status() == 200) CHECK(first.body() == repeated.body());
    const auto id = repeated.text("redemption_id");
    const auto reservation = R"({"reservation":)" + std::to_string(repeated.number("reservation")) + "}";
    CHECK(dead.post("/v1/redemptions/" + id + "/commit", reservation).text("status") == "committed");
    CHECK(dead.post("/v1/gates/" + gate + "/verify", body).number("status") == 402);
    CHECK(dead.get("/v1/events?types=gate.redeemed").items("data") == 1);
  });
  CHECK(deaths >= 8);
}

TEST_CASE("a cached credential is verified as strictly as a new one") {
  GateClient world(R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","ttl_seconds":3600})");
  const auto credential = world.buy();
  for (int times = 0; times < 3; ++times) CHECK(world.authorize(credential).status() == 204);
  CHECK(world.ask("authorize?unpaid=402", credential, "/reports/../secret").status() == 400);
  auto changed = credential;
  changed.back() = changed.back() == '0' ? '1' : '0';
  CHECK(world.authorize(changed).status() == 401);
  world.post("/v1/gates/" + world.gate + "/revoke");
  CHECK(world.authorize(credential).status() == 401);
  GateClient other(R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","ttl_seconds":3600})");
  const auto short_lived = other.buy();
  CHECK(other.authorize(short_lived).status() == 204);
  other.post("/v1/sandbox/clock/advance", R"({"ms":4260000})");
  CHECK(other.authorize(short_lived).status() == 401);
}

}  // namespace lntpay::test::gate_visits_test
