// The Idempotency-Key on every route that takes one: one effect and one response, wherever the process crashes.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "edge/routing/route.hpp"
#include "tests/support/faults_at_every_effect.hpp"
#include "tests/support/misbehaving_node.hpp"

namespace lntpay::test::idempotent_requests_test {
namespace {

/// A POST that can be sent twice: its setup and its body.
struct Write {
  std::string_view pattern;
  std::string (*target)(World&);
  std::string_view body = "";
  std::string_view other_body = R"({"no":"matter"})";  ///< another request of the same path
};

std::string new_charge(World& world) { return world.post("/v1/charges", R"({"amount_sats":21})").text("id"); }
std::string new_endpoint(World& world) {
  return world.post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})").text("id");
}
std::string new_delivery(World& world) {
  const auto id = world.post("/v1/webhook_endpoints/" + new_endpoint(world) + "/test").text("id");
  world.run_due();
  return id;
}
/// With one dead-lettered delivery.
std::string failed_endpoint(World& world) {
  const auto id = new_endpoint(world);
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{500, {}, ""}}; };
  world.post("/v1/webhook_endpoints/" + id + "/test");
  world.pass(days(4));
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{200, {}, ""}}; };
  return id;
}

std::string new_invoice(World& world, std::string_view behavior) {
  const auto funding = world.post("/v1/charges", R"({"amount_sats":10000})").text("id");
  world.post("/v1/sandbox/charges/" + funding + "/pay");
  return world.post("/v1/sandbox/invoices", R"({"amount_sats":100,"behavior":")" + std::string(behavior) + "\"}").text("bolt11");
}
std::string new_withdrawal(World& world, std::string_view behavior = "succeed") {
  const auto body = R"({"bolt11":")" + new_invoice(world, behavior) + "\"}";
  return world.post("/v1/withdrawals", body, {{"idempotency-key", "w1"}}).text("id");
}
/// The node forgets its payments: their withdrawals need review.
void forget_payments(World& world) {
  std::vector<std::string> payments;
  for (const auto& [key, entry] : world.store.rows()) {
    if (key.contains("/sandbox/payment/")) payments.push_back(key);
  }
  for (const auto& key : payments) world.store.erase(key);
}
std::string lost_withdrawal(World& world) {
  const auto id = new_withdrawal(world, "stuck");
  world.run_due();
  forget_payments(world);
  world.pass(hours(2));
  world.log.clear();
  return id;
}

std::string new_gate(World& world) {
  return world.post("/v1/gates", R"({"price_sats":21,"match":{"method":"GET","path":"/reports/*"}})").text("id");
}

/// A paid challenge of a gate, and the body that verifies it.
std::string credential(World& world, const std::string& gate) {
  const auto challenge = world.post("/v1/gates/" + gate + "/challenge", R"({"path":"/reports/7"})");
  const auto offer = challenge.text("www_authenticate.0");
  const auto token = offer.substr(offer.rfind("token=\"") + 7);
  const auto paid = world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + challenge.text("bolt11") + "\"}");
  return "L402 " + token.substr(0, token.size() - 1) + ":" + paid.text("preimage");
}
std::string redemption(World& world) {
  const auto gate = new_gate(world);
  const auto body = R"({"path":"/reports/7","authorization":")" + credential(world, gate) + "\"}";
  return "/v1/redemptions/" + world.post("/v1/gates/" + gate + "/verify", body).text("redemption_id");
}

/// The response to a POST without effects.
constexpr std::string_view reads[] = {"/v1/bolt11/decode", "/v1/withdrawals/quote"};

/// withdrawals_test.cpp, refunds_test.cpp: time ends these in more than one way. gate_visits_test.cpp: what is verified is in the
/// body.
constexpr std::string_view tried_elsewhere[] = {"/v1/withdrawals", "/v1/withdrawals/{withdrawal}/cancel",
                                                "/v1/charges/{charge}/refund", "/v1/gates/{gate}/verify", "/v1/sandbox/wallet/pay"};

const Write writes[] = {
    {"/v1/charges", [](World&) -> std::string { return "/v1/charges"; }, R"({"amount_sats":5})", R"({"amount_sats":6})"},
    {"/v1/charges/{charge}/cancel", [](World& world) { return "/v1/charges/" + new_charge(world) + "/cancel"; }},
    {"/v1/webhook_endpoints", [](World&) -> std::string { return "/v1/webhook_endpoints"; }, R"({"url":"http://127.0.0.1:9/a"})",
     R"({"url":"http://127.0.0.1:9/b"})"},
    {"/v1/webhook_endpoints/{endpoint}/rotate_secret",
     [](World& world) { return "/v1/webhook_endpoints/" + new_endpoint(world) + "/rotate_secret"; }},
    {"/v1/webhook_endpoints/{endpoint}/activate_secret",
     [](World& world) { return "/v1/webhook_endpoints/" + new_endpoint(world) + "/activate_secret"; }},
    {"/v1/webhook_endpoints/{endpoint}/test",
     [](World& world) { return "/v1/webhook_endpoints/" + new_endpoint(world) + "/test"; }},
    {"/v1/webhook_endpoints/{endpoint}/recover",
     [](World& world) { return "/v1/webhook_endpoints/" + failed_endpoint(world) + "/recover"; },
     R"({"since":"2027-01-01T00:00:00Z"})", R"({"since":"2027-01-02T00:00:00Z"})"},
    {"/v1/webhook_deliveries/{delivery}/redeliver",
     [](World& world) { return "/v1/webhook_deliveries/" + new_delivery(world) + "/redeliver"; }},
    {"/v1/workspace/webhook_secret", [](World&) -> std::string { return "/v1/workspace/webhook_secret"; },
     R"({"overlap_seconds":60})", R"({"overlap_seconds":61})"},
    {"/v1/workspace/webhook_secret/activate",
     [](World& world) -> std::string {
       for (int i = 0; i < 2; ++i) world.post("/v1/workspace/webhook_secret");
       return "/v1/workspace/webhook_secret/activate";
     }},
    {"/v1/pay_links", [](World&) -> std::string { return "/v1/pay_links"; }, R"({"name":"tips"})", R"({"name":"tea"})"},
    {"/v1/gates", [](World&) -> std::string { return "/v1/gates"; }, R"({"price_sats":5,"match":{"method":"*","path":"/a"}})",
     R"({"price_sats":6,"match":{"method":"*","path":"/a"}})"},
    {"/v1/gates/{gate}/revoke", [](World& world) { return "/v1/gates/" + new_gate(world) + "/revoke"; }},
    {"/v1/gates/{gate}/challenge", [](World& world) { return "/v1/gates/" + new_gate(world) + "/challenge"; },
     R"({"path":"/reports/7"})", R"({"path":"/reports/8"})"},
    {"/v1/redemptions/{redemption}/commit", [](World& world) { return redemption(world) + "/commit"; }, R"({"reservation":1})",
     R"({"reservation":2})"},
    {"/v1/redemptions/{redemption}/release", [](World& world) { return redemption(world) + "/release"; }, R"({"reservation":1})",
     R"({"reservation":2})"},
    {"/v1/api_keys", [](World&) -> std::string { return "/v1/api_keys"; }, R"({"scopes":["charges:read"]})",
     R"({"scopes":["charges:write"]})"},
    {"/v1/admin/workspaces/{workspace}/api_keys",
     [](World& world) { return "/v1/admin/workspaces/" + world.get("/v1/workspace").text("id") + "/api_keys?environment=test"; },
     R"({"name":"one"})", R"({"name":"two"})"},
    {"/v1/admin/workspaces", [](World&) -> std::string { return "/v1/admin/workspaces"; }, R"({"name":"one"})",
     R"({"name":"two"})"},
    {"/v1/sandbox/charges/{charge}/pay", [](World& world) { return "/v1/sandbox/charges/" + new_charge(world) + "/pay"; },
     R"({"amount_msat":21000})", R"({"amount_msat":22000})"},
    {"/v1/sandbox/invoices", [](World&) -> std::string { return "/v1/sandbox/invoices"; }, R"({"amount_sats":1})",
     R"({"amount_sats":2})"},
    {"/v1/withdrawals/{withdrawal}/reconcile",
     [](World& world) { return "/v1/withdrawals/" + new_withdrawal(world) + "/reconcile"; }},
    {"/v1/admin/workspaces/{workspace}/withdrawals/{withdrawal}/resolve",
     [](World& world) {
       const auto id = lost_withdrawal(world);
       return "/v1/admin/workspaces/" + world.get("/v1/workspace").text("id") + "/withdrawals/" + id + "/resolve?environment=test";
     },
     R"({"outcome":"failed","evidence":"checked"})", R"({"outcome":"failed","evidence":"checked again"})"},
    {"/v1/admin/workspaces/{workspace}/adjustments",
     [](World& world) {
       overcharge(world);
       return "/v1/admin/workspaces/" + world.get("/v1/workspace").text("id") + "/adjustments?environment=test";
     },
     R"({"ticket":"7","bearer":"node","amount_msat":300,"evidence":"checked"})",
     R"({"ticket":"7","bearer":"node","amount_msat":200,"evidence":"checked"})"},
    {"/v1/admin/node/restored", [](World&) -> std::string { return "/v1/admin/node/restored?environment=test"; },
     R"({"evidence":"the disk of node 1 failed"})", R"({"evidence":"and of node 2"})"},
    {"/v1/sandbox/charges/{charge}/expire", [](World& world) { return "/v1/sandbox/charges/" + new_charge(world) + "/expire"; }},
    {"/v1/sandbox/fund", [](World&) -> std::string { return "/v1/sandbox/fund"; }, R"({"amount_sats":5})", R"({"amount_sats":6})"},
    {"/v1/sandbox/clock/advance", [](World&) -> std::string { return "/v1/sandbox/clock/advance"; }, R"({"ms":1000})",
     R"({"ms":2000})"},
    {"/v1/sandbox/faults", [](World&) -> std::string { return "/v1/sandbox/faults"; }, R"({"faults":["sends_lost"]})",
     R"({"faults":[]})"},
    {"/v1/sandbox/reset", [](World&) -> std::string { return "/v1/sandbox/reset"; }},
    {"/v1/api_keys/{key}/roll",
     [](World& world) {
       return "/v1/api_keys/" + world.post("/v1/api_keys", R"({"scopes":["charges:read"]})").text("id") + "/roll";
     },
     R"({"overlap_seconds":60})", R"({"overlap_seconds":61})"},
};

Reading send(World& world, const Write& write, const std::string& target, std::string_view body) {
  Headers headers{{"idempotency-key", "k1"}};
  if (!body.empty()) headers.push_back({"content-type", "application/json"});
  const bool by_operator = write.pattern.starts_with("/v1/admin/");
  headers.push_back({"authorization", "Bearer " + (by_operator ? world.operator_token : world.test_key)});
  return world.request("POST", target, std::string(body), std::move(headers));
}

/// "apikey 2, charge 1, …": the number of rows by kind, for worlds whose ids differ.
std::string shape(const World& world) {
  std::map<std::string, int> rooms;
  for (const auto& [key, entry] : world.store.rows()) {
    if (key.starts_with('~') || key.contains("/audit/")) continue;                  // a retried request may be noted twice
    if (key.contains("/request/req_") || key.contains("/due/requests/")) continue;  // and is logged again
    std::string room;
    for (std::string_view rest = key; !rest.empty();) {
      const auto part = row::cut(rest, '/');
      const bool word = std::ranges::all_of(part, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
      if (word && part.size() > 2) room.append(part).append(" ");
    }
    ++rooms[room];
  }
  std::string text;
  for (const auto& [room, rows] : rooms) text += room + std::to_string(rows) + ", ";
  return text;
}

}  // namespace

TEST_CASE("every POST takes an Idempotency-Key, and is tested here") {
  for (const auto& route : route_table() | std::views::join) {
    CAPTURE(route.pattern);
    // A browser sends no key, and repeating these changes nothing.
    const bool by_form = route.pattern == "/pay/{token}/pay" || route.pattern == "/pay/{token}/renew";
    const bool changes = route.method == "POST" && !by_form && !std::ranges::contains(reads, route.pattern);
    CHECK((route.idempotency != IdempotencyUse::ignored) == changes);
    const bool elsewhere = std::ranges::contains(tried_elsewhere, route.pattern);
    if (changes && !elsewhere) CHECK(std::ranges::count(writes, route.pattern, &Write::pattern) == 1);
  }
}

TEST_CASE("responses about withdrawals are kept for 30 days, others for one") {
  for (const auto& route : route_table() | std::views::join) {
    CAPTURE(route.pattern);
    const bool withdraws = route.pattern.contains("/withdrawals") || route.pattern.ends_with("/refund");
    const bool of_withdrawals = withdraws && route.idempotency != IdempotencyUse::ignored;
    CHECK(route.answer_kept == (of_withdrawals ? days(30) : days(1)));
  }
  World world;
  world.bootstrap();
  const auto invoice = new_invoice(world, "stuck");
  const auto repeated = [&](const char* path, const std::string& body) {
    const auto answer = world.post(path, body, {{"idempotency-key", path}});
    REQUIRE_MESSAGE(answer.status() / 100 == 2, answer.body());
    return answer.header("idempotent-replayed") == "true";
  };
  const auto withdraw = [&] { return repeated("/v1/withdrawals", R"({"bolt11":")" + invoice + "\"}"); };
  const auto charge = [&] { return repeated("/v1/charges", R"({"amount_sats":1})"); };
  CHECK_FALSE(withdraw());
  CHECK_FALSE(charge());
  world.pass(hours(23));
  CHECK(withdraw());
  CHECK(charge());
  forget_payments(world);
  world.pass(hours(2));
  CHECK(withdraw());
  CHECK_FALSE(charge());
  // It needs review, so it is open, whatever the time.
  world.pass(days(40));
  REQUIRE(world.get("/v1/withdrawals").text("data.0.status") == "needs_review");
  CHECK(withdraw());
}

TEST_CASE("a repeated POST returns the same bytes; a different one is refused") {
  for (const auto& write : writes) {
    CAPTURE(write.pattern);
    World world;
    world.bootstrap();
    const auto target = write.target(world);
    const auto first = send(world, write, target, write.body);
    REQUIRE_MESSAGE(first.status() / 100 == 2, first.body());
    world.pass(minutes(1));
    const auto before = world.store.durable();
    const auto again = send(world, write, target, write.body);
    CHECK(again.status() == first.status());
    CHECK(again.body() == first.body());
    CHECK(again.header("idempotent-replayed") == "true");
    CHECK(first.header("idempotent-replayed").empty());
    // An unknown field is refused before the key is checked; so is an unknown parameter.
    const auto other = send(world, write, target, write.other_body);
    CHECK(other.error() == (write.body.empty() ? "400 invalid_request" : "422 idempotency_key_reused"));
    const bool by_operator = write.pattern.starts_with("/v1/admin/");
    const auto elsewhere = send(world, write, "/v1/charges", R"({"amount_sats":77})");
    CHECK(elsewhere.error() == (by_operator ? "401 unauthenticated" : "422 idempotency_key_reused"));
    CHECK(world.store.durable() == before);
  }
}

TEST_CASE("a crash in a POST: its retry ends with one effect and one response") {
  for (const auto& write : writes) {
    CAPTURE(write.pattern);
    const auto run = [&](World& world, const auto& interrupted) {
      const auto target = write.target(world);
      Reading first;
      interrupted([&] { first = send(world, write, target, write.body); });
      world.pass(minutes(2));
      const auto retried = send(world, write, target, write.body);
      CHECK_MESSAGE(retried.status() / 100 == 2, retried.body());
      if (first.status() != 0) CHECK(first.body() == retried.body());
      CHECK(send(world, write, target, write.body).body() == retried.body());
      world.pass(minutes(6));
      CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
      CHECK(world.log.empty());
      return shape(world);
    };
    World calm;
    calm.bootstrap();
    const auto expected = run(calm, [](auto part) { part(); });
    const auto deaths =
        crashes_at_every_effect([&](World& world, const auto& crashing) { CHECK(run(world, crashing) == expected); });
    CHECK(deaths >= 8);
  }
}

TEST_CASE("a cancel returns 200 only if the charge is canceled") {
  World world;
  world.bootstrap();
  const auto id = new_charge(world);
  const auto path = "/v1/charges/" + id + "/cancel";
  // Paid between the first poll and the node's response: the commits are the rate limit's and the poll's.
  world.store.before_commit = [&] { world.store.before_commit = [&] { world.post("/v1/sandbox/charges/" + id + "/pay"); }; };
  const auto late = world.post(path, "", {{"idempotency-key", "k1"}});
  CHECK(late.error() == "409 invalid_state");
  CHECK(late.text("error.message") == "The charge was not canceled. Its status is paid.");
  CHECK(world.post(path, "", {{"idempotency-key", "k1"}}).error() == "409 invalid_state");

  const auto expired = new_charge(world);
  world.post("/v1/sandbox/charges/" + expired + "/expire");
  CHECK(world.post("/v1/charges/" + expired + "/cancel").text("error.message") ==
        "The charge was not canceled. Its status is expired.");

  // A node that does not know the invoice confirms nothing.
  const auto lost = world.post("/v1/charges", R"({"amount_sats":22})");
  for (const auto& [row, entry] : std::map(world.store.rows())) {
    if (row.ends_with("/sandbox/invoice/" + lost.text("payment_hash"))) world.store.erase(row);
  }
  CHECK(world.post("/v1/charges/" + lost.text("id") + "/cancel").text("error.message") ==
        "The charge was not canceled. Its status is pending.");
}

}  // namespace lntpay::test::idempotent_requests_test
