// Requests at a gate, from the first 402 to the last use: as a proxy asks, as a service asks, and as a host asks.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "core/gate/cache.hpp"
#include "tests/support/misfortune.hpp"
#include "tests/support/payment_answer.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test {
namespace {

constexpr const char* one_report = R"({"name":"reports","price_sats":21,"match":{"method":"GET","path":"/reports/*"}})";

std::string between(const std::string& text, const std::string& from, char to) {
  const auto at = text.find(from);
  if (at == std::string::npos) return {};
  return text.substr(at + from.size(), text.find(to, at + from.size()) - at - from.size());
}

/// Values of the WWW-Authenticate lines.
std::vector<std::string> offers(const Reading& answer) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : answer.response.headers) {
    if (name == "www-authenticate") lines.push_back(value);
  }
  return lines;
}

/// The answer to a challenge of the Payment scheme.
std::string payment_credential(const std::string& offer, const std::string& preimage) {
  const auto challenges = read_challenges(offer);
  REQUIRE(challenges.size() == 1);
  return payment_answer(challenges.front(), preimage);
}

struct Client : World {
  explicit Client(const char* gate_is = one_report) {
    bootstrap();
    const auto made = post("/v1/gates", gate_is);
    REQUIRE_MESSAGE(made.status() == 201, made.body());
    gate = made.text("id");
  }

  /// What the proxy asks about the client's request.
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

}  // namespace

TEST_CASE("no credential is 402 with one invoice in two schemes; paid, it opens one request, and is counted") {
  Client client;
  CHECK(client.authorize().status() == 401);
  CHECK(offers(client.authorize()).empty());
  CHECK(client.get("/v1/charges").items("data") == 0);  // an asker makes no invoice

  const auto asked = client.challenge();
  CHECK(asked.status() == 402);
  CHECK(asked.header("content-type") == "application/problem+json");
  CHECK(asked.header("cache-control") == "no-store");
  CHECK(asked.number("price_sats") == 21);
  const auto lines = offers(asked);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("L402 macaroon=\""));
  CHECK(lines[1].starts_with("Payment id=\""));
  const auto invoice = between(lines[0], "invoice=\"", '"');
  CHECK(invoice == asked.text("invoice"));
  CHECK(between(lines[0], "macaroon=\"", '"') == between(lines[0], "token=\"", '"'));
  CHECK(client.get("/v1/charges?external_id=" + client.gate).text("data.0.bolt11") == invoice);

  const auto credential = client.buy(asked);
  CHECK(client.get("/v1/balance").number("available_msat") == 21'000);
  const auto passed = client.authorize(credential);
  CHECK(passed.status() == 204);
  CHECK(passed.header("lntpay-redemption-id").starts_with("rdm_"));
  CHECK(passed.header("lntpay-reservation") == "1");
  CHECK_FALSE(passed.header("payment-receipt").empty());
  CHECK(client.events("gate.redeemed") == 1);

  CHECK(client.authorize(credential).status() == 401);
  const auto again = client.challenge(credential);
  CHECK(again.status() == 401);
  CHECK(again.text("detail").contains("exhausted"));
  CHECK(again.text("invoice") != invoice);  // that one is paid
  CHECK(client.events("gate.redeemed") == 1);
}

TEST_CASE("a proxy that hands our answer on gets the challenge at once") {
  Client client;
  const auto asked = client.ask("authorize?unpaid=402");
  CHECK(asked.status() == 402);
  CHECK(client.authorize(client.buy(asked)).status() == 204);
}

TEST_CASE("every form of one payment gives one use") {
  Client client;
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
  // Another token over the same invoice: from a client that showed to hold the first.
  const auto other = client.challenge("L402 " + token + ":" + std::string(64, '0'));
  CHECK(other.status() == 401);
  CHECK(other.text("payment_hash") != asked.text("payment_hash"));
}

TEST_CASE("whoever holds an unpaid challenge is offered it again, and nobody else") {
  Client client;
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

TEST_CASE("a credential opens what it was asked for: no other path, method, gate, or time") {
  Client client;
  const auto credential = client.buy();
  CHECK(client.authorize(credential, "/reports/8").status() == 401);
  CHECK(client.challenge(credential, "/reports/8").text("detail").contains("GET /reports/7"));
  const auto mine = client.gate;
  client.gate = client.post("/v1/gates", one_report).text("id");
  CHECK(client.authorize(credential).status() == 401);
  // A gate for any method: what was asked for with one opens no other.
  client.gate = client.post("/v1/gates", R"({"price_sats":5,"match":{"method":"*","path":"/*"}})").text("id");
  const Headers bought{{"authorization", client.buy()}};
  CHECK(client.visit(client.gate, "POST", "/reports/7", bought).response->status == 401);
  CHECK(client.visit(client.gate, "HEAD", "/reports/7", bought).response->status == 401);
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

TEST_CASE("a gate answers for what it guards, and a proxy has to say what that is") {
  Client client;
  CHECK(client.authorize({}, "/other").error() == "400 invalid_request");
  CHECK(client.authorize({}, "/reports/../other").error() == "400 invalid_request");
  const auto path = "/gate/" + client.gate + "/authorize";
  CHECK(client.request("GET", path).error() == "400 invalid_request");
  const Header method{"x-forwarded-method", "GET"};
  const Header uri{"x-original-uri", "/reports/7"};
  CHECK(client.request("GET", path, {}, {method, uri}).status() == 401);
  // A header of the client's own, which the proxy passed on beside the one that it sets.
  CHECK(client.request("GET", path, {}, {method, uri, {"x-forwarded-uri", "/free"}}).error() == "400 invalid_request");
  CHECK(client.request("GET", path, {}, {method, uri, {"x-original-uri", "/free"}}).error() == "400 invalid_request");
  CHECK(client.request("GET", "/gate/gate_Ab0123456789ABCDEFGHJKMNPQRS/authorize", {}, {method, uri}).error() == "404 not_found");
  CHECK(client.request("GET", "/gate/none/challenge", {}, {method, uri}).error() == "404 not_found");
}

TEST_CASE("two Authorization lines, a macaroon of 64 KiB and what is none are refused, and cost one challenge each at most") {
  Client client;
  const auto credential = client.buy();
  Headers two{{"x-forwarded-method", "GET"}, {"x-forwarded-uri", "/reports/7"}, {"authorization", credential}};
  two.push_back(two.back());
  CHECK(client.request("GET", "/gate/" + client.gate + "/authorize", {}, two).status() == 401);
  for (const auto& wrong : {std::string("L402 "), "L402 " + std::string(65'536, 'A') + ":" + std::string(64, '0'),
                            std::string("Payment e30"), "L402 " + between(credential, "L402 ", ':') + ":beef"}) {
    CHECK(client.authorize(wrong).status() == 401);
  }
  CHECK(client.get("/v1/charges").items("data") == 1);
  CHECK(client.authorize(credential).status() == 204);
}

TEST_CASE("a pass counts its uses, and one without a number only time") {
  Client client(R"({"price_sats":5,"match":{"method":"*","path":"/reports/*"},"mode":"pass","uses":3,"ttl_seconds":600})");
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
  CHECK(client.store.gets() == gets);  // the instance knows the gate, and nothing is counted
  client.store.down = true;
  CHECK(client.authorize(timed).status() == 204);
  client.now = client.now + gate_fresh_for;
  CHECK(client.authorize(timed).status() == 503);
  client.store.down = false;
  CHECK(client.authorize(timed).status() == 204);
  // What the instance knows is gone with a change: the sandbox's clock, and a revoke.
  client.post("/v1/sandbox/clock/advance", R"({"ms":660000})");
  CHECK(client.authorize(timed).status() == 401);
  const auto again = client.buy();
  CHECK(client.authorize(again).status() == 204);
  client.post("/v1/gates/" + client.gate + "/revoke");
  CHECK(client.authorize(again).status() == 401);
}

TEST_CASE("a service reserves a use, and commits or releases it") {
  Client client;
  const auto credential = client.buy();
  const auto first = client.verify(credential);
  CHECK(first.body().contains(R"("allowed":true)"));
  const auto id = first.text("redemption_id");
  const auto path = "/v1/redemptions/" + id;

  const auto busy = client.verify(credential);
  CHECK(busy.number("status") == 409);
  CHECK(client.authorize(credential).status() == 401);
  const auto told = client.challenge(credential);
  CHECK(told.status() == 409);
  CHECK(told.header("retry-after") == "120");
  CHECK(offers(told).empty());

  CHECK(client.post(path + "/release", R"({"reservation":1})").text("status") == "released");
  CHECK(client.events("gate.released") == 1);
  const auto second = client.verify(credential);
  CHECK(second.text("redemption_id") == id);  // the same use
  CHECK(second.number("reservation") == 2);
  CHECK(client.post(path + "/release", R"({"reservation":1})").text("status") == "reserved");  // of a reservation that is over

  // The lease ends, another is served, and the first is heard of late: it was served as well.
  client.pass(minutes(2));
  CHECK(client.verify(credential).number("reservation") == 3);
  CHECK(client.post(path + "/commit", R"({"reservation":2})").text("status") == "committed");
  CHECK(client.post(path + "/release", R"({"reservation":3})").text("status") == "committed");
  CHECK(client.post(path + "/commit", R"({"reservation":3})").text("status") == "committed");
  CHECK(client.events("gate.redeemed") == 1);
  CHECK(client.verify(credential).number("status") == 401);
  CHECK(client.post("/v1/gates/" + client.gate + "/verify", R"({"path":"/reports/7"})").number("status") == 402);
}

TEST_CASE("of an explicit gate a use that nobody speaks of is committed when its lease ends") {
  Client client(R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"commit":"explicit"})");
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

TEST_CASE("a host asks for a request of its own, and says afterwards whether it was served") {
  Client client;
  const auto refused = client.visit(client.gate, "GET", "/reports/7?x=1");
  CHECK_FALSE(refused.pass.has_value());
  REQUIRE(refused.response.has_value());
  CHECK(refused.response->status == 402);
  const Headers credential{{"authorization", client.buy(Reading{*refused.response})}};
  const auto ask = [&] { return client.visit(client.gate, "GET", "/reports/7?x=1", credential); };
  const auto redemption = [](const Outcome& outcome) { return Reading{outcome.response.value()}.header("lntpay-redemption-id"); };

  const auto first = ask();
  REQUIRE(first.pass.has_value());
  CHECK(*first.pass == redemption(first) + ".1");
  CHECK_FALSE(Reading{*first.response}.header("payment-receipt").empty());
  CHECK(ask().response->status == 409);
  client.redeemed(*first.pass, false);
  // The service did not answer, so the payer still has the use; then a host that dies in the middle costs nobody anything.
  const auto second = ask();
  CHECK(second.pass == redemption(first) + ".2");
  client.pass(minutes(2));
  const auto third = ask();
  CHECK(third.pass == redemption(first) + ".3");
  client.redeemed(*third.pass, true);
  client.redeemed(*second.pass, false);  // said late
  CHECK(ask().response->status == 401);
  CHECK(client.events("gate.redeemed") == 1);
  CHECK(client.events("gate.released") == 1);

  CHECK(client.visit("gate_Ab0123456789ABCDEFGHJKMNPQRS", "GET", "/reports/7").response->status == 404);
  CHECK(client.visit("", "GET", "/reports/7").response->status == 404);
  CHECK(client.visit(client.gate, "POST", "/reports/7").response->status == 400);
  client.redeemed("", true);
  client.redeemed("rdm_Ab0123456789ABCDEFGHJKMNPQRS.1", true);
  CHECK(client.log.size() == 1);
}

TEST_CASE("minting is limited for each client and for the gate, and a refused one says when to come again") {
  Client client;
  Reading last;
  for (int i = 0; i < 21; ++i) last = client.challenge();
  CHECK(last.error() == "429 rate_limit_exceeded");
  CHECK_FALSE(last.header("retry-after").empty());
  const auto from = [&client](int who) {
    const auto body = R"({"path":"/reports/7","client":"198.51.100.)" + std::to_string(who) + "\"}";
    return client.post("/v1/gates/" + client.gate + "/challenge", body);
  };
  CHECK(from(1).status() == 201);
  for (int made = 22; made <= 101; ++made) last = from(made / 10);
  CHECK(last.error() == "429 rate_limit_exceeded");
  CHECK(client.store.count("/charge/ch_") == 100);
}

TEST_CASE("another workspace's gate and redemption are not found by a key") {
  Client client;
  const auto credential = client.buy();
  const auto id = client.verify(credential).text("redemption_id");
  const auto gate = client.gate;
  client.bootstrap();
  CHECK(client.post("/v1/redemptions/" + id + "/commit", R"({"reservation":1})").error() == "404 not_found");
  CHECK(client.post("/v1/gates/" + gate + "/verify", R"({"path":"/reports/7"})").error() == "404 not_found");
  CHECK(client.post("/v1/gates/" + gate + "/challenge", R"({"path":"/reports/7"})").error() == "404 not_found");
  CHECK(client.authorize(credential).status() == 401);
}

TEST_CASE("what was sold stays what was sold, whatever the gate sells afterwards") {
  constexpr const char* five = R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","uses":5})";
  constexpr const char* timed = R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"mode":"pass"})";
  const auto opens = [](Client& client, const std::string& credential) {
    std::size_t opened = 0;
    while (opened < 10 && client.authorize(credential).status() == 204) ++opened;
    return opened;
  };
  SUBCASE("more uses are for new payers") {
    Client client(five);
    const auto credential = client.buy();
    CHECK(opens(client, credential) == 5);
    client.change(R"({"uses":1000,"price_sats":1000})");
    CHECK(opens(client, credential) == 0);
    CHECK(opens(client, client.buy()) == 10);
  }
  SUBCASE("fewer uses are for new payers") {
    Client client(five);
    const auto credential = client.buy();
    CHECK(client.authorize(credential).status() == 204);
    client.change(R"({"uses":1})");
    CHECK(opens(client, credential) == 4);
    CHECK(opens(client, client.buy()) == 1);
  }
  SUBCASE("a pass that was limited by time alone stays so") {
    Client client(timed);
    const auto credential = client.buy();
    client.change(R"({"uses":1})");
    CHECK(opens(client, credential) == 10);
  }
  SUBCASE("so does a pass whose gate now sells single requests") {
    Client client(five);
    const auto credential = client.buy();
    client.change(R"({"mode":"per_request"})");
    CHECK(opens(client, credential) == 5);
  }
}

TEST_CASE("a use that was reserved while the gate committed by itself is open again after its lease, whatever the gate does then") {
  Client client;
  const auto credential = client.buy();
  CHECK(client.verify(credential).status() == 200);
  client.change(R"({"commit":"explicit"})");
  client.pass(minutes(3));
  CHECK(client.verify(credential).status() == 200);
  CHECK(client.events("gate.redeemed") == 0);
}

TEST_CASE("whenever the process dies while a use is claimed, the payer gets it, and gets it once") {
  const auto deaths = dies_at_every_effect([](World& dead, const auto& mortal) {
    const auto gate = dead.post("/v1/gates", one_report).text("id");
    const auto challenge = dead.post("/v1/gates/" + gate + "/challenge", R"({"path":"/reports/7"})");
    const auto offer = challenge.text("www_authenticate.0");
    const auto paid = dead.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + challenge.text("charge.bolt11") + "\"}");
    const auto body =
        R"({"path":"/reports/7","authorization":"L402 )" + between(offer, "token=\"", '"') + ":" + paid.text("preimage") + "\"}";
    const auto verify = [&] { return dead.post("/v1/gates/" + gate + "/verify", body, {{"idempotency-key", "v1"}}); };
    Reading first;
    mortal([&] { first = verify(); });
    dead.pass(minutes(2));
    const auto repeated = verify();
    CHECK_MESSAGE(repeated.body().contains(R"("allowed":true)"), repeated.body());
    if (first.status() == 200) CHECK(first.body() == repeated.body());
    const auto id = repeated.text("redemption_id");
    const auto reservation = R"({"reservation":)" + std::to_string(repeated.number("reservation")) + "}";
    CHECK(dead.post("/v1/redemptions/" + id + "/commit", reservation).text("status") == "committed");
    CHECK(dead.post("/v1/gates/" + gate + "/verify", body).number("status") == 401);
    CHECK(dead.get("/v1/events?types=gate.redeemed").items("data") == 1);
  });
  CHECK(deaths >= 8);
}

TEST_CASE("a pass that was found good is looked at no less closely the next time") {
  Client world(R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","ttl_seconds":3600})");
  const auto credential = world.buy();
  for (int times = 0; times < 3; ++times) CHECK(world.authorize(credential).status() == 204);
  CHECK(world.authorize(credential, "/reports/../secret").status() == 400);
  auto changed = credential;
  changed.back() = changed.back() == '0' ? '1' : '0';
  CHECK(world.authorize(changed).status() == 401);
  world.post("/v1/gates/" + world.gate + "/revoke");
  CHECK(world.authorize(credential).status() == 401);
  Client other(R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","ttl_seconds":3600})");
  const auto short_lived = other.buy();
  CHECK(other.authorize(short_lived).status() == 204);
  other.post("/v1/sandbox/clock/advance", R"({"ms":4260000})");
  CHECK(other.authorize(short_lived).status() == 401);
}

namespace {

/// A browser behind the proxy: it asks for a page, and keeps cookies.
struct Browser : Client {
  using Client::Client;

  Reading open(const std::string& what, const std::string& path = "/reports/7", Headers more = {}) {
    Headers headers{{"x-forwarded-method", "GET"}, {"x-forwarded-uri", path}, {"accept", "text/html,*/*;q=0.8"}};
    headers.push_back({"cookie", cookie_line()});
    headers.insert(headers.end(), more.begin(), more.end());
    auto answer = request("GET", "/gate/" + gate + "/" + what, {}, std::move(headers));
    for (const auto& [name, value] : answer.response.headers) {
      if (name != "set-cookie") continue;
      const auto equals = value.find('=');
      const auto key = value.substr(0, equals);
      jar[key] = value.substr(equals + 1, value.find(';') - equals - 1);
      if (value.contains("; Max-Age=0")) jar.erase(key);
    }
    return answer;
  }
  [[nodiscard]] std::string cookie_line() const {
    std::string line = "other=1";
    for (const auto& [name, value] : jar) line.append("; ").append(name).append("=").append(value);
    return line;
  }
  [[nodiscard]] static std::string invoice(const Reading& page) { return between(page.body(), "href=\"lightning:", '"'); }
  void pay_page(const Reading& page) { pay(invoice(page)); }

  std::map<std::string, std::string> jar;
};

}  // namespace

TEST_CASE("a browser gets the page to pay on, and is let in by its cookie, once, when that is paid") {
  Browser world;
  const auto page = world.open("challenge");
  CHECK(page.status() == 402);
  CHECK(page.header("content-type") == "text/html; charset=utf-8");
  CHECK(page.body().contains("<h1>21 <small>sats</small></h1>"));
  CHECK(page.header("content-security-policy").contains("connect-src 'self' http://127.0.0.1:8402;"));
  CHECK(offers(page).size() == 2);
  const auto set = page.header("set-cookie");
  CHECK(set.contains("; Path=/reports/7; Max-Age=4200; HttpOnly; SameSite=Lax"));
  CHECK(world.open("authorize").status() == 401);
  // It shows to hold the challenge, and is offered the same invoice.
  CHECK(between(world.open("challenge").body(), "lightning:", '"') == between(page.body(), "lightning:", '"'));
  world.pay_page(page);
  const auto passed = world.open("authorize");
  CHECK(passed.status() == 204);
  CHECK_FALSE(passed.header("lntpay-redemption-id").empty());
  CHECK(world.open("authorize").status() == 401);
  CHECK(world.events("gate.redeemed") == 1);
}

TEST_CASE("a browser's cookie opens what was paid for, unchanged, and as long as the gate stands by it") {
  Browser world;
  const auto page = world.open("challenge");
  world.pay_page(page);
  const auto good = *world.jar.begin();
  CHECK(world.open("authorize", "/reports/8").status() == 401);
  std::vector<std::string> forgeries{good.second.substr(0, good.second.find('.')), good.second.substr(0, good.second.find('.') + 1),
                                     "", "x"};
  for (std::size_t i = 0; i < good.second.size(); i += 7) {
    forgeries.push_back(good.second);
    forgeries.back()[i] = good.second[i] == 'A' ? 'B' : 'A';
  }
  // Whoever saw the challenge has its token, and no cookie.
  forgeries.push_back(between(offers(page).front(), "token=\"", '"') + good.second.substr(good.second.find('.')));
  for (const auto& forged : forgeries) {
    world.jar = {{good.first, forged}};
    CHECK(world.open("authorize").status() == 401);
  }
  world.jar = {good};
  world.post("/v1/gates/" + world.gate + "/revoke");
  CHECK(world.open("authorize").status() == 401);
}

TEST_CASE("a token that somebody saw buys no cookie, and no invoice for another resource") {
  Browser victim;
  const auto page = victim.open("challenge");
  const auto token = between(offers(page).front(), "token=\"", '"');
  const auto held = victim.jar;
  victim.jar.clear();
  const Headers stolen{{"authorization", "L402 " + token + ":" + std::string(64, '0')}};
  const auto thief = victim.open("challenge", "/reports/7", stolen);
  CHECK(thief.status() == 401);
  CHECK(thief.header("content-type") == "application/problem+json");
  CHECK(victim.jar.empty());
  const auto elsewhere = victim.open("challenge", "/reports/8", stolen);
  CHECK(elsewhere.text("invoice") != Browser::invoice(page));
  victim.jar = held;
  victim.pay_page(page);
  CHECK(victim.open("authorize").status() == 204);
}

TEST_CASE("a browser that holds several invoices is let in by the one that it paid, also at its last second") {
  Browser world;
  const auto first = world.open("challenge");
  world.pass(seconds(595));
  CHECK(Browser::invoice(world.open("challenge")) == Browser::invoice(first));
  world.pass(seconds(10));  // the node has canceled it
  const auto second = world.open("challenge");
  CHECK(Browser::invoice(second) != Browser::invoice(first));
  CHECK(world.jar.size() == 1);
  const auto other = world.open("challenge", "/reports/8");
  CHECK(world.jar.size() == 2);
  world.pay_page(second);
  CHECK(world.open("authorize").status() == 204);
  CHECK(world.open("authorize", "/reports/8").status() == 401);
  CHECK(world.open("challenge").status() == 401);  // used up: its cookie goes
  CHECK(world.jar.size() == 2);
  world.pay_page(other);
  CHECK(world.open("authorize", "/reports/8").status() == 204);
}

TEST_CASE("a browser's cookie is Secure where the proxy says https") {
  Browser world;
  CHECK_FALSE(world.open("challenge").header("set-cookie").contains("Secure"));
  CHECK(world.open("challenge", "/reports/7", {{"x-forwarded-proto", "https"}}).header("set-cookie").ends_with("; Secure"));
}

TEST_CASE("a browser's pass is one cookie for all that it opens, until its time is over") {
  Browser world(R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","ttl_seconds":3600})");
  const auto page = world.open("challenge");
  CHECK(page.header("set-cookie").contains("; Path=/reports; Max-Age=4200;"));
  world.pay_page(page);
  CHECK(world.open("authorize").status() == 204);
  CHECK(world.open("authorize", "/reports/8").status() == 204);
  world.pass(minutes(71));
  CHECK(world.open("authorize").status() == 401);
}

TEST_CASE("money that came too little lets no browser in, and it is told so once; programs get no page") {
  Browser world;
  world.open("challenge");
  const auto id = world.get("/v1/charges").text("data.0.id");
  world.post("/v1/sandbox/faults", R"({"faults":["settles_short"]})");
  world.post("/v1/sandbox/charges/" + id + "/pay", "{}");
  CHECK(world.get("/v1/charges/" + id).text("status") == "underpaid");
  CHECK(world.open("authorize").status() == 401);
  const auto told = world.open("challenge");
  CHECK(told.status() == 402);
  CHECK(told.body().contains("<h1>Paid in part</h1>"));
  CHECK(offers(told).empty());
  CHECK(world.open("challenge").body().contains("<h1>21 <small>sats</small></h1>"));
  CHECK(world.challenge().header("content-type") == "application/problem+json");
  CHECK(world.challenge().header("set-cookie").empty());
}

TEST_CASE("a browser that has to wait is shown a page which comes again by itself; programs get JSON") {
  Browser world;
  const auto page = world.open("challenge");
  world.pay_page(page);
  const auto reserved = world.visit(world.gate, "GET", "/reports/7", {{"cookie", world.cookie_line()}});
  REQUIRE(reserved.pass.has_value());
  const auto busy = world.open("challenge");
  CHECK(busy.status() == 409);
  CHECK(busy.body().contains("is being served"));
  CHECK(busy.header("retry-after") == "120");

  const auto visit_anew = [&] {
    world.jar.clear();
    return world.open("challenge");
  };
  auto too_many = visit_anew();
  for (int visits = 0; visits < 30 && too_many.status() == 402; ++visits) too_many = visit_anew();
  CHECK(too_many.status() == 429);
  CHECK(too_many.header("content-type") == "text/html; charset=utf-8");
  const auto seconds = too_many.header("retry-after");
  CHECK(too_many.body().contains("http-equiv=\"refresh\" content=\"" + seconds + "\""));
  CHECK_FALSE(too_many.header("content-security-policy").empty());
  const auto program = world.ask("challenge");
  CHECK(program.status() == 429);
  CHECK(program.header("content-type") == "application/json");
}

}  // namespace lntpay::test
