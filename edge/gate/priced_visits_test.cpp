// Gates with a price_url: what a request costs is asked for, sold as a term, and never a way in without paying.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/gate/asked_price.hpp"
#include "core/gate/macaroon.hpp"
#include "tests/support/gate_client.hpp"

namespace lntpay::test::priced_visits_test {
namespace {

constexpr const char* priced =
    R"({"price_sats":100,"match":{"method":"*","path":"/reports/*"},"price_url":"http://127.0.0.1:9000/price"})";
constexpr const char* priced_pass =
    R"({"price_sats":100,"match":{"method":"*","path":"/reports/*"},"price_url":"http://127.0.0.1:9000/price","mode":"pass"})";

Reply price(std::uint64_t sats, std::string cache_control = "no-store") {
  return Answered{{200, {{"cache-control", std::move(cache_control)}}, R"({"price_sats":)" + std::to_string(sats) + "}"}};
}

/// A gate whose service names its prices.
struct Priced : GateClient {
  explicit Priced(const char* gate_is = priced) : GateClient(gate_is) {
    receiver = [this](const Outgoing& asked) {
      ++questions;
      question = asked;
      return answer;
    };
  }
  /// A request with a body of this size, in bytes; empty: unknown.
  Outcome send_sized(const std::string& credential, std::string size, std::string path = "/reports/7") {
    Headers headers{{"authorization", credential}};
    if (!size.empty()) headers.push_back({"lntpay-body-size", std::move(size)});
    return visit_with(std::move(headers), "POST", std::move(path));
  }
  std::string buy_sized(const std::string& size, std::string path = "/reports/7") {
    const Reading refused{send_sized({}, size, std::move(path)).response.value()};
    REQUIRE_MESSAGE(refused.status() == 402, refused.body());
    return buy(refused);
  }
  /// "402 for 30 sat", "503", "passes"
  static std::string outcome(const Outcome& of) {
    if (of.pass) return "passes";
    const Reading refused{of.response.value()};
    const auto status = std::to_string(refused.status());
    return refused.status() == 402 ? status + " for " + std::to_string(refused.number("price_sats")) + " sat" : status;
  }

  int questions = 0;
  Outgoing question;
  Reply answer = price(30);
};

}  // namespace

TEST_CASE("the service is asked by method, path and size, and its price is sold") {
  Priced client;
  CHECK(Priced::outcome(client.send_sized({}, "1200")) == "402 for 30 sat");
  CHECK(client.question.upstream == "webhook");
  CHECK(client.question.method == "POST");
  CHECK(client.question.target == "http://127.0.0.1:9000/price");
  CHECK(client.question.body == R"({"gate_id":")" + client.gate + R"(","method":"POST","path":"/reports/7","size":1200})");
  CHECK(client.question.workspace.starts_with("ws_"));
  const auto credential = client.buy_sized("1200");
  CHECK(client.get("/v1/balance").number("available_msat") == 30'000);
  const auto asked = client.questions;
  CHECK(Priced::outcome(client.send_sized(credential, "1200")) == "passes");
  CHECK(client.questions == asked);  // it was sold for this request
}

TEST_CASE("a payer gets what was quoted, whatever the price is by then") {
  Priced client;
  const auto credential = client.buy_sized("1200");
  client.answer = price(90);
  CHECK(Priced::outcome(client.send_sized(credential, "1200")) == "passes");
  // A challenge that is not paid yet is for the price that it was made for, and is not offered again.
  client.answer = price(30);
  const Reading open{client.send_sized({}, "1").response.value()};
  const auto held = "L402 " + between(offers(open)[0], "token=\"", '"') + ":" + std::string(64, '0');
  const Reading again{client.send_sized(held, "1").response.value()};
  CHECK(again.text("invoice") == open.text("invoice"));
  client.answer = price(31);
  const Reading dearer{client.send_sized(held, "1").response.value()};
  CHECK(dearer.text("invoice") != open.text("invoice"));
  CHECK(dearer.number("price_sats") == 31);
}

TEST_CASE("what was sold for a small body opens no larger one that costs more") {
  Priced client;
  const auto credential = client.buy_sized("1000");
  client.answer = price(31);
  CHECK(Priced::outcome(client.send_sized(credential, "1001")) == "402 for 31 sat");
  CHECK(Priced::outcome(client.send_sized(credential, "")) == "402 for 31 sat");
  client.answer = price(30);
  CHECK(Priced::outcome(client.send_sized(credential, "", "/reports/8")) == "402 for 30 sat");  // another path
  CHECK(Priced::outcome(client.send_sized(credential, "1001")) == "passes");

  const auto smaller = client.buy_sized("1000");
  client.answer = price(90);
  CHECK(Priced::outcome(client.send_sized(smaller, "0")) == "passes");
  client.answer = price(30);
  const auto any = client.buy_sized("");
  client.answer = price(90);
  CHECK(Priced::outcome(client.send_sized(any, "999999")) == "passes");  // the service priced a body of unknown size
}

TEST_CASE("a pass that was bought for a cheap request opens no dearer one") {
  Priced client(priced_pass);
  const auto pass = client.buy_sized("10", "/reports/cheap");
  for (const std::uint64_t sats : {30U, 1U}) {
    client.answer = price(sats);
    const auto passed = client.send_sized(pass, "5000", "/reports/other");
    CHECK(Priced::outcome(passed) == "passes");
    CHECK(passed.pass->good_for_ms == 0);  // the next request has a price of its own
  }
  client.answer = price(31);
  CHECK(Priced::outcome(client.send_sized(pass, "1", "/reports/other")) == "402 for 31 sat");
  client.answer = NoAnswer{"timed out"};
  CHECK(Priced::outcome(client.send_sized(pass, "1", "/reports/cheap")) == "503");
  client.answer = price(30);
  CHECK(Priced::outcome(client.send_sized(pass, "1", "/reports/cheap")) == "passes");
}

TEST_CASE("without a good answer nothing is sold and nothing is free") {
  Priced client;
  const auto body = [](std::string text) { return Reply(Answered{{200, {}, std::move(text)}}); };
  const Reply answers[] = {NotSent{"refused"},
                           NoAnswer{"timed out"},
                           NotTried{"full"},
                           Broken{{200, {}, R"({"price_sats":30})"}, "closed"},
                           Answered{{500, {}, R"({"price_sats":30})"}},
                           Answered{{204, {}, ""}},
                           Answered{{302, {{"location", "http://127.0.0.1/"}}, ""}},
                           body(""),
                           body("30"),
                           body("[]"),
                           body("{}"),
                           body(R"({"price_sats":0})"),
                           body(R"({"price_sats":-1})"),
                           body(R"({"price_sats":1.5})"),
                           body(R"({"price_sats":1e1})"),
                           body(R"({"price_sats":"30"})"),
                           body(R"({"price_sats":null})"),
                           body(R"({"price_sats":101})"),
                           body(R"({"price_sats":18446744073709551616})"),
                           body(R"({"price_sats":30,"price_sats":1})"),
                           body(R"({"price_sats":30)")};
  for (const auto& answer : answers) {
    client.answer = answer;
    const Reading refused{client.send_sized({}, "1").response.value()};
    CHECK(refused.error() == "503 price_unavailable");
    CHECK(refused.header("retry-after") == "5");
    CHECK(offers(refused).empty());
    CHECK_FALSE(refused.body().contains("price_sats"));
  }
  CHECK(client.get("/v1/charges").items("data") == 0);
  // The owner of the gate gets the reason.
  const auto mine = client.post("/v1/gates/" + client.gate + "/challenge", R"({"method":"GET","path":"/reports/7"})");
  CHECK(mine.error() == "503 price_unavailable");
  CHECK(mine.text("error.message").contains("price_sats in its answer is no whole number"));
  client.answer = price(100);
  CHECK(Priced::outcome(client.send_sized({}, "1")) == "402 for 100 sat");
}

TEST_CASE("an answer is kept for its max-age, for the same question, and until the gate changes") {
  Priced client;
  client.answer = price(30, "private, Max-Age=60");
  client.send_sized({}, "1");
  CHECK(client.questions == 1);
  client.answer = price(31, "max-age=60");
  CHECK(Priced::outcome(client.send_sized({}, "1")) == "402 for 30 sat");
  CHECK(client.questions == 1);
  CHECK(Priced::outcome(client.send_sized({}, "2")) == "402 for 31 sat");
  CHECK(Priced::outcome(client.send_sized({}, "1", "/reports/8")) == "402 for 31 sat");
  CHECK(client.questions == 3);
  client.pass(seconds(59));
  CHECK(Priced::outcome(client.send_sized({}, "1")) == "402 for 30 sat");
  client.pass(seconds(1));
  CHECK(Priced::outcome(client.send_sized({}, "1")) == "402 for 31 sat");
  CHECK(client.questions == 4);
  client.answer = price(2, "max-age=60");
  client.change(R"({"name":"renamed"})");
  CHECK(Priced::outcome(client.send_sized({}, "1")) == "402 for 2 sat");
}

TEST_CASE("the time for which an answer is kept is read as HTTP has it") {
  const auto kept = [](std::string value) { return kept_for({{"date", "x"}, {"cache-control", std::move(value)}}).value; };
  CHECK(kept_for({}).value == 0);
  CHECK(kept("max-age=60") == 60'000);
  CHECK(kept("Private , MAX-AGE=5") == 5'000);
  CHECK(kept("max-age=99999999") == days(1).value);
  for (const auto* none : {"", "private", "max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=x", "max-age=\"5\"",
                           "max-age=60, no-store", "no-cache, max-age=60", "s-maxage=60", "max-age=99999999999999999999"})
    CHECK_MESSAGE(kept(none) == 0, none);
}

TEST_CASE("a holder narrows the size of a token and never widens it") {
  Priced client;
  const auto credential = client.buy_sized("1000");
  const auto with = [&](const std::string& caveat) {
    auto macaroon = *Macaroon::parse(*base64_decode(Base64::standard, between(credential, "L402 ", ':')));
    macaroon.add_caveat(caveat);
    return "L402 " + base64(Base64::standard, bytes_of(macaroon.binary())) + credential.substr(credential.find(':'));
  };
  client.answer = price(90);
  for (const auto* forged : {"size=1001", "size=", "size=*", "size=-1", "price_msat=90000", "price_msat=1"})
    CHECK_MESSAGE(Priced::outcome(client.send_sized(with(forged), "1000")) == "401", forged);
  CHECK(Priced::outcome(client.send_sized(with("size=999"), "1000")) == "402 for 90 sat");
  CHECK(Priced::outcome(client.send_sized(with("size=999"), "999")) == "passes");
}

TEST_CASE("a service that verifies by itself names the size; forward-auth asks for any size") {
  Priced client;
  const auto verified = client.post("/v1/gates/" + client.gate + "/verify", R"({"method":"PUT","path":"/reports/7","size":7})");
  CHECK(verified.number("status") == 402);
  CHECK(verified.number("challenge.amount_sats") == 30);
  CHECK(client.question.body.contains(R"("size":7)"));
  const auto asked = client.challenge();
  CHECK(asked.number("price_sats") == 30);
  CHECK(client.question.body.contains(R"("size":null)"));
  client.answer = price(90);
  CHECK(client.authorize(client.buy(asked)).status() == 204);
  client.answer = NoAnswer{"timed out"};
  CHECK(client.challenge().error() == "503 price_unavailable");
  CHECK(client.authorize().status() == 401);  // it asks for no price
}

TEST_CASE("a price_url is checked as a webhook's, when it is set and whenever it is asked") {
  GateClient client;
  const auto refused = [&](const std::string& body) {
    const auto answer = client.send("PATCH", "/v1/gates/" + client.gate, body);
    return answer.error() + " " + answer.text("error.param");
  };
  for (const auto* url : {"http://example.com/", "https://10.0.0.1/", "https://user@example.com/", "ftp://example.com/", "price",
                          "https://metadata.google.internal/"})
    CHECK_MESSAGE(refused(R"({"price_url":")" + std::string(url) + "\"}") == "400 invalid_request price_url", url);
  CHECK(refused(R"({"price_url":"https://example.com/","mode":"metered"})") == "400 invalid_request price_url");
  client.change(R"({"price_url":"https://example.com/price"})");
  CHECK(client.get("/v1/gates/" + client.gate).text("price_url") == "https://example.com/price");
  client.change(R"({"price_url":""})");
  CHECK(client.get("/v1/gates/" + client.gate).body().contains(R"("price_url":null)"));
  CHECK(client.challenge().number("price_sats") == 21);
  CHECK(client.sent.empty());
  // Live gates may not use loopback.
  const auto live = client.request("POST", "/v1/gates", priced,
                                   {{"authorization", "Bearer " + client.live_key}, {"content-type", "application/json"}});
  CHECK(live.error() == "400 invalid_request");
}

}  // namespace lntpay::test::priced_visits_test
