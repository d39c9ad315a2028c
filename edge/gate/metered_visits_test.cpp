// Metered gates: the service reports what a request costs, and the rest of the payment stays credit of the same credential.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/gate/macaroon.hpp"
#include "tests/support/faults_at_every_effect.hpp"
#include "tests/support/gate_client.hpp"

namespace lntpay::test::metered_visits_test {
namespace {

/// One request at a time, up to all of the credit.
constexpr const char* metered = R"({"price_sats":10,"match":{"method":"GET","path":"/reports/*"},"mode":"metered"})";
constexpr const char* in_parts =
    R"({"price_sats":10,"match":{"method":"GET","path":"/reports/*"},"mode":"metered","max_price_msat":4000,"min_credit_msat":2000})";
constexpr const char* by_service =
    R"({"price_sats":10,"match":{"method":"GET","path":"/reports/*"},"mode":"metered","max_price_msat":4000,"commit":"explicit"})";

std::string max_price_in(const Outcome& passed) { return value_of(passed.pass.value().add, "lntpay-max-price"); }

/// "300 of 10000": what the client gets for a request that the service answers so; "402 …" if it does not pass.
std::string served(GateClient& client, const std::string& credential, const std::string& price, std::uint16_t status = 200,
                   const std::string& method = "GET") {
  const auto passed = client.visit_as(credential, method);
  if (!passed.pass) return std::to_string(status_of(passed));
  const auto lines = client.redeemed(passed, status, {}, price).response.value().headers;
  return value_of(lines, "lntpay-price") + " of " + max_price_in(passed) + ", " + value_of(lines, "lntpay-credit") + " left";
}

}  // namespace

TEST_CASE("a request costs what the service reports, and the rest pays for the next ones") {
  GateClient client(metered);
  const auto credential = client.buy();
  CHECK(served(client, credential, "300") == "300 of 10000, 9700 left");
  CHECK(served(client, credential, " 8701 ") == "8701 of 9700, 999 left");
  const auto refused = client.visit_as(credential);
  CHECK(status_of(refused) == 402);
  CHECK(Reading{*refused.response}.text("detail") == "The credit is spent. Pay the invoice of a new challenge.");
  CHECK(client.events("gate.redeemed") == 2);
  const auto events = client.get("/v1/events?types=gate.redeemed");
  CHECK(events.number("data.0.data.price_msat") == 300);
  CHECK(events.number("data.1.data.price_msat") == 8'701);
  CHECK(events.number("data.1.data.credit_msat") == 999);
  CHECK(client.get("/v1/balance").number("available_msat") == 10'000);
}

TEST_CASE("a price that is no number, or more than the request may cost, costs what was reserved") {
  for (const auto* price : {"", "-1", "1.5", "1e3", "+7", "0x10", "300 msat", "300, 300", "4001", "99999999999999999999999"}) {
    CAPTURE(price);
    GateClient client(in_parts);
    CHECK(served(client, client.buy(), price) == "4000 of 4000, 6000 left");
  }
  GateClient client(in_parts);
  const auto credential = client.buy();
  CHECK(served(client, credential, "0") == "0 of 4000, 10000 left");
  CHECK(served(client, credential, "0004") == "4 of 4000, 9996 left");
}

TEST_CASE("a response that releases the use costs nothing, whatever price it reports") {
  GateClient client(metered);
  const auto credential = client.buy();
  for (const int status : {0, 304, 404, 500})
    CHECK(served(client, credential, "5000", static_cast<std::uint16_t>(status)) == "0 of 10000, 10000 left");
  CHECK(served(client, credential, "5000", 200, "HEAD") == "0 of 10000, 10000 left");
  CHECK(client.events("gate.redeemed") == 0);
  CHECK(served(client, credential, "5000") == "5000 of 10000, 5000 left");
}

TEST_CASE("requests at once never spend more than was paid") {
  GateClient client(in_parts);
  const auto credential = client.buy();
  const auto first = client.visit_as(credential);
  const auto second = client.visit_as(credential, "GET", "/reports/8");
  const auto third = client.visit_as(credential, "GET", "/reports/9");
  CHECK(max_price_in(first) == "4000");
  CHECK(max_price_in(second) == "4000");
  CHECK(max_price_in(third) == "2000");
  CHECK(status_of(client.visit_as(credential)) == 409);
  for (const auto* passed : {&first, &second, &third}) client.redeemed(*passed, 200, {}, "4000");
  CHECK(status_of(client.visit_as(credential)) == 402);
  const auto events = client.get("/v1/events?types=gate.redeemed");
  CHECK(events.number("data.0.data.price_msat") + events.number("data.1.data.price_msat") +
            events.number("data.2.data.price_msat") ==
        10'000);
}

TEST_CASE("without a maximum a second request waits for the first") {
  GateClient client(metered);
  const auto credential = client.buy();
  const auto first = client.visit_as(credential);
  CHECK(status_of(client.visit_as(credential)) == 409);
  client.redeemed(first, 200, {}, "1");
  CHECK(served(client, credential, "1") == "1 of 9999, 9998 left");
}

TEST_CASE("a service commits with a price of its own") {
  GateClient client(by_service);
  const auto credential = client.buy();
  const auto verified = client.verify(credential);
  CHECK(verified.number("max_price_msat") == 4'000);
  const auto path = "/v1/redemptions/" + verified.text("redemption_id");
  CHECK(client.post(path + "/commit", R"({"reservation":1,"price_msat":-1})").error() == "400 invalid_request");
  CHECK(client.post(path + "/commit", R"({"reservation":1,"price_msat":"1"})").error() == "400 invalid_request");
  CHECK(client.post(path + "/release", R"({"reservation":1,"price_msat":1})").error() == "400 invalid_request");
  const auto committed = client.post(path + "/commit", R"({"reservation":1,"price_msat":700})");
  CHECK(committed.text("status") == "committed");
  CHECK(committed.number("price_msat") == 700);
  CHECK(committed.number("credit_msat") == 9'300);
  const auto again = client.post(path + "/commit", R"({"reservation":1,"price_msat":4000})");
  CHECK(again.number("price_msat") == 0);
  CHECK(again.number("credit_msat") == 9'300);

  const auto dearer = client.verify(credential);
  const auto capped =
      client.post("/v1/redemptions/" + dearer.text("redemption_id") + "/commit", R"({"reservation":2,"price_msat":9000})");
  CHECK(capped.number("price_msat") == 4'000);
  // The end of the lease commits, at the most that the request could cost.
  CHECK(client.verify(credential).number("max_price_msat") == 4'000);
  client.pass(minutes(3));
  CHECK(client.verify(credential).number("max_price_msat") == 1'300);
  CHECK(client.get("/v1/events?types=gate.redeemed").number("data.2.data.price_msat") == 4'000);
  CHECK(client.events("gate.redeemed") == 3);
}

TEST_CASE("forward-auth that commits with its check costs the maximum; an explicit one names it") {
  GateClient client(in_parts);
  const auto credential = client.buy();
  CHECK(client.authorize(credential).header("lntpay-max-price") == "4000");
  CHECK(client.authorize(credential).status() == 204);
  CHECK(client.authorize(credential).header("lntpay-max-price") == "2000");
  CHECK(client.authorize(credential).status() == 401);
  const auto events = client.get("/v1/events?types=gate.redeemed");
  CHECK(events.number("data.2.data.price_msat") == 2'000);
  CHECK(events.number("data.2.data.credit_msat") == 0);
}

TEST_CASE("what was sold stays metered or not, whatever the gate becomes") {
  GateClient client(in_parts);
  const auto sold = client.buy();
  CHECK(served(client, sold, "1000") == "1000 of 4000, 9000 left");
  client.change(R"({"mode":"pass","uses":2})");
  CHECK(served(client, sold, "1000") == "1000 of 4000, 8000 left");
  const auto pass = client.buy();
  client.change(R"({"mode":"metered","max_price_msat":1000,"min_credit_msat":1000})");
  CHECK(served(client, pass, "1000") == " of ,  left");
  CHECK(served(client, sold, "1000") == "1000 of 4000, 7000 left");
  CHECK(served(client, client.buy(), "5000") == "1000 of 1000, 9000 left");
}

TEST_CASE("a holder cannot make a pass of credit, nor credit of a pass") {
  GateClient client(metered);
  const auto credential = client.buy();
  const auto token = between(credential, "L402 ", ':');
  auto macaroon = *Macaroon::parse(*base64_decode(Base64::standard, token));
  macaroon.add_caveat("mode=pass");
  const auto changed = base64(Base64::standard, bytes_of(macaroon.binary())) + credential.substr(credential.find(':'));
  CHECK(status_of(client.visit_as("L402 " + changed)) == 401);
  CHECK(served(client, credential, "1") == "1 of 10000, 9999 left");
}

TEST_CASE("the settings of a metered gate are checked, and shown") {
  GateClient client(in_parts);
  const auto gate = client.get("/v1/gates/" + client.gate);
  CHECK(gate.text("mode") == "metered");
  CHECK(gate.number("max_price_msat") == 4'000);
  CHECK(gate.number("min_credit_msat") == 2'000);
  CHECK(gate.number("ttl_seconds") == 3'600);
  const auto refused = [&](const std::string& change) {
    const auto answer = client.send("PATCH", "/v1/gates/" + client.gate, change);
    return answer.error() + " " + answer.text("error.param");
  };
  CHECK(refused(R"({"min_credit_msat":4001})") == "400 invalid_request min_credit_msat");
  CHECK(refused(R"({"max_price_msat":1999})") == "400 invalid_request min_credit_msat");
  CHECK(refused(R"({"price_sats":1})") == "400 invalid_request min_credit_msat");
  CHECK(refused(R"({"max_price_msat":0})") == "400 invalid_request max_price_msat");
  CHECK(refused(R"({"mode":"pass","max_price_msat":5})") == "400 invalid_request max_price_msat");
  CHECK(refused(R"({"mode":"per_request","min_credit_msat":5})") == "400 invalid_request min_credit_msat");
  client.change(R"({"mode":"per_request"})");
  CHECK(client.get("/v1/gates/" + client.gate).body().contains(R"("max_price_msat":null)"));
}

TEST_CASE("a commit of a price that crashes or is doubted takes the price once") {
  const auto flow = [](World& world, const auto& faulty) {
    const auto gate = world.post("/v1/gates", metered).text("id");
    const auto challenge = world.post("/v1/gates/" + gate + "/challenge", R"({"path":"/reports/7"})");
    const auto paid = world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + challenge.text("bolt11") + "\"}");
    const Headers headers{
        {"authorization", "L402 " + between(challenge.text("www_authenticate.0"), "token=\"", '"') + ":" + paid.text("preimage")}};
    const auto passed = world.visit(gate, "GET", "/reports/7", headers);
    REQUIRE(passed.pass.has_value());
    faulty([&] { world.redeemed(passed, 200, {}, "3000"); });
    world.redeemed(passed, 200, {}, "3000");  // the host begins it again where it was not recorded
    CHECK(value_of(world.visit(gate, "GET", "/reports/8", headers).pass.value().add, "lntpay-max-price") == "7000");
    CHECK(world.get("/v1/events?types=gate.redeemed").items("data") == 1);
  };
  CHECK(crashes_at_every_effect(flow) >= 4);
  for (const auto fault : {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written}) {
    World world;
    world.bootstrap();
    flow(world, [&](auto part) {
      world.store.fault_at(1, fault);
      part();
      CHECK(world.store.faults.empty());
    });
  }
}

}  // namespace lntpay::test::metered_visits_test
