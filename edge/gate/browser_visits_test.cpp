// Browsers at a gate: the checkout page in place of the 402, and the cookie that admits a browser once it has paid.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/support/gate_client.hpp"

namespace lntpay::test::browser_visits_test {
namespace {

/// A browser behind the proxy: it accepts HTML and keeps cookies.
struct Browser : GateClient {
  using GateClient::GateClient;

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

TEST_CASE("a browser gets the checkout page, and its cookie admits it once paid") {
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
  // Its cookie proves that it holds the challenge, so it is offered the same invoice.
  CHECK(between(world.open("challenge").body(), "lightning:", '"') == between(page.body(), "lightning:", '"'));
  world.pay_page(page);
  const auto passed = world.open("authorize");
  CHECK(passed.status() == 204);
  CHECK_FALSE(passed.header("lntpay-redemption-id").empty());
  CHECK(world.open("authorize").status() == 401);
  CHECK(world.events("gate.redeemed") == 1);
}

TEST_CASE("a browser's page names the requested resource and the payee, in the browser's language") {
  Browser world(R"({"price_sats":21,"match":{"method":"*","path":"/*"}})");
  const auto json = [](const std::string& key) {
    return Headers{{"authorization", "Bearer " + key}, {"content-type", "application/json"}};
  };
  world.request("PATCH", "/v1/workspace", R"({"display_name":"Reports Ltd"})", json(world.test_key));
  const auto page = world.open("challenge", "/reports/7", {{"accept-language", "fr"}});
  CHECK(page.body().contains("<p>GET /reports/7</p>"));
  CHECK(page.body().contains("<b>Reports Ltd</b>"));
  CHECK(page.body().contains("En attente du paiement"));
  CHECK(page.header("vary").contains("Accept-Language"));
  CHECK_FALSE(page.body().contains("* /*"));
}

TEST_CASE("a browser's cookie opens only its resource, until the gate revokes it") {
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
  // The challenge reveals its token, but no cookie.
  forgeries.push_back(between(offers(page).front(), "token=\"", '"') + good.second.substr(good.second.find('.')));
  for (const auto& forged : forgeries) {
    world.jar = {{good.first, forged}};
    CHECK(world.open("authorize").status() == 401);
  }
  world.jar = {good};
  world.post("/v1/gates/" + world.gate + "/revoke");
  CHECK(world.open("authorize").status() == 401);
}

TEST_CASE("a leaked token yields no cookie, and no invoice for other resources") {
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

TEST_CASE("a browser with several invoices is admitted by the one it paid") {
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
  CHECK(world.open("challenge").status() == 402);  // used up: the cookie is deleted
  CHECK(world.jar.size() == 2);
  world.pay_page(other);
  CHECK(world.open("authorize", "/reports/8").status() == 204);
}

TEST_CASE("a browser's cookie is Secure if the proxy forwards https") {
  Browser world;
  CHECK_FALSE(world.open("challenge").header("set-cookie").contains("Secure"));
  CHECK(world.open("challenge", "/reports/7", {{"x-forwarded-proto", "https"}}).header("set-cookie").ends_with("; Secure"));
}

TEST_CASE("a browser's pass is one cookie for all its paths until it expires") {
  Browser world(R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","ttl_seconds":3600})");
  const auto page = world.open("challenge");
  CHECK(page.header("set-cookie").contains("; Path=/reports; Max-Age=4200;"));
  world.pay_page(page);
  CHECK(world.open("authorize").status() == 204);
  CHECK(world.open("authorize", "/reports/8").status() == 204);
  world.pass(minutes(71));
  CHECK(world.open("authorize").status() == 401);
}

TEST_CASE("an underpaying browser is shown so once; programs get no page") {
  Browser world;
  const auto page = world.open("challenge");
  world.post("/v1/sandbox/faults", R"({"faults":["settles_short"]})");
  world.pay_page(page);
  CHECK(world.get("/v1/charges").text("data.0.status") == "underpaid");
  CHECK(world.open("authorize").status() == 401);
  const auto refused = world.open("challenge");
  CHECK(refused.status() == 402);
  CHECK(refused.body().contains("<h1>Paid in part</h1>"));
  CHECK(offers(refused).empty());
  CHECK(world.open("challenge").body().contains("<h1>21 <small>sats</small></h1>"));
  CHECK(world.challenge().header("content-type") == "application/problem+json");
  CHECK(world.challenge().header("set-cookie").empty());
}

TEST_CASE("a browser that must wait gets a page that reloads; programs get JSON") {
  Browser world;
  const auto page = world.open("challenge");
  world.pay_page(page);
  const auto reserved = world.visit(world.gate, "GET", "/reports/7", {{"cookie", world.cookie_line()}});
  REQUIRE(reserved.pass.has_value());
  const auto busy = world.open("challenge");
  CHECK(busy.status() == 409);
  CHECK(busy.body().contains("is being served"));
  CHECK(busy.header("retry-after") == "120");
  const auto german = world.open("challenge", "/reports/7", {{"accept-language", "de"}});
  CHECK(german.body().contains("wird gerade bearbeitet"));
  CHECK_FALSE(german.body().contains("is being served"));

  const auto visit_anew = [&] {
    world.jar.clear();
    return world.open("challenge");
  };
  auto too_many = visit_anew();
  for (int visits = 0; visits < 30 && too_many.status() == 402; ++visits) too_many = visit_anew();
  CHECK(too_many.status() == 429);
  CHECK(too_many.header("content-type") == "text/html; charset=utf-8");
  const auto seconds = too_many.header("retry-after");
  CHECK(too_many.body().contains("data-after-s=\"" + seconds + "\""));
  CHECK_FALSE(too_many.header("content-security-policy").empty());
  world.jar.clear();
  CHECK(world.open("challenge", "/reports/7", {{"accept-language", "pt"}}).body().contains("solicitações demais"));
  const auto program = world.ask("challenge");
  CHECK(program.status() == 429);
  CHECK(program.header("content-type") == "application/json");
}

}  // namespace lntpay::test::browser_visits_test
