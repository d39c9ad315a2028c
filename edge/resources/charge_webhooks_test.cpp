// Webhooks of single charges through the API: `webhook_url`, its deliveries, and the webhook secret of the workspace.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/webhook/secret/signature.hpp"
#include "tests/support/faults_at_every_effect.hpp"

namespace lntpay::test::charge_webhooks_test {
namespace {

constexpr const char* secret_path = "/v1/workspace/webhook_secret";
constexpr const char* order_url = "https://shop.example.com/orders/7";

/// A workspace with a webhook secret.
struct Shop : World {
  Shop() {
    bootstrap();
    const auto made = post(secret_path);
    REQUIRE_MESSAGE(made.status() == 201, made.body());
    secret = made.text("secret");
  }
  std::string secret;

  std::string charge(const std::string& url = order_url, const std::string& more = {}) {
    const auto made = post("/v1/charges", R"({"amount_sats":21,"webhook_url":")" + url + "\"" + more + "}");
    REQUIRE_MESSAGE(made.status() == 201, made.body());
    CHECK(made.text("webhook_url") == url);
    return made.text("id");
  }
  Reading pay(const std::string& charge, const std::string& body = {}) {
    return post("/v1/sandbox/charges/" + charge + "/pay", body);
  }
  Reading deliveries_of(const std::string& charge) { return get("/v1/webhook_deliveries?object_id=" + charge); }
  /// The types of the events that were sent, in order.
  [[nodiscard]] std::string sent_types() const {
    std::string types;
    for (const auto& each : sent) {
      const auto at = each.body.find(R"("type":")") + 8;
      types.append(types.empty() ? "" : " ").append(each.body.substr(at, each.body.find('"', at) - at));
    }
    return types;
  }
  /// A key with these scopes, used from then on.
  void become(const std::string& scopes) {
    const auto made = post("/v1/api_keys", R"({"scopes":[)" + scopes + "]}");
    REQUIRE_MESSAGE(made.status() == 201, made.body());
    test_key = made.text("key");
  }
};

}  // namespace

TEST_CASE("every end of a charge is posted to its webhook_url, its creation is not") {
  struct End {
    const char* types;
    void (*happens)(Shop&, const std::string&);
  };
  const End ends[] = {
      {"charge.paid", [](Shop& shop, const std::string& id) { shop.pay(id); }},
      {"charge.expired", [](Shop& shop, const std::string& id) { shop.post("/v1/sandbox/charges/" + id + "/expire"); }},
      {"charge.canceled", [](Shop& shop, const std::string& id) { shop.post("/v1/charges/" + id + "/cancel"); }},
      {"charge.underpaid",
       [](Shop& shop, const std::string& id) {
         shop.post("/v1/sandbox/faults", R"({"faults":["settles_short"]})");
         shop.pay(id);
       }},
      {"charge.canceled charge.paid_late",
       [](Shop& shop, const std::string& id) {
         shop.post("/v1/charges/" + id + "/cancel");
         shop.run_due();
         shop.pay(id, R"({"late":true})");
       }},
  };
  for (const auto& end : ends) {
    CAPTURE(end.types);
    Shop shop;
    const auto id = shop.charge();
    shop.run_due();
    CHECK(shop.sent.empty());
    end.happens(shop, id);
    shop.run_due();
    CHECK(shop.sent_types() == end.types);
    for (const auto& each : shop.sent) {
      CHECK(each.target == order_url);
      CHECK(each.body.contains(R"("data":{"id":")" + id));
      CHECK(verify_webhook(shop.secret, each.headers, each.body, shop.now).has_value());
    }
  }
}

TEST_CASE("a charge without a webhook_url is posted nowhere") {
  Shop shop;
  const auto made = shop.post("/v1/charges", R"({"amount_sats":21})");
  CHECK(made.body().contains(R"("webhook_url":null)"));
  shop.pay(made.text("id"));
  shop.run_due();
  CHECK(shop.sent.empty());
}

TEST_CASE("a webhook_url needs a webhook secret, which the refusal names") {
  World world;
  world.bootstrap();
  const std::string body = R"({"amount_sats":21,"webhook_url":"https://shop.example.com/"})";
  const auto refused = world.post("/v1/charges", body, {{"idempotency-key", "k"}});
  CHECK(refused.error() == "409 invalid_state");
  CHECK(refused.text("error.message").contains("POST /v1/workspace/webhook_secret"));
  CHECK(world.get("/v1/charges").items("data") == 0);
  world.post(secret_path);
  CHECK(world.post("/v1/charges", body, {{"idempotency-key", "k"}}).status() == 201);
}

TEST_CASE("a webhook_url follows the rules for URLs of endpoints") {
  Shop shop;
  for (const auto* url : {"shop.example.com", "ftp://shop.example.com/", "https://10.0.0.1/", "http://shop.example.com/",
                          "https://shop.internal/", "https://a:b@shop.example.com/", "https://shop.example.com:22/"}) {
    const auto refused = shop.post("/v1/charges", R"({"amount_sats":21,"webhook_url":")" + std::string(url) + "\"}");
    CHECK_MESSAGE(refused.error() == "400 invalid_request", url);
    CHECK_MESSAGE(refused.text("error.param") == "webhook_url", url);
  }
  CHECK(shop.get("/v1/charges").items("data") == 0);
}

TEST_CASE("deliveries to a webhook_url are listed, read and repeated") {
  Shop shop;
  shop.receiver = [](const Outgoing&) -> Reply { return Answered{{410, {}, "gone"}}; };
  const auto id = shop.charge();
  shop.pay(id);
  shop.run_due();
  const auto listed = shop.deliveries_of(id);
  REQUIRE(listed.items("data") == 1);
  CHECK(listed.body().contains(R"("endpoint_id":null,"url":"https://shop.example.com/orders/7")"));
  CHECK(listed.text("data.0.status") == "failed");
  CHECK(listed.text("data.0.event_type") == "charge.paid");
  const auto path = "/v1/webhook_deliveries/" + listed.text("data.0.id");
  CHECK(shop.get(path).text("attempt_log.0.response_body") == "gone");
  shop.receiver = [](const Outgoing&) -> Reply { return Answered{{200, {}, "ok"}}; };
  CHECK(shop.post(path + "/redeliver").status() == 202);
  shop.run_due();
  CHECK(shop.get(path).text("status") == "succeeded");
  CHECK(shop.sent_types() == "charge.paid charge.paid");

  shop.become(R"("webhooks:read","webhooks:write","withdrawals:read")");
  CHECK(shop.deliveries_of(id).items("data") == 0);
  CHECK(shop.get(path).error() == "403 insufficient_scopes");
  CHECK(shop.post(path + "/redeliver").error() == "403 insufficient_scopes");
}

TEST_CASE("the target of a webhook_url is no endpoint of the API") {
  Shop shop;
  shop.post("/v1/charges/" + shop.charge() + "/cancel");
  // …/delivery_of/{target}/{seq}
  const auto row = std::ranges::find_if(shop.store.rows(), [](const auto& each) { return each.first.contains("/delivery_of/"); });
  REQUIRE(row != shop.store.rows().end());
  const auto end = row->first.rfind('/');
  const auto begin = row->first.rfind('/', end - 1) + 1;
  const auto path = "/v1/webhook_endpoints/" + row->first.substr(begin, end - begin);
  CHECK(shop.get("/v1/webhook_endpoints").items("data") == 0);
  CHECK(shop.get(path).error() == "404 not_found");
  CHECK(shop.send("PATCH", path, R"({"status":"disabled"})").error() == "404 not_found");
  for (const auto* action : {"/test", "/rotate_secret", "/activate_secret"})
    CHECK(shop.post(path + action).error() == "404 not_found");
  CHECK(shop.send("DELETE", path).error() == "404 not_found");
}

TEST_CASE("a key that only creates charges may name their webhook_url") {
  Shop shop;
  shop.become(R"("charges:write")");
  const auto id = shop.charge();
  shop.post("/v1/charges/" + id + "/cancel");
  shop.run_due();
  CHECK(shop.sent_types() == "charge.canceled");
}

TEST_CASE("the webhook secret is shown once, rotated, activated and retired") {
  World world;
  world.bootstrap();
  CHECK(world.get(secret_path).error() == "404 not_found");
  CHECK(world.post("/v1/workspace/webhook_secret/activate").error() == "404 not_found");
  const auto made = world.post(secret_path);
  CHECK(made.status() == 201);
  CHECK(made.text("secret").starts_with("whsec_"));
  CHECK(made.items("secrets") == 1);
  CHECK_FALSE(world.get(secret_path).body().contains("whsec_"));

  const auto rotated = world.post(secret_path, R"({"overlap_seconds":60})");
  CHECK(rotated.text("secret") != made.text("secret"));
  CHECK(rotated.text("secrets.1.id") == made.text("secrets.0.id"));
  CHECK(rotated.body().contains(R"("expires_at":null,"active":false)"));
  const auto activated = world.post("/v1/workspace/webhook_secret/activate");
  CHECK(activated.body().contains(R"("expires_at":null,"active":true)"));
  CHECK_FALSE(activated.body().contains("whsec_"));
  const auto retired = world.send("DELETE", "/v1/workspace/webhook_secret/secrets/" + made.text("secrets.0.id"));
  CHECK(retired.items("secrets") == 1);
  const auto last = "/v1/workspace/webhook_secret/secrets/" + rotated.text("secrets.0.id");
  CHECK(world.send("DELETE", last).error() == "409 invalid_state");
  CHECK(world.send("DELETE", "/v1/workspace/webhook_secret/secrets/sec_none").error() == "404 not_found");

  const auto audit = world.get("/v1/audit?action=webhook_secret.");
  CHECK(audit.items("data") == 4);
  const auto live = world.request("GET", secret_path, {}, {{"authorization", "Bearer " + world.live_key}});
  CHECK(live.error() == "404 not_found");
  world.post("/v1/sandbox/reset");
  CHECK(world.get(secret_path).error() == "404 not_found");
}

TEST_CASE("only a key that may read charges changes the webhook secret") {
  Shop shop;
  const auto id = shop.get(secret_path).text("secrets.0.id");
  shop.become(R"("webhooks:read","webhooks:write")");
  CHECK(shop.get(secret_path).text("secrets.0.id") == id);
  CHECK(shop.post(secret_path).error() == "403 insufficient_scopes");
  CHECK(shop.post("/v1/workspace/webhook_secret/activate").error() == "403 insufficient_scopes");
  CHECK(shop.send("DELETE", "/v1/workspace/webhook_secret/secrets/" + id).error() == "403 insufficient_scopes");
}

TEST_CASE("the response with the webhook secret is replayed to its requester only") {
  Shop shop;
  const Headers keyed{{"idempotency-key", "rotate"}};
  const auto rotated = shop.post(secret_path, "", keyed);
  CHECK(shop.post(secret_path, "", keyed).body() == rotated.body());
  shop.become(R"("webhooks:write","charges:read")");
  CHECK(shop.post(secret_path, "", keyed).error() == "403 insufficient_scopes");
}

TEST_CASE("a payment is posted to its webhook_url, wherever the process crashes") {
  crashes_at_every_effect([](World& world, const auto& crashing) {
    world.post(secret_path);
    const std::string body = R"({"amount_sats":21,"webhook_url":"https://shop.example.com/orders/7"})";
    std::string id;
    crashing([&] {
      world.post("/v1/charges", body, {{"idempotency-key", "k"}});
      world.pass(minutes(2));
      id = world.post("/v1/charges", body, {{"idempotency-key", "k"}}).text("id");
      world.post("/v1/sandbox/charges/" + id + "/pay", "", {{"idempotency-key", "p"}});
      world.run_due();
    });
    world.pass(minutes(2));
    id = world.post("/v1/charges", body, {{"idempotency-key", "k"}}).text("id");
    world.post("/v1/sandbox/charges/" + id + "/pay", "", {{"idempotency-key", "p"}});
    world.pass(minutes(2));
    CHECK(world.get("/v1/charges").items("data") == 1);
    const auto listed = world.get("/v1/webhook_deliveries?object_id=" + id);
    CHECK(listed.items("data") == 1);
    CHECK(listed.text("data.0.status") == "succeeded");
    CHECK_FALSE(world.sent.empty());
    for (const auto& each : world.sent) CHECK(each.body == world.sent.front().body);
  });
}

}  // namespace lntpay::test::charge_webhooks_test
