// Withdrawals to a Lightning address or an LNURL: a service of strangers, and one payment for one request.
#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>

#include "core/base/json.hpp"
#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/encode.hpp"
#include "core/lightning/node/sandbox_node.hpp"
#include "tests/support/faults_at_every_effect.hpp"
#include "tests/support/withdrawing.hpp"

namespace lntpay::test::destinations_test {
using namespace withdrawing;
namespace {

/// Answers as the service of an address does, with a new invoice for each request, unless a test changes it.
struct Service {
  std::string metadata = R"([["text/plain","Tips for Ann"]])";
  std::string hashed = metadata;  ///< what the invoice is bound to
  std::uint64_t surcharge_msat = 0;
  bolt11::Network network = bolt11::Network::regtest;
  bool repeats = false;  ///< the same invoice each time
  std::optional<Reply> first{};
  std::optional<Reply> second{};
  int invoices = 0;

  Reply answer(const Outgoing& asked, UnixMillis now) {
    if (asked.target.contains("/.well-known/lnurlp/")) return first.value_or(json(pay_request()));
    return second.value_or(json(R"({"routes":[],"pr":")" + invoice(asked.target, now) + "\"}"));
  }
  [[nodiscard]] std::string pay_request() const {
    std::string text;
    append_json_string(text, metadata);
    return R"({"tag":"payRequest","callback":"https://pay.example.com/cb","minSendable":1000,"maxSendable":9000000,"metadata":)" +
           text + "}";
  }
  static Reply json(std::string body) { return Answered{{200, {{"content-type", "application/json"}}, std::move(body)}}; }

 private:
  std::string invoice(std::string_view target, UnixMillis now) {
    if (!repeats) ++invoices;
    const auto amount = std::stoull(std::string(target.substr(target.find("amount=") + 7)));
    Bytes32 preimage{};
    preimage[0] = static_cast<std::uint8_t>(invoices);
    bolt11::Invoice made{.network = network,
                         .amount = Msat{amount + surcharge_msat},
                         .timestamp_s = now.value / 1'000,
                         .payment_hash = sha256(preimage),
                         .payment_secret = preimage,
                         .min_final_cltv = sandbox_final_cltv,
                         .features = {sandbox_features.begin(), sandbox_features.end()}};
    made.description = bolt11::DescriptionHash{sha256(bytes_of(hashed))};
    return bolt11::encode(made, *SecretKey::from(Bytes32{7})).value();
  }
};

struct Payer : World {
  Service service{};

  Payer() {
    receiver = [this](const Outgoing& asked) -> Reply { return service.answer(asked, now); };
  }
  Reading pay(std::string_view destination = "ann@pay.example.com", std::string more = R"("amount_sats":2000)",
              std::string key = "d1") {
    return post("/v1/withdrawals", R"({"destination":")" + std::string(destination) + "\"" + (more.empty() ? "" : "," + more) + "}",
                with_key(std::move(key)));
  }
};

Payer& funded(Payer& world) {
  if (world.test_key.empty()) world.bootstrap();
  fund(world, 20'000);
  return world;
}

}  // namespace

TEST_CASE("a withdrawal to a Lightning address pays the invoice that its service returned") {
  Payer world;
  const auto paid = funded(world).pay();
  REQUIRE_MESSAGE(paid.status() == 202, paid.body());
  CHECK(paid.text("destination") == "ann@pay.example.com");
  CHECK(paid.number("amount_msat") == 2'000'000);
  CHECK(world.sent.at(0).target == "https://pay.example.com/.well-known/lnurlp/ann");
  CHECK(world.sent.at(1).target == "https://pay.example.com/cb?amount=2000000");
  CHECK(world.service.invoices == 1);
  const auto again = world.pay();
  CHECK(again.status() == 202);
  CHECK(again.text("id") == paid.text("id"));
  CHECK(world.service.invoices == 1);
  const auto another = world.pay("ann@pay.example.com", R"("amount_sats":2000)", "d2");
  CHECK(another.text("id") != paid.text("id"));
  CHECK(world.service.invoices == 2);
}

TEST_CASE("a quote and a refund take a destination too") {
  Payer world;
  funded(world);
  const auto quote = world.post("/v1/withdrawals/quote", R"({"destination":"ann@pay.example.com","amount_sats":2000})");
  CHECK(quote.number("required_msat") == 2'020'000);
  const auto charge = world.post("/v1/sandbox/fund", R"({"amount_sats":1000})").text("id");
  const auto refund =
      world.post("/v1/charges/" + charge + "/refund", R"({"destination":"ann@pay.example.com","amount_sats":1000})", with_key());
  CHECK(refund.text("refunds") == charge);
  CHECK(refund.text("destination") == "ann@pay.example.com");
}

TEST_CASE("a payee of the sandbox is paid, or fails, by its name") {
  Payer world;
  funded(world);
  const auto good = world.pay("succeed@sandbox.example");
  const auto bad = world.pay("fail@sandbox.example", R"("amount_sats":2000)", "d2");
  world.run_due();
  CHECK(look_up(world, good).text("status") == "succeeded");
  CHECK(look_up(world, bad).text("status") == "failed");
  CHECK(world.sent.empty());
}

TEST_CASE("a request names an invoice, or a destination with its amount") {
  Payer world;
  funded(world);
  const auto param = [&world](const std::string& body) {
    const auto refused = world.post("/v1/withdrawals", body, with_key());
    CHECK(refused.status() == 400);
    return refused.text("error.param");
  };
  CHECK(param(R"({"amount_sats":1})") == "bolt11");
  CHECK(param(R"({"bolt11":"lnbc1","destination":"ann@pay.example.com","amount_sats":1})") == "destination");
  CHECK(param(R"({"destination":"ann@pay.example.com"})") == "amount_sats");
  CHECK(param(R"({"bolt11":"lnbc1","comment":"thanks"})") == "comment");
  const auto pasted = world.post("/v1/withdrawals", R"({"bolt11":"ann@pay.example.com"})", with_key());
  CHECK(pasted.text("error.message").contains("send it as destination"));
}

TEST_CASE("a service that misbehaves is not paid, and nothing is locked") {
  struct Case {
    const char* reason;
    std::function<void(Service&)> change;
    const char* destination = "ann@pay.example.com";
    const char* more = R"("amount_sats":2000)";
  };
  const auto returns = [](Reply reply) { return [reply](Service& service) { service.first = reply; }; };
  const auto ends = [](Reply reply) { return [reply](Service& service) { service.second = reply; }; };
  const Case cases[] = {
      {"another amount", [](Service& service) { service.surcharge_msat = 1; }},
      {"not bound", [](Service& service) { service.hashed = "another text"; }},
      {"returned something that is not an invoice", ends(Service::json(R"({"pr":"lnbc1x"})"))},
      {"returned no invoice", ends(Service::json("{}"))},
      {"its service answers: closed", returns(Service::json(R"({"status":"ERROR","reason":"closed"})"))},
      {"its service answers: too late", ends(Service::json(R"({"status":"ERROR","reason":"too late"})"))},
      {"is not JSON", returns(Answered{{404, {}, "<html>"}})},
      {"redirects", returns(Answered{{302, {{"location", "https://10.0.0.1/"}}, ""}})},
      {"does not answer", returns(NoAnswer{"timeout"})},
      {"does not answer", returns(Broken{{200, {}, std::string(1'000, ' ')}, "too large"})},
      {"does not answer", ends(NotSent{"name not found, or not a public address"})},
      {"it takes 1000 to 9000000 msat", [](Service&) {}, "ann@pay.example.com", R"("amount_sats":9001)"},
      {"comments of at most 0", [](Service&) {}, "ann@pay.example.com", R"("amount_sats":2000,"comment":"hi")"},
      {"neither a Lightning address", [](Service&) {}, "ann"},
      {"not valid",
       [](Service& service) {
         service.first = Service::json(
             R"({"tag":"payRequest","callback":"https://10.0.0.1/cb","minSendable":1,"maxSendable":9000000,"metadata":"[[\"text/plain\",\"x\"]]"})");
       }},
      {"not valid", [](Service&) {}, "https://192.168.0.1/p/ann"},
  };
  Payer world;
  funded(world);
  for (const auto& each : cases) {
    world.service = {};
    each.change(world.service);
    const auto refused = world.pay(each.destination, each.more);
    CAPTURE(each.reason);
    CHECK(refused.error() == "422 destination_unusable");
    CHECK(refused.text("error.param") == "destination");
    if (std::string_view(each.reason) != "not valid")
      CHECK_MESSAGE(refused.text("error.message").contains(each.reason), refused.body());
    CHECK(books(world) == "available 20000000 locked 0 |");
  }
  world.service = {};
  world.service.network = bolt11::Network::bitcoin;
  const auto foreign = world.pay();
  CHECK(foreign.error() == "422 bolt11_network_mismatch");
  CHECK(foreign.text("error.param") == "destination");
  world.service = {};
  CHECK_MESSAGE(world.pay().status() == 202, "a refused request can be made again with its key");
}

TEST_CASE("no service is asked for an invoice that the balance does not cover") {
  Payer world;
  world.bootstrap();
  fund(world, 1'999);
  CHECK(world.pay().error() == "422 insufficient_funds");
  CHECK(world.service.invoices == 0);
  CHECK(books(world) == "available 1999000 locked 0 |");
}

TEST_CASE("an invoice that the service returned before is not taken for a second payment") {
  Payer world;
  funded(world);
  world.service.repeats = true;
  REQUIRE(world.pay().status() == 202);
  const auto second = world.pay("ann@pay.example.com", R"("amount_sats":2000)", "d2");
  CHECK(second.error() == "422 destination_unusable");
  CHECK(second.text("error.message").contains("has paid already"));
  CHECK(books(world).ends_with("| wd pending"));
}

TEST_CASE("a request to a destination that crashes anywhere locks once, for one invoice") {
  const auto crashes = crashes_at_every_effect<Payer>([](Payer& world, const auto& crashing) {
    funded(world);
    crashing([&] { world.pay(); });
    world.pass(seconds(61));
    const auto retried = world.pay();
    REQUIRE_MESSAGE(retried.status() == 202, retried.body());
    CHECK(world.pay().text("id") == retried.text("id"));
    world.pass(minutes(3));
    world.run_due();
    const auto all = world.get("/v1/withdrawals");
    CHECK(all.items("data") == 1);
    CHECK(all.text("data.0.bolt11") == retried.text("bolt11"));
    CHECK(books(world) == "available 20000000 locked 0 | wd failed");  // the sandbox's node has no route to strangers
  });
  CHECK(crashes > 20);
}

TEST_CASE("a run that another one has overtaken does not answer that nothing was locked") {
  for (const bool repeats : {false, true}) {
    Payer world;
    funded(world);
    world.service.repeats = repeats;
    std::optional<Reading> overtaking;
    world.receiver = [&](const Outgoing& asked) -> Reply {
      auto reply = world.service.answer(asked, world.now);
      if (asked.target.contains("/cb") && !overtaking) {
        overtaking.emplace();
        world.now = world.now + seconds(61);  // the lease of the Idempotency-Key has ended
        overtaking = world.pay();
      }
      return reply;
    };
    const auto slow = world.pay();
    REQUIRE(overtaking);
    CHECK(overtaking->status() == 202);
    CHECK(slow.status() == 503);
    CHECK(world.pay().text("id") == overtaking->text("id"));
    CHECK(books(world).ends_with("| wd pending"));
  }
}

TEST_CASE("a quote of a destination needs the scope to withdraw") {
  Payer world;
  funded(world);
  world.test_key = world.post("/v1/api_keys", R"({"scopes":["withdrawals:read"]})").text("key");
  const auto refused = world.post("/v1/withdrawals/quote", R"({"destination":"ann@pay.example.com","amount_sats":2000})");
  CHECK(refused.error() == "403 insufficient_scopes");
  CHECK(world.sent.empty());
}

}  // namespace lntpay::test::destinations_test
