// Pay links, as their owner and as wallets see them.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/lightning/bolt11/decode.hpp"
#include "core/lightning/lnurl/destination.hpp"
#include "core/lightning/lnurl/pay_request.hpp"
#include "tests/support/faults_at_every_effect.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::pay_links_test {
namespace {

constexpr std::string_view host = "http://127.0.0.1:8402";

Reading new_link(World& world, const std::string& name, const std::string& more = {}, Headers headers = {}) {
  return world.post("/v1/pay_links", R"({"name":")" + name + "\"" + more + "}", std::move(headers));
}
/// What a wallet gets.
Reading ask(World& world, const std::string& target) { return world.request("GET", target); }
Reading offer(World& world, const std::string& name) { return ask(world, "/.well-known/lnurlp/" + name); }
Reading invoice(World& world, const std::string& name, const std::string& query) {
  return ask(world, "/.well-known/lnurlp/" + name + "/invoice?" + query);
}
std::string path_of(const std::string& url) { return url.substr(host.size()); }

}  // namespace

TEST_CASE("a wallet pays an address, and the payment is a charge that names the link and the comment") {
  World world;
  world.bootstrap();
  const auto link = new_link(world, "tips", R"(,"description":"Tips & tea","max_sats":500)");
  REQUIRE_MESSAGE(link.status() == 201, link.body());
  CHECK(link.text("address") == "tips@127.0.0.1:8402");
  CHECK(lnurl::pay_request_url(link.text("lnurl")).value() == std::string(host) + "/.well-known/lnurlp/tips");
  CHECK(lnurl::pay_request_url(link.text("address")).value() == std::string(host) + "/.well-known/lnurlp/tips");

  const auto offered = offer(world, "tips");
  REQUIRE(offered.status() == 200);
  CHECK(offered.header("access-control-allow-origin") == "*");
  const auto request = lnurl::read_pay_request(offered.body());  // by the payer's side of this program
  REQUIRE(request.has_value());
  CHECK(request->least == 1_sat);
  CHECK(request->most == 500_sat);
  CHECK(request->comment_length_max == 140);
  CHECK(request->metadata == R"([["text/plain","Tips & tea"],["text/identifier","tips@127.0.0.1:8402"]])");

  const auto url = lnurl::invoice_url(*request, Msat{21'500}, "for the band é");
  const auto made = ask(world, path_of(url));
  REQUIRE_MESSAGE(made.status() == 200, made.body());
  const auto decoded = bolt11::decode(made.text("pr"));
  REQUIRE(decoded.has_value());
  CHECK(lnurl::check_invoice(*decoded, *request, Msat{21'500}).has_value());

  const auto verify = path_of(made.text("verify"));
  const auto unpaid = ask(world, verify);
  CHECK(unpaid.body() == R"({"status":"OK","settled":false,"preimage":null,"pr":")" + made.text("pr") + "\"}");
  const auto paid = world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + made.text("pr") + "\"}");
  REQUIRE_MESSAGE(paid.status() == 200, paid.body());
  const auto settled = ask(world, verify);
  CHECK(settled.body().contains(R"("settled":true)"));
  CHECK(settled.text("preimage") == paid.text("preimage"));

  const auto charges = world.get("/v1/charges?metadata[pay_link]=" + link.text("id"));
  REQUIRE(charges.items("data") == 1);
  CHECK(charges.text("data.0.status") == "paid");
  CHECK(charges.text("data.0.metadata.comment") == "for the band é");
  CHECK(charges.number("data.0.amount_msat") == 21'500);
  CHECK(world.get("/v1/balance").number("available_msat") == 21'500);
}

TEST_CASE("the link of the checkout page does not show the preimage, nor that of verification the page") {
  World world;
  world.bootstrap();
  REQUIRE(new_link(world, "tips").status() == 201);
  const auto verify = path_of(invoice(world, "tips", "amount=21000").text("verify"));
  const auto page = path_of(world.get("/v1/charges").text("data.0.checkout_url"));
  CHECK(ask(world, page).status() == 200);
  CHECK(ask(world, page + "/verify").status() == 404);
  CHECK(ask(world, verify).status() == 200);
  CHECK(ask(world, verify.substr(0, verify.rfind('/'))).status() == 404);
}

TEST_CASE("what a wallet may not ask has an error that it can read") {
  World world;
  world.bootstrap();
  REQUIRE(new_link(world, "tips", R"(,"min_sats":10,"max_sats":20,"comment_length_max":3)").status() == 201);
  const auto refused = [&](const std::string& query) {
    const auto answer = invoice(world, "tips", query);
    CHECK_MESSAGE(answer.text("status") == "ERROR", query);
    CHECK_MESSAGE(answer.text("reason") == answer.text("error.message"), query);
    return answer.error() + " " + answer.text("error.param");
  };
  CHECK(refused("amount=9999") == "400 invalid_request amount");
  CHECK(refused("amount=20001") == "400 invalid_request amount");
  CHECK(refused("amount=1e4") == "400 invalid_request amount");
  CHECK(refused("") == "400 invalid_request amount");
  CHECK(refused("amount=10000&comment=four") == "400 invalid_request comment");
  CHECK(refused("amount=10000&comment=%F0%9F%8D%B5%F0%9F%8D%B5%F0%9F%8D%B5%F0%9F%8D%B5") == "400 invalid_request comment");
  CHECK(invoice(world, "tips", "amount=10000&comment=%F0%9F%8D%B5%F0%9F%8D%B5%F0%9F%8D%B5").status() == 200);
  CHECK(invoice(world, "tips", "amount=20000").status() == 200);
  const auto unknown = offer(world, "nobody");
  CHECK(unknown.error() == "404 not_found");
  CHECK(unknown.text("status") == "ERROR");
  CHECK(offer(world, "NOBODY").error() == "404 not_found");
  CHECK_FALSE(world.get("/v1/charges/ch_0").body().contains("reason"));
}

TEST_CASE("a name belongs to one link of an environment, and is free again after it") {
  World world;
  world.bootstrap();
  const auto link = new_link(world, "tips");
  REQUIRE(link.status() == 201);
  CHECK(new_link(world, "tips").error() == "409 invalid_state");
  auto owner = world.test_key;
  world.bootstrap();
  CHECK(new_link(world, "tips").error() == "409 invalid_state");
  CHECK(world.get("/v1/pay_links").items("data") == 0);
  CHECK(world.send("DELETE", "/v1/pay_links/" + link.text("id")).error() == "404 not_found");
  std::swap(world.test_key, owner);
  CHECK(world.send("DELETE", "/v1/pay_links/" + link.text("id")).status() == 200);
  CHECK(offer(world, "tips").error() == "404 not_found");
  std::swap(world.test_key, owner);
  CHECK(new_link(world, "tips").status() == 201);
  CHECK(offer(world, "tips").status() == 200);
}

TEST_CASE("a reset of the sandbox frees the names of its links") {
  World world;
  world.bootstrap();
  REQUIRE(new_link(world, "tips").status() == 201);
  REQUIRE(world.post("/v1/sandbox/reset", {}, {{"idempotency-key", "r"}}).status() == 200);
  CHECK(offer(world, "tips").error() == "404 not_found");
  world.bootstrap();
  CHECK(new_link(world, "tips").status() == 201);
}

TEST_CASE("a link changes, stops and goes on") {
  World world;
  world.bootstrap();
  const auto path = "/v1/pay_links/" + new_link(world, "tips").text("id");
  const auto changed = world.send("PATCH", path, R"({"description":"Tea","min_msat":1500,"max_sats":2,"comment_length_max":0})");
  CHECK(changed.status() == 200);
  CHECK(changed.body() == world.get(path).body());
  const auto offered = offer(world, "tips");
  CHECK(offered.number("minSendable") == 1'500);
  CHECK(offered.number("maxSendable") == 2'000);
  CHECK(offered.number("commentAllowed") == 0);
  CHECK(offered.text("metadata").starts_with(R"([["text/plain","Tea"])"));
  CHECK(world.send("PATCH", path, R"({"max_sats":1})").error() == "400 invalid_request");
  CHECK(world.send("PATCH", path, R"({"active":false})").status() == 200);
  CHECK(offer(world, "tips").error() == "404 not_found");
  CHECK(invoice(world, "tips", "amount=2000").error() == "404 not_found");
  CHECK(world.send("PATCH", path, R"({"active":true})").status() == 200);
  CHECK(offer(world, "tips").status() == 200);
  CHECK(world.get("/v1/audit?action=pay_link.").items("data") == 4);
}

TEST_CASE("names of an address have the characters that wallets allow") {
  World world;
  world.bootstrap();
  const std::vector<std::string> good_names{"a", "0", "ann.b-c_d", "a.", std::string(64, 'a')};
  for (const auto& good : good_names) CHECK(new_link(world, good).status() == 201);
  const std::vector<std::string> bad_names{"", "A", "-a", ".a", "_a", "a+b", "a b", "a@b", "a/b", "\u00e4", std::string(65, 'a')};
  for (const auto& bad : bad_names) {
    const auto refused = new_link(world, bad);
    CAPTURE(bad);
    CHECK(refused.error() == "400 invalid_request");
    CHECK(refused.text("error.param") == "name");
  }
}

TEST_CASE("a workspace has at most 100 pay links") {
  World world;
  world.bootstrap();
  for (int i = 0; i < 100; ++i) {
    world.now = world.now + seconds(1);
    REQUIRE(new_link(world, "n" + std::to_string(i)).status() == 201);
  }
  CHECK(new_link(world, "n100").error() == "403 limit_exceeded");
  CHECK(offer(world, "n100").error() == "404 not_found");
}

TEST_CASE("a client has a limited number of open invoices of a link") {
  World world;
  world.bootstrap();
  REQUIRE(new_link(world, "tips").status() == 201);
  int made = 0;
  while (made < 1'000 && invoice(world, "tips", "amount=1000").status() == 200) {
    ++made;
    world.now = world.now + Millis{500};
  }
  const auto refused = invoice(world, "tips", "amount=1000");
  CHECK(refused.error() == "429 rate_limit_exceeded");
  CHECK(refused.text("status") == "ERROR");
  CHECK(made < 1'000);
}

TEST_CASE("a link whose id repeats is refused") {
  World world;
  world.bootstrap();
  world.random_repeats = true;
  REQUIRE(new_link(world, "tips").status() == 201);
  CHECK(new_link(world, "tea").error() == "500 internal_error");
  CHECK(offer(world, "tea").error() == "404 not_found");
}

TEST_CASE("the creation of a link that crashes anywhere ends with the link and its name, or with neither") {
  const auto crashes = crashes_at_every_effect<World>([](World& world, const auto& crashing) {
    world.bootstrap();
    crashing([&] { new_link(world, "tips", {}, {{"idempotency-key", "l"}}); });
    world.pass(minutes(2));
    world.run_due();
    const auto links = world.get("/v1/pay_links").items("data");
    CHECK((offer(world, "tips").status() == 200) == (links == 1));
    const auto retried = new_link(world, "tips", {}, {{"idempotency-key", "l"}});
    REQUIRE_MESSAGE(retried.status() == 201, retried.body());
    CHECK(world.get("/v1/pay_links").items("data") == 1);
    CHECK(offer(world, "tips").status() == 200);
    CHECK(new_link(world, "tips").error() == "409 invalid_state");
    CHECK(world.get("/v1/pay_links").items("data") == 1);
  });
  CHECK(crashes > 8);
}

}  // namespace lntpay::test::pay_links_test
