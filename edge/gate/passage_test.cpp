// The end of a use by the service's response: redirects, HEAD, 304, repeats, receipts; and requests that are never priced.
#include "edge/gate/passage.hpp"

#include <doctest/doctest.h>

#include "tests/support/gate_client.hpp"

namespace lntpay::test::passage_test {
namespace {

std::string receipt_in(const Outcome& redeemed) { return value_of(redeemed.response.value().headers, "payment-receipt"); }

/// Visits with the credential and reports the response. Yields whether it passed.
bool serve(GateClient& client, const std::string& credential, std::uint16_t status, const std::string& location = {},
           const std::string& method = "GET", const std::string& path = "/reports/7") {
  const auto passed = client.visit_as(credential, method, path);
  if (passed.pass) client.redeemed(passed, status, location);
  return passed.pass.has_value();
}

const Headers preflight{{"origin", "https://app.example"},
                        {"access-control-request-method", "GET"},
                        {"access-control-request-headers", "authorization,x-own"}};

}  // namespace

TEST_CASE("what a host returns with `redeemed` round-trips, and has no parts for nothing") {
  const OpenPassage open{{RedemptionId::parse("rdm_Ab0123456789ABCDEFGHJKMNPQRS"), 7}, {"GET", "shop.example:80", "/a%20b"}, "id"};
  CHECK(open.text() == "rdm_Ab0123456789ABCDEFGHJKMNPQRS.7 GET shop.example:80 /a%20b id");
  CHECK(OpenPassage::parse(open.text())->text() == open.text());
  const OpenPassage bare{open.admission, {"GET", "", "/"}, ""};
  CHECK(bare.text() == "rdm_Ab0123456789ABCDEFGHJKMNPQRS.7 GET - / -");
  CHECK(OpenPassage::parse(bare.text())->request.host.empty());
  CHECK(OpenPassage::parse(bare.text())->cookie.empty());
  const OpenPassage by_cookie{open.admission, {"GET", "a", "/"}, "", "name=value; Max-Age=1; Secure"};
  CHECK(by_cookie.text() == "rdm_Ab0123456789ABCDEFGHJKMNPQRS.7 GET a / - name=value; Max-Age=1; Secure");
  CHECK(OpenPassage::parse(by_cookie.text())->cookie == by_cookie.cookie);
  CHECK(OpenPassage{}.text().empty());
  for (const auto* wrong :
       {"", "rdm_x.1 GET - / -", "rdm_Ab0123456789ABCDEFGHJKMNPQRS", "rdm_Ab0123456789ABCDEFGHJKMNPQRS.x GET - / -"})
    CHECK_FALSE(OpenPassage::parse(wrong).has_value());
}

TEST_CASE("a receipt is sent only where a use was committed, or a pass is limited by time alone") {
  GateClient client;
  const auto credential = client.buy();
  const auto failed = client.visit_as(credential);
  CHECK(failed.pass->respond.empty());
  CHECK(receipt_in(client.redeemed(failed, 500)).empty());
  CHECK_FALSE(receipt_in(client.redeemed(client.visit_as(credential), 200)).empty());
  CHECK(client.events("gate.redeemed") == 1);
  CHECK(client.events("gate.released") == 1);

  client.gate = client.post("/v1/gates", R"({"price_sats":5,"match":{"method":"*","path":"/*"},"commit":"explicit"})").text("id");
  const auto explicitly = client.buy();
  CHECK(client.authorize(explicitly).header("payment-receipt").empty());
  client.pass(minutes(2));
  client.gate = client.post("/v1/gates", R"({"price_sats":5,"match":{"method":"*","path":"/*"},"commit":"explicit"})").text("id");
  const auto passed = client.visit_as(client.buy());
  const auto id = value_of(passed.pass->add, "lntpay-redemption-id");
  CHECK(receipt_in(client.redeemed(passed, 200)).empty());
  CHECK(client.post("/v1/redemptions/" + id + "/commit", R"({"reservation":1})").text("status") == "committed");
  CHECK_FALSE(receipt_in(client.redeemed(passed, 200)).empty());

  client.gate =
      client.post("/v1/gates", R"({"price_sats":5,"match":{"method":"*","path":"/*"},"mode":"pass","ttl_seconds":60})").text("id");
  const auto timed = client.visit_as(client.buy());
  CHECK_FALSE(value_of(timed.pass->respond, "payment-receipt").empty());
  CHECK(timed.pass->redemption.empty());
  CHECK(timed.pass->good_for_ms == 1'000);
}

TEST_CASE("a redirect within the gate opens its path with the same use") {
  GateClient client;
  const auto credential = client.buy();
  CHECK(serve(client, credential, 302, "/reports/7/final"));
  CHECK(client.events("gate.released") == 1);
  CHECK_FALSE(serve(client, credential, 200, {}, "GET", "/reports/8"));
  CHECK(serve(client, credential, 301, "https://shop.example/reports/9", "GET", "/reports/7/final"));
  CHECK(serve(client, credential, 500, {}, "GET", "/reports/9/"));
  const auto passed = client.visit_as(credential, "GET", "/reports/9");
  REQUIRE(passed.pass.has_value());
  CHECK_FALSE(receipt_in(client.redeemed(passed, 200)).empty());
  for (const auto* path : {"/reports/7", "/reports/9", "/reports/7/final"})
    CHECK(status_of(client.visit_as(credential, "GET", path)) == 402);
  CHECK(client.events("gate.redeemed") == 1);
}

TEST_CASE("a use that twenty redirects within the gate released is taken by the next one") {
  constexpr int redirects = 20;
  const auto path = [](int i) { return "/reports/" + std::to_string(i % 2); };
  GateClient client;
  const auto credential = client.buy(client.challenge({}, "/reports/0"));
  for (int i = 0; i < redirects; ++i) CHECK(serve(client, credential, 302, path(i + 1), "GET", path(i)));
  CHECK(client.events("gate.released") == redirects);
  CHECK(serve(client, credential, 500, {}, "GET", "/reports/0"));  // failures never take it
  const auto last = client.visit_as(credential, "GET", "/reports/0");
  CHECK_FALSE(receipt_in(client.redeemed(last, 302, "/reports/1")).empty());
  CHECK(client.events("gate.redeemed") == 1);
  for (const int i : {0, 1}) CHECK(status_of(client.visit_as(credential, "GET", path(i))) == 402);

  // The service of an explicit gate decides itself; without it, the lease does.
  GateClient explicitly(R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"commit":"explicit"})");
  const auto another = explicitly.buy(explicitly.challenge({}, "/reports/0"));
  for (int i = 0; i < redirects; ++i) CHECK(serve(explicitly, another, 302, path(i + 1), "GET", path(i)));
  CHECK(serve(explicitly, another, 302, "/reports/1", "GET", "/reports/0"));
  CHECK(status_of(explicitly.visit_as(another, "GET", "/reports/0")) == 409);
  CHECK(explicitly.events("gate.redeemed") == 0);
}

TEST_CASE("a redirect in answer to POST takes the use: the work is done") {
  GateClient client(R"({"price_sats":5,"match":{"method":"*","path":"/reports/*"}})");
  const auto asked = client.visit_as({}, "POST");
  const auto credential = client.buy(Reading{asked.response.value()});
  CHECK(serve(client, credential, 303, "/reports/8", "POST"));
  CHECK(status_of(client.visit_as(credential, "POST")) == 402);
  CHECK(client.events("gate.redeemed") == 1);
}

TEST_CASE("a redirect that leads elsewhere takes the use") {
  for (const auto* location : {"https://cdn.example/reports/7?signature=x", "/downloads/7", ""}) {
    GateClient client;
    const auto credential = client.buy();
    CHECK(serve(client, credential, 302, location));
    CHECK(status_of(client.visit_as(credential)) == 402);
    CHECK(client.events("gate.redeemed") == 1);
  }
}

TEST_CASE("HEAD is sold as GET and takes no use from a host; it takes one by forward-auth") {
  GateClient client;
  const auto asked = client.visit_as({}, "HEAD");
  CHECK(status_of(asked) == 402);
  const auto credential = client.buy(Reading{*asked.response});
  CHECK(serve(client, credential, 200, {}, "HEAD"));
  CHECK(serve(client, credential, 404, {}, "HEAD"));
  CHECK(client.events("gate.redeemed") == 0);
  CHECK(serve(client, credential, 200));
  CHECK_FALSE(serve(client, credential, 200, {}, "HEAD"));

  const auto another = client.buy();
  const Headers head{{"x-forwarded-method", "HEAD"}, {"x-forwarded-uri", "/reports/7"}, {"authorization", another}};
  CHECK(client.request("GET", "/gate/" + client.gate + "/authorize", {}, head).status() == 204);
  CHECK(client.authorize(another).status() == 401);
}

TEST_CASE("a 304 ends the use as the gate has it, by the setting at that time") {
  GateClient client;
  const auto credential = client.buy();
  CHECK(serve(client, credential, 304));
  client.change(R"({"not_modified":"commit"})");
  CHECK(serve(client, credential, 304));
  CHECK(status_of(client.visit_as(credential)) == 402);
}

TEST_CASE("the same request repeats a committed use while the gate allows it") {
  GateClient client(R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"repeat_seconds":30})");
  const auto credential = client.buy();
  const auto first = client.visit_as(credential);
  const auto id = value_of(first.pass.value().add, "lntpay-redemption-id");
  CHECK(status_of(client.visit_as(credential)) == 409);
  client.redeemed(first, 200);
  for (const auto* other : {"/reports/8?x=1", "/reports/7", "/reports/7?x=2", "/reports/7?x=1&y"})
    CHECK(status_of(client.visit_as(credential, "GET", other)) == 402);
  for (const int status : {200, 500, 0}) {
    const auto again = client.visit_as(credential, "GET", "/reports/7/?x=1");
    REQUIRE(again.pass.has_value());
    CHECK(value_of(again.pass->add, "lntpay-redemption-id") == id);
    CHECK(value_of(again.pass->add, "lntpay-reservation") == "0");
    CHECK(receipt_in(client.redeemed(again, static_cast<std::uint16_t>(status))).empty() == (status != 200));
  }
  const auto verified =
      client.post("/v1/gates/" + client.gate + "/verify", R"({"path":"/reports/7?x=1","authorization":")" + credential + "\"}");
  CHECK(verified.text("redemption_id") == id);
  CHECK(verified.number("reservation") == 0);
  CHECK(client.post("/v1/redemptions/" + id + "/release", R"({"reservation":0})").text("status") == "committed");
  CHECK_FALSE(client.authorize(credential).header("payment-receipt").empty());
  CHECK(client.events("gate.redeemed") == 1);
  CHECK(client.events("gate.released") == 0);
  client.pass(seconds(31));
  CHECK(status_of(client.visit_as(credential)) == 402);
}

TEST_CASE("a spent pass opens again for the requests that it had, and for no other") {
  GateClient client(R"({"price_sats":5,"match":{"method":"GET","path":"/reports/*"},"mode":"pass","uses":2,"repeat_seconds":30})");
  const auto credential = client.buy();
  CHECK(serve(client, credential, 200, {}, "GET", "/reports/1"));
  CHECK(serve(client, credential, 200, {}, "GET", "/reports/2"));
  CHECK(serve(client, credential, 200, {}, "GET", "/reports/1"));
  CHECK(serve(client, credential, 200, {}, "GET", "/reports/2"));
  CHECK(status_of(client.visit_as(credential, "GET", "/reports/3")) == 402);
  CHECK(client.events("gate.redeemed") == 2);
}

TEST_CASE("repeats follow the gate's setting when the first use was claimed") {
  GateClient client;
  const auto sold = client.buy();
  CHECK(serve(client, sold, 500));
  client.change(R"({"repeat_seconds":300})");
  CHECK(serve(client, sold, 200));
  CHECK(status_of(client.visit_as(sold)) == 402);
  const auto later = client.buy();
  CHECK(client.authorize(later).status() == 204);
  CHECK(client.authorize(later).status() == 204);  // committed with the check
  client.change(R"({"repeat_seconds":0})");
  CHECK(client.authorize(later).status() == 204);
}

TEST_CASE("a preflight is never priced and makes nothing") {
  GateClient client;
  auto with_credential = preflight;
  with_credential.push_back({"authorization", "L402 nonsense"});
  for (const auto& headers : {preflight, with_credential}) {
    const auto answered = Reading{client.visit_with(headers, "OPTIONS").response.value()};
    CHECK(answered.status() == 204);
    CHECK(answered.header("access-control-allow-origin") == "*");
    CHECK(answered.header("access-control-allow-methods") == "GET");
    CHECK(answered.header("access-control-allow-headers") == "authorization,x-own");
    CHECK(answered.header("access-control-allow-credentials").empty());
  }
  CHECK(status_of(client.visit_with(preflight, "OPTIONS", "/other")) == 400);
  CHECK(status_of(client.visit_with({preflight[0]}, "OPTIONS")) == 400);  // no preflight, and not the gate's method

  // Forward-auth lets it through to the service.
  auto asked = preflight;
  asked.push_back({"x-forwarded-method", "OPTIONS"});
  asked.push_back({"x-forwarded-uri", "/reports/7"});
  CHECK(client.request("GET", "/gate/" + client.gate + "/authorize", {}, asked).status() == 204);
  CHECK(client.request("GET", "/gate/" + client.gate + "/challenge", {}, asked).error() == "400 invalid_request");

  client.change(R"({"cors":"service"})");
  const auto forwarded = client.visit_with(with_credential, "OPTIONS");
  REQUIRE(forwarded.pass.has_value());
  CHECK(forwarded.pass->bodiless);
  CHECK(forwarded.pass->redemption.empty());
  CHECK(forwarded.pass->add.empty());
  CHECK(client.get("/v1/charges").items("data") == 0);
}

TEST_CASE("pages of other origins can read refusals and paid responses") {
  GateClient client;
  const auto refused = Reading{client.visit_as({}).response.value()};
  CHECK(refused.header("access-control-allow-origin") == "*");
  CHECK(refused.header("access-control-expose-headers").contains("WWW-Authenticate"));
  const auto passed = client.visit_as(client.buy());
  CHECK(value_of(passed.pass.value().cors, "access-control-allow-origin") == "*");
  CHECK_FALSE(passed.pass->bodiless);
}

TEST_CASE("a folder and its slash are under the folder's gate, and one path for a credential") {
  GateClient client;
  CHECK(status_of(client.visit_as({}, "GET", "/reports/")) == 402);
  CHECK(status_of(client.visit_as({}, "GET", "/reports")) == 402);
  const auto credential = client.buy(client.challenge({}, "/reports/"));
  CHECK(serve(client, credential, 500, {}, "GET", "/reports"));
  CHECK(serve(client, credential, 200, {}, "GET", "/reports/"));
  CHECK(status_of(client.visit_as(credential, "GET", "/reports")) == 402);
}

}  // namespace lntpay::test::passage_test
