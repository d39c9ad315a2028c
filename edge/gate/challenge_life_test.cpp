// A gate's challenge in the sandbox, from outside: it is no charge until it is paid, and nothing is left of an unpaid one.
#include <doctest/doctest.h>

#include "core/charge/challenge_row.hpp"
#include "tests/support/faults_at_every_effect.hpp"
#include "tests/support/gate_client.hpp"

namespace lntpay::test::challenge_life_test {
namespace {

/// Except for the request log.
std::size_t durable_rows(const World& world) {
  const auto& store = world.store;
  return store.rows().size() - store.count("~") - store.count("/request/req_") - store.count("/due/requests/");
}

std::string page_of(const std::string& url) { return url.substr(url.find("/pay/")); }

}  // namespace

TEST_CASE("a thousand unpaid challenges leave the store no larger") {
  GateClient client;
  const auto before = durable_rows(client);
  for (int batch = 0; batch < 10; ++batch) {
    for (int i = 0; i < 100; ++i) {
      const auto made = client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/reports/7"})");
      REQUIRE_MESSAGE(made.status() == 201, made.body());
    }
    client.pass(minutes(11));
  }
  CHECK(durable_rows(client) > before);
  client.pass(minutes(10));
  CHECK(durable_rows(client) == before);
  CHECK(client.get("/v1/charges").items("data") == 0);
  CHECK(client.get("/v1/events?types=charge.created").items("data") == 0);
  CHECK(client.log.empty());
}

TEST_CASE("a challenge has an invoice, a page and no charge; paid, it is a charge of the gate") {
  GateClient client;
  const auto made = client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/reports/7"})");
  REQUIRE(made.status() == 201);
  CHECK(made.number("amount_msat") == 21'000);
  CHECK(client.get("/v1/charges").items("data") == 0);
  const auto page = page_of(made.text("checkout_url"));
  const auto shown = client.request("GET", page);
  CHECK(shown.status() == 200);
  CHECK(shown.body().contains(made.text("bolt11")));
  CHECK(shown.body().contains(made.text("payment_hash")));
  CHECK(client.request("GET", page + "/status").text("status") == "pending");
  CHECK(client.request("GET", page + "/qr.svg").status() == 200);

  client.pass(seconds(5));
  CHECK(client.request("POST", page + "/pay").status() == 303);
  CHECK(client.request("POST", page + "/pay").status() == 303);
  CHECK(client.request("GET", page + "/status").text("status") == "paid");
  const auto list = client.get("/v1/charges?external_id=" + client.gate);
  REQUIRE(list.items("data") == 1);
  const auto charge = client.get("/v1/charges/" + list.text("data.0.id"));
  CHECK(charge.text("payment_hash") == made.text("payment_hash"));
  CHECK(charge.text("created_at") == charge.text("paid_at"));
  CHECK(charge.number("settled_msat") == 21'000);
  CHECK(client.request("GET", page_of(charge.text("checkout_url")) + "/status").text("status") == "paid");
  CHECK(client.request("GET", page).body().contains(charge.text("id")));
  CHECK(client.get("/v1/balance").number("available_msat") == 21'000);
  CHECK(client.events("charge.paid") == 1);
  CHECK(client.events("charge.created") == 0);
  CHECK(client.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
  CHECK(client.get("/v1/reconciliation").body().contains(R"("ok":true)"));
  client.pass(days(2));
  CHECK(client.request("GET", page + "/status").text("status") == "paid");
}

TEST_CASE("the page of a challenge waits for the payment, and ends with the challenge") {
  GateClient client;
  const auto made = client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/reports/7"})");
  const auto page = page_of(made.text("checkout_url"));
  const auto waiting = client.begin_request("GET", page + "/status?wait=25");
  client.pass(seconds(3));
  CHECK(client.is_open(waiting));
  client.pay(made.text("bolt11"));
  CHECK(client.end(waiting).text("status") == "paid");

  const auto left = client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/reports/7"})");
  const auto other = page_of(left.text("checkout_url"));
  client.pass(minutes(11));
  CHECK(client.request("GET", other + "/status").text("status") == "expired");
  CHECK(client.request("GET", other).status() == 200);
  client.pass(minutes(5));
  CHECK(client.request("GET", other + "/status").error() == "404 not_found");
  CHECK(client.request("GET", other).status() == 404);
  auto forged = other;
  forged[forged.size() - 30] = forged[forged.size() - 30] == 'A' ? 'B' : 'A';
  CHECK(client.request("GET", forged + "/status").error() == "404 not_found");
}

TEST_CASE("the sandbox's clock reaches challenges, and a reset ends their due work without the node") {
  GateClient client;
  const auto before = durable_rows(client);
  client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/reports/7"})");
  client.post("/v1/sandbox/clock/advance", R"({"ms":1000000})");
  client.run_due();
  CHECK(client.store.count("/challenge/") == 0);
  CHECK(durable_rows(client) > before);  // the clock's own rows

  client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/reports/7"})");
  client.post("/v1/sandbox/reset");
  client.pass(minutes(20));
  CHECK(client.store.count("/due/challenge/") == 0);
  CHECK(client.log.empty());
}

TEST_CASE("a crash while a challenge is made leaves one invoice, or nothing") {
  const auto deaths = crashes_at_every_effect([](World& world, const auto& crashing) {
    const auto gate = world.post("/v1/gates", one_report).text("id");
    const auto ask = [&] {
      return world.post("/v1/gates/" + gate + "/challenge", R"({"path":"/reports/7"})", {{"idempotency-key", "c1"}});
    };
    Reading first;
    crashing([&] { first = ask(); });
    world.pass(minutes(2));
    const auto again = ask();
    REQUIRE_MESSAGE(again.status() == 201, again.body());
    if (first.status() == 201) CHECK(first.text("bolt11") == again.text("bolt11"));
    CHECK(world.store.count("/sandbox/invoice/") == 1);
    CHECK(world.store.count("/test/") > 0);
    world.pass(hours(1));
    CHECK(world.store.count("/sandbox/invoice/") == 0);
    CHECK(world.store.count("/challenge/") == 0);
  });
  CHECK(deaths >= 8);
}

TEST_CASE("a crash while a challenge is paid loses no money and credits it once") {
  const auto deaths = crashes_at_every_effect([](World& world, const auto& crashing) {
    const auto gate = world.post("/v1/gates", one_report).text("id");
    const auto made = world.post("/v1/gates/" + gate + "/challenge", R"({"path":"/reports/7"})");
    crashing([&] { world.request("POST", page_of(made.text("checkout_url")) + "/pay"); });
    world.pass(minutes(3));
    const auto paid = world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + made.text("bolt11") + "\"}");
    CHECK_MESSAGE(paid.text("preimage").size() == 64, paid.body());
    CHECK(world.get("/v1/balance").number("available_msat") == 21'000);
    CHECK(world.get("/v1/charges").items("data") == 1);
    CHECK(world.get("/v1/events?types=charge.paid").items("data") == 1);
    CHECK(world.store.count("/due/challenge/") == 0);
    CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
  });
  CHECK(deaths >= 8);
}

TEST_CASE("a charge that a gate made before it was paid still opens, and has its page") {
  GateClient client;
  const auto made = client.post("/v1/gates/" + client.gate + "/challenge", R"({"path":"/reports/7"})");
  const auto token = between(made.text("www_authenticate.0"), "token=\"", '"');
  // As format 7 wrote it: a pending charge with its finder, and no challenge.
  for (const auto& [key, entry] : client.store.rows()) {
    if (!key.contains("/test/") || !key.contains("/challenge/") || key.contains("/due/")) continue;
    const auto row = from_row<ChallengeRow>(entry.value).value();
    const TenantScope tenant{Environment::test, row.workspace};
    Charge charge{.id = challenge_charge_id(tenant, row.payment_hash, client.now),
                  .status = ChargeStatus::pending,
                  .amount = row.amount,
                  .description = row.description,
                  .external_id = client.gate,
                  .payment_hash = row.payment_hash,
                  .bolt11 = row.bolt11,
                  .created_at = row.created_at,
                  .expires_at = row.expires_at,
                  .due_at = row.expires_at,
                  .gate_terms = row.gate_terms};
    const auto due = due_key({"charge", tenant, charge.id.text()}, charge.due_at);
    client.store.erase(std::string(key));
    client.store.put(charge_key(tenant, charge.id), to_row(charge));
    client.store.put(finder_key(Environment::test, charge.payment_hash), to_row(ChargeFinder{tenant.workspace, charge.id}));
    client.store.put(due, "");
    CHECK(client.challenge("L402 " + token + ":" + std::string(64, '0')).text("invoice") == row.bolt11);
    CHECK(client.post("/v1/sandbox/charges/" + charge.id.text() + "/pay").text("status") == "paid");
    CHECK(client.challenge("L402 " + token + ":" + std::string(64, '0')).text("invoice") != row.bolt11);
    return;
  }
  FAIL("there is no challenge");
}

}  // namespace lntpay::test::challenge_life_test
