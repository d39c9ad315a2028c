// Types of events: their schemas and samples, and that real events and tests of endpoints keep to them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "core/event/event_pattern.hpp"
#include "core/operations/event_type_table.hpp"
#include "tests/support/schema_violation.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::event_types_test {
namespace {

constexpr auto ops = "http://127.0.0.1:9/ops";

Reading must(const Reading& reading) {
  REQUIRE_MESSAGE(reading.status() / 100 == 2, reading.body());
  return reading;
}

std::string new_endpoint(World& world, const std::string& url, const std::string& more = "") {
  return must(world.post("/v1/webhook_endpoints", R"({"url":")" + url + "\"" + more + "}")).text("id");
}

Reading send_sample(World& world, const std::string& endpoint, const std::string& type) {
  return world.post("/v1/webhook_endpoints/" + endpoint + "/test", R"({"event_type":")" + type + "\"}");
}

/// The webhooks that a URL received.
std::vector<std::string> bodies_at(const World& world, std::string_view url) {
  std::vector<std::string> bodies;
  for (const auto& sent : world.sent) {
    if (sent.target == url) bodies.push_back(sent.body);
  }
  return bodies;
}

Json read(std::string_view text) {
  auto json = read_json(text);
  REQUIRE(json.has_value());
  return std::move(*json);
}

std::string type_in(std::string_view event) { return read(event).find("type")->text; }

void set_faults(World& world, const std::string& names) { must(world.post("/v1/sandbox/faults", R"({"faults":[)" + names + "]}")); }

void cause_charge_events(World& world) {
  const auto new_charge = [&] {
    const auto body = R"({"amount_sats":10000,"external_id":"order 7","metadata":{"a":[1]}})";
    return must(world.post("/v1/charges", body)).text("id");
  };
  const auto pay = [&](const std::string& id, std::string how = {}) {
    must(world.post("/v1/sandbox/charges/" + id + "/pay", std::move(how)));
  };
  pay(new_charge());
  const auto expired = new_charge();
  must(world.post("/v1/sandbox/charges/" + expired + "/expire"));
  pay(expired, R"({"late":true})");
  must(world.post("/v1/charges/" + new_charge() + "/cancel"));
  set_faults(world, R"("settles_short")");
  pay(new_charge());
  set_faults(world, "");
}

void cause_withdrawal_events(World& world) {
  for (const std::string behavior : {"succeed", "fail", "unknown_then_succeed"}) {
    const auto invoice = must(world.post("/v1/sandbox/invoices", R"({"amount_sats":100,"behavior":")" + behavior + "\"}"));
    must(world.post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + "\"}", {{"idempotency-key", behavior}}));
    world.pass(minutes(1));
  }
}

void cause_key_events(World& world) {
  const auto key = "/v1/api_keys/" + must(world.post("/v1/api_keys", R"({"scopes":["charges:read"]})")).text("id");
  must(world.post(key + "/roll"));
  must(world.send("DELETE", key));
}

void cause_gate_events(World& world) {
  const auto made =
      world.post("/v1/gates", R"({"price_sats":21,"match":{"method":"GET","path":"/a"},"commit":"explicit","schemes":["l402"]})");
  const auto gate = "/v1/gates/" + must(made).text("id");
  for (const auto* end : {"/commit", "/release"}) {
    const auto challenge = must(world.post(gate + "/challenge", R"({"path":"/a"})"));
    const auto offer = challenge.text("www_authenticate.0");
    const auto token = offer.substr(offer.rfind("token=\"") + 7);
    const auto paid = must(world.post("/v1/sandbox/wallet/pay", R"({"bolt11":")" + challenge.text("bolt11") + "\"}"));
    const auto credential = "L402 " + token.substr(0, token.size() - 1) + ":" + paid.text("preimage");
    const auto admitted = must(world.post(gate + "/verify", R"({"path":"/a","authorization":")" + credential + "\"}"));
    must(world.post("/v1/redemptions/" + admitted.text("redemption_id") + end, R"({"reservation":1})"));
  }
}

/// An endpoint that fails for six days, with an event on each.
void cause_endpoint_events(World& world) {
  new_endpoint(world, "http://127.0.0.1:9/dead", R"(,"event_types":["charge.created"])");
  world.receiver = [](const Outgoing& asked) -> Reply {
    return Answered{{static_cast<std::uint16_t>(asked.target.ends_with("/dead") ? 500 : 200), {}, ""}};
  };
  for (int day = 0; day < 6; ++day) {
    must(world.post("/v1/charges", R"({"amount_sats":1})"));
    world.pass(days(1));
  }
}

#ifndef __wasm__  // a wasm module of tests sees no files
constexpr auto golden_path = "tests/golden/event_types.ndjson";

std::string golden_file() {
  std::string text;
  std::FILE* file = std::fopen(golden_path, "rb");
  REQUIRE_MESSAGE(file != nullptr, golden_path);
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  std::fclose(file);
  return text;
}

/// After a change that is meant: LNTPAY_WRITE_GOLDEN=1 build/dev/guest_tests -tc="*of event types are those*"
void write_golden_file(const std::string& text) {
  std::FILE* file = std::fopen(golden_path, "wb");
  REQUIRE(file != nullptr);
  CHECK(std::fwrite(text.data(), 1, text.size(), file) == text.size());
  std::fclose(file);
}
#endif

}  // namespace

#ifndef __wasm__
TEST_CASE("schemas and samples of event types are those of the golden file") {
  World world;
  world.bootstrap();
  std::string served;
  for (const auto name : enum_names<EventType>) served += must(world.get("/v1/event_types/" + std::string(name))).body() + "\n";
  if (std::getenv("LNTPAY_WRITE_GOLDEN") != nullptr) write_golden_file(served);
  CHECK(served == golden_file());
}
#endif

TEST_CASE("the sample of each type matches its schema, and names nothing that exists") {
  for (std::size_t i = 0; i < event_types_count; ++i) {
    const auto type = static_cast<EventType>(i);
    CAPTURE(name_of(type));
    const auto sample = sample_event_json(type);
    CHECK(schema_violation(event_schema(type), sample) == "");
    CHECK(type_in(sample) == name_of(type));
    CHECK(sample.contains(R"(,"sample":true,"data":{)"));
    CHECK_FALSE(description_of(type).empty());
    const auto event = read(sample);
    const auto& data = *event.find("data");
    for (const auto* holder : {&event, &data}) {
      for (const auto& [member, value] : holder->members) {
        const bool is_id = member == "id" || (member.ends_with("_id") && member != "external_id");
        if (is_id) CHECK(value.text.ends_with("_" + std::string(id_tail_size, '0')));
      }
    }
    if (const auto* hash = data.find("payment_hash")) CHECK(hash->text == std::string(64, '0'));
    if (const auto* id = data.find("external_id")) CHECK(id->text == "sample");
  }
  CHECK(schema_violation(event_schema(EventType::charge_paid), sample_event_json(EventType::charge_expired)) ==
        "type: const does not allow charge.expired");
}

TEST_CASE("every key reads event types, and by which scopes their events are read") {
  World world;
  world.bootstrap();
  world.test_key = must(world.post("/v1/api_keys", R"({"scopes":["gates:verify"]})")).text("key");
  const auto paid = world.get("/v1/event_types/charge.paid");
  CHECK(paid.text("name") == "charge.paid");
  CHECK(paid.body().contains(R"("scopes":["charges:read","charges:write","ledger:read"])"));
  CHECK(world.get("/v1/event_types/api_key.rolled").body().contains(R"("scopes":["keys:write"])"));
  const auto all = world.get("/v1/event_types").body();
  std::size_t from = 0;
  for (const auto name : enum_names<EventType>) {
    from = all.find(R"({"object":"event_type","name":")" + std::string(name) + '"', from);
    CHECK(from != all.npos);
  }
  CHECK(world.get("/v1/event_types/charge.*").error() == "404 not_found");
}

TEST_CASE("webhooks of every type of event match the schema of their type") {
  World world;
  world.bootstrap();
  const auto id = new_endpoint(world, ops);
  cause_charge_events(world);
  cause_withdrawal_events(world);
  cause_key_events(world);
  cause_gate_events(world);
  must(world.post("/v1/webhook_endpoints/" + id + "/test"));
  cause_endpoint_events(world);
  std::set<std::string> seen;
  for (const auto& body : bodies_at(world, ops)) {
    const auto type = type_in(body);
    CAPTURE(body);
    CHECK(schema_violation(event_schema(*from_name<EventType>(type)), body) == "");
    CHECK_FALSE(body.contains(R"("sample":)"));
    seen.insert(type);
  }
  for (const auto name : enum_names<EventType>) CHECK_MESSAGE(seen.contains(std::string(name)), name);
}

TEST_CASE("a test of an endpoint sends it the sample of the type that is asked for") {
  World world;
  world.bootstrap();
  new_endpoint(world, ops);
  const auto own = "http://127.0.0.1:9/own";
  const auto id = new_endpoint(world, own, R"(,"event_types":["charge.created"])");
  for (const auto type : enum_names<EventType>) {
    CAPTURE(type);
    world.sent.clear();
    const auto delivery = send_sample(world, id, std::string(type));
    CHECK(delivery.status() == 202);
    CHECK(delivery.text("event_type") == "webhook.test");
    world.run_due();
    const auto bodies = bodies_at(world, own);
    REQUIRE(bodies.size() == 1);
    CHECK(bodies_at(world, ops).empty());
    CHECK(schema_violation(event_schema(*from_name<EventType>(type)), bodies.front()) == "");
    CHECK(type_in(bodies.front()) == type);
    if (type == "webhook.test") continue;
    CHECK(bodies.front().contains("\"sample\":true,\"data\":" + sample_of(*from_name<EventType>(type), Environment::test).data));
  }
  CHECK(send_sample(world, id, "charge.*").text("error.param") == "event_type");
}

TEST_CASE("a sample is a webhook.test in the list of events, and is about no object") {
  World world;
  world.bootstrap();
  const auto id = new_endpoint(world, "http://127.0.0.1:9/own");
  const auto event = must(send_sample(world, id, "charge.paid")).text("event_id");
  CHECK(world.get("/v1/events?types=charge.*").items("data") == 0);
  const auto shown = world.get("/v1/events/" + event);
  CHECK(shown.text("type") == "webhook.test");
  CHECK(shown.text("data.event_type") == "charge.paid");
  CHECK(shown.text("data.sample") == sample_of(EventType::charge_paid, Environment::test).data);
  const auto charge = shown.text("data.sample.id");
  CHECK(world.get("/v1/charges/" + charge).error() == "404 not_found");
  CHECK(world.get("/v1/webhook_deliveries?object_id=" + charge).items("data") == 0);
  CHECK(world.get("/v1/audit?action=webhook_endpoint.test").text("data.0.detail") == "charge.paid");
}

TEST_CASE("a redelivered sample has the same bytes; a recovery sends none elsewhere") {
  World world;
  world.bootstrap();
  const auto own = "http://127.0.0.1:9/own";
  const auto id = new_endpoint(world, own);
  const auto delivery = must(send_sample(world, id, "withdrawal.succeeded")).text("id");
  world.run_due();
  must(world.post("/v1/webhook_deliveries/" + delivery + "/redeliver"));
  world.run_due();
  const auto bodies = bodies_at(world, own);
  REQUIRE(bodies.size() == 2);
  CHECK(bodies[0] == bodies[1]);
  const auto other = new_endpoint(world, ops);
  must(world.post("/v1/webhook_endpoints/" + other + "/recover", R"({"since":"2020-01-01T00:00:00Z"})"));
  world.pass(minutes(1));
  CHECK(world.get("/v1/webhook_endpoints/" + other + "/recovery").text("status") == "done");
  CHECK(bodies_at(world, ops).empty());
}

TEST_CASE("a key sends samples only of types that it may read") {
  World world;
  world.bootstrap();
  const auto till = must(world.post("/v1/api_keys", R"({"scopes":["charges:read","webhooks:read","webhooks:write"]})"));
  world.test_key = till.text("key");
  const auto id = new_endpoint(world, "http://127.0.0.1:9/till", R"(,"event_types":["charge.*"])");
  const auto refused = send_sample(world, id, "withdrawal.succeeded");
  CHECK(refused.error() == "403 insufficient_scopes");
  CHECK(refused.text("error.details.missing.0") == "withdrawals:read");
  CHECK(send_sample(world, id, "charge.expired").status() == 202);
  world.run_due();
  CHECK(bodies_at(world, "http://127.0.0.1:9/till").size() == 1);
}

TEST_CASE("a sample of a live endpoint is of the environment live") {
  World world;
  world.bootstrap();
  world.test_key = world.live_key;
  const auto id = new_endpoint(world, "https://shop.example.com/hook");
  must(send_sample(world, id, "charge.paid"));
  world.run_due();
  const auto bodies = bodies_at(world, "https://shop.example.com/hook");
  REQUIRE(bodies.size() == 1);
  const auto event = read(bodies.front());
  CHECK(event.find("environment")->text == "live");
  CHECK(event.find("data")->find("environment")->text == "live");
}

}  // namespace lntpay::test::event_types_test
