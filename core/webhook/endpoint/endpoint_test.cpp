// API operations on webhook endpoints and deliveries.
#include "core/webhook/endpoint/endpoint.hpp"

#include "core/webhook/secret/signature.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::endpoint_test {
namespace {

using test::every_fault;
using test::WebhookWorld;

/// The error that an operation ends with.
template <class Operation>
Error error_of(WebhookWorld& world, Operation operation) {
  auto ended = world.run(std::move(operation));
  REQUIRE_FALSE(ended.has_value());
  return ended.error();
}

Endpoint change(WebhookWorld& world, const EndpointId& id, EndpointChange what) {
  return world.must([&](Context& cx) { return change_endpoint(cx, world.tenant, id, what); });
}

void remove(WebhookWorld& world, const EndpointId& id) {
  CHECK(world.run([&](Context& cx) { return delete_endpoint(cx, world.tenant, id); }).has_value());
}

std::uint64_t counted(const WebhookWorld& world) {
  return from_row<AccountState>(world.store.rows().at(account_key(world.tenant)).value).value().endpoints;
}

}  // namespace

TEST_CASE("an endpoint is created, listed and read; its secret is shown once") {
  WebhookWorld world;
  const auto [endpoint, secret] =
      world.endpoint("https://shop.example.com/hook", {EventType::charge_paid, EventType::charge_expired});
  CHECK(secret.reveal_text().starts_with("whsec_"));
  CHECK(endpoint_json(endpoint, world.tenant, world.now, &secret).find(secret.reveal_text()) != std::string::npos);
  CHECK(endpoint_json(endpoint, world.tenant, world.now).find("whsec_") == std::string::npos);
  for (const auto& [key, entry] : world.store.rows()) CHECK(entry.value.find("whsec_") == std::string::npos);
  const auto read = world.read_endpoint(endpoint.id);
  CHECK(to_row(read) == to_row(endpoint));
  CHECK(world.must([&](Context& cx) { return list_endpoints(cx, world.tenant); }).size() == 1);
  const auto expected =
      R"({"id":")" + endpoint.id.text() +
      R"(","object":"webhook_endpoint","url":"https://shop.example.com/hook","description":"",)"
      R"("event_types":["charge.paid","charge.expired"],"status":"enabled","ordering":"none","max_per_second":0,)"
      R"("header_names":[],"disabled_at":null,)"
      R"("disabled_reason":null,"missed_events":0,"missed_events_capped":false,"failing_since":null,"secrets":[{"id":")" +
      endpoint.secrets.front().id +
      R"(","created_at":"2026-02-03T04:05:06.000Z","expires_at":null,"active":true}],)"
      R"("created_at":"2026-02-03T04:05:06.000Z",)"
      R"("environment":"test"})";
  CHECK(endpoint_json(read, world.tenant, world.now) == expected);
}

TEST_CASE("an invalid endpoint is rejected with its field, and nothing is written") {
  WebhookWorld world;
  const auto create = [&](EndpointRequest asked) {
    return error_of(world, [&, asked](Context& cx) { return create_endpoint(cx, world.tenant, asked); });
  };
  const auto inside = create({"https://10.0.0.1/", "", {}});
  CHECK(inside.code == ErrorCode::invalid_request);
  CHECK(inside.param == "url");
  CHECK(create({"https://a.example.com/", std::string(501, 'x'), {}}).param == "description");
  world.tenant.environment = Environment::live;
  CHECK(create({"http://127.0.0.1:9000/", "", {}}).param == "url");
  CHECK(world.store.rows().empty());
}

TEST_CASE("a workspace has at most twenty endpoints") {
  WebhookWorld world;
  auto last = world.endpoint().endpoint.id;
  for (std::size_t i = 1; i < endpoints_max; ++i) last = world.endpoint().endpoint.id;
  CHECK(error_of(world, [&](Context& cx) { return create_endpoint(cx, world.tenant, {"https://a.example.com/", "", {}}); }).code ==
        ErrorCode::limit_exceeded);
  remove(world, last);
  world.endpoint();
  CHECK(counted(world) == endpoints_max);
}

TEST_CASE("an endpoint of another workspace or environment is not found") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  auto other = world.tenant;
  other.environment = Environment::live;
  CHECK(error_of(world, [&](Context& cx) { return get_endpoint(cx, other, id); }).code == ErrorCode::not_found);
  CHECK(error_of(world, [&](Context& cx) { return delete_endpoint(cx, other, id); }).code == ErrorCode::not_found);
  CHECK(error_of(world, [&](Context& cx) { return change_endpoint(cx, other, id, {}); }).code == ErrorCode::not_found);
  CHECK(error_of(world, [&](Context& cx) { return rotate_secret(cx, other, id); }).code == ErrorCode::not_found);
  CHECK(error_of(world, [&](Context& cx) { return send_test_event(cx, other, id); }).code == ErrorCode::not_found);
  CHECK(error_of(world, [&](Context& cx) { return list_deliveries(cx, other, {.endpoint = id}, {}); }).code ==
        ErrorCode::not_found);
}

TEST_CASE("an endpoint and its secrets change once, whatever a commit returns") {
  for (const auto fault : every_fault) {
    WebhookWorld world;
    world.store.fault_at(1, fault);
    const auto id = world.endpoint().endpoint.id;
    CHECK(counted(world) == 1);
    CHECK(world.count("whe") == 1);
    world.store.fault_at(1, fault);
    const auto rotated = world.must([&](Context& cx) { return rotate_secret(cx, world.tenant, id); });
    CHECK(rotated.endpoint.secrets.size() == 2);
    world.store.fault_at(1, fault);
    world.must([&](Context& cx) { return activate_secret(cx, world.tenant, id); });
    world.store.fault_at(1, fault);
    const auto former = rotated.endpoint.secrets.back().id;
    CHECK(world.must([&](Context& cx) { return retire_secret(cx, world.tenant, id, former); }).secrets.size() == 1);
    world.store.fault_at(1, fault);
    world.must([&](Context& cx) { return send_test_event(cx, world.tenant, id); });
    CHECK(world.deliveries(id).size() == 1);
    world.store.fault_at(1, fault);
    remove(world, id);
    CHECK(counted(world) == 0);
  }
}

TEST_CASE("an event is queued for subscribed endpoints in the commit that emits it") {
  WebhookWorld world;
  const auto all = world.endpoint().endpoint.id;
  const auto some = world.endpoint("https://some.example.com/", {EventType::charge_expired}).endpoint.id;
  const auto off = world.endpoint("https://off.example.com/").endpoint.id;
  change(world, off, {.url = {}, .description = {}, .types = {}, .status = EndpointStatus::disabled});
  world.emit(EventType::charge_paid);
  CHECK(world.text(all) == "enabled | pending pending | 2 queued, 0 in flight");  // with the event of the disabled one
  CHECK(world.text(some) == "enabled | | 0 queued, 0 in flight");
  CHECK(world.text(off) == "disabled | | 0 queued, 0 in flight");
  world.emit(EventType::charge_expired, 2);
  CHECK(world.text(all) == "enabled | pending pending pending pending | 4 queued, 0 in flight");
  CHECK(world.text(some) == "enabled | pending pending | 2 queued, 0 in flight");
  world.check_due_rows();
}

TEST_CASE("a family of types, and all types, are subscribed to by one name") {
  WebhookWorld world;
  const auto made = [&](std::string_view pattern) {
    const auto types = std::vector{*from_name<EventPattern>(pattern)};
    return world
        .must([&](Context& cx) { return create_endpoint(cx, world.tenant, {.url = "https://a.example.com/", .types = types}); })
        .endpoint;
  };
  const auto charges = made("charge.*");
  CHECK(endpoint_json(charges, world.tenant, world.now).contains(R"("event_types":["charge.*"],)"));
  CHECK(made("*").received() == EventTypes::all());
  world.emit(EventType::charge_paid_late);
  world.emit(EventType::withdrawal_failed);
  CHECK(world.deliveries(charges.id).size() == 1);
  for (const auto family : event_families) CHECK_FALSE(types_matching(*from_name<EventPattern>(family)).empty());
}

TEST_CASE("a test event goes only to the tested endpoint, subscribed or not") {
  WebhookWorld world;
  const auto id = world.endpoint("https://a.example.com/", {EventType::charge_paid}).endpoint.id;
  const auto other = world.endpoint("https://b.example.com/").endpoint.id;
  const auto delivery = world.must([&](Context& cx) { return send_test_event(cx, world.tenant, id); });
  CHECK(delivery.type == EventType::webhook_test);
  world.deliver_all();
  REQUIRE(world.sent.size() == 1);
  CHECK(world.sent.front().body.find(R"("type":"webhook.test")") != std::string::npos);
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
  CHECK(world.text(other) == "enabled | | 0 queued, 0 in flight");
  change(world, id, {.url = {}, .description = {}, .types = {}, .status = EndpointStatus::disabled});
  CHECK(error_of(world, [&](Context& cx) { return send_test_event(cx, world.tenant, id); }).code == ErrorCode::invalid_state);
}

TEST_CASE("what a disabled endpoint misses is a range of events") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  const auto set = [&](EndpointStatus status) {
    return change(world, id, {.url = {}, .description = {}, .types = {}, .status = status}).missed_events;
  };
  world.emit(EventType::charge_paid, 3);
  CHECK(set(EndpointStatus::disabled) == 0);
  CHECK(set(EndpointStatus::enabled) == 0);
  CHECK(world.read_endpoint(id).missed.empty());
  set(EndpointStatus::disabled);
  world.emit(EventType::charge_paid, 5);
  CHECK(set(EndpointStatus::enabled) == 5);
  for (int i = 0; i < 40; ++i) {
    set(EndpointStatus::disabled);
    world.emit();
    set(EndpointStatus::enabled);
    world.emit();
  }
  const auto endpoint = world.read_endpoint(id);
  CHECK(endpoint.missed.size() == missed_ranges_max);
  CHECK(endpoint.missed.front().first == 6);
  CHECK(endpoint.missed.back().text() == "129-129");
}

TEST_CASE("a disabled endpoint keeps its queue and resumes when enabled") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  change(world, id, {.url = {}, .description = {}, .types = {}, .status = EndpointStatus::disabled});
  CHECK(world.text(id) == "disabled | pending | 1 queued, 0 in flight");
  world.pass(days(1));
  CHECK(world.sent.empty());
  change(world, id, {.url = "https://new.example.com/", .description = "new", .types = {}, .status = EndpointStatus::enabled});
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
  CHECK(world.sent.front().target == "https://new.example.com/");
  CHECK(error_of(world, [&](Context& cx) {
          return change_endpoint(cx, world.tenant, id, {.url = "https://10.0.0.1/", .description = {}, .types = {}, .status = {}});
        }).param == "url");
}

TEST_CASE("an endpoint that is disabled by request has an event, once") {
  for (const auto fault : every_fault) {
    WebhookWorld world;
    const auto id = world.endpoint().endpoint.id;
    world.endpoint("https://ops.example.com/", {EventType::webhook_endpoint_disabled});
    world.store.fault_at(1, fault);
    world.set(id, EndpointStatus::disabled);
    world.store.faults.clear();
    world.set(id, EndpointStatus::disabled);
    world.deliver_all();
    REQUIRE(world.sent.size() == 1);
    CHECK(world.sent.front().body.contains(R"("disabled_reason":"disabled by request")"));
  }
}

TEST_CASE("the log of a deleted endpoint can be filtered") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.deliver_all();
  remove(world, id);
  const auto list = [&](DeliveryFilter filter) {
    return world.run([&](Context& cx) { return list_deliveries(cx, world.tenant, filter, {.limit = 10}); });
  };
  const auto failed = list({.endpoint = id, .status = DeliveryStatus::failed});
  REQUIRE(failed.has_value());
  CHECK(failed->items.empty());
  CHECK(list({.endpoint = id, .status = DeliveryStatus::succeeded})->items.size() == 1);
  const auto unknown = *EndpointId::parse("whe_" + id.text().substr(4, 2) + std::string(id.text().size() - 6, '0'));
  CHECK(list({.endpoint = unknown}).error().code == ErrorCode::not_found);
}

TEST_CASE("deliveries are listed newest first, a page at a time") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  for (int i = 0; i < 5; ++i) {
    world.emit();
    world.now = world.now + Millis{1};
  }
  const auto page = [&](std::string after) {
    return world.must([&](Context& cx) {
      return list_deliveries(cx, world.tenant, {.endpoint = id}, {.limit = 2, .after_key = std::move(after)});
    });
  };
  const auto first = page("");
  CHECK(first.has_more);
  CHECK(first.items.front().event_seq == 5);
  const auto second = page(first.last_key);
  CHECK(second.items.front().event_seq == 3);
  const auto third = page(second.last_key);
  CHECK_FALSE(third.has_more);
  CHECK(third.items.size() == 1);
  CHECK(third.items.front().event_seq == 1);
}

TEST_CASE("deliveries are found across endpoints by type, status and object") {
  WebhookWorld world;
  const auto first = world.endpoint("https://a.example.com/").endpoint.id;
  const auto second = world.endpoint("https://b.example.com/", {EventType::charge_expired}).endpoint.id;
  world.receiver = [](const Outgoing& request) -> Reply {
    return Answered{{static_cast<std::uint16_t>(request.target.starts_with("https://b") ? 500 : 200), {}, ""}};
  };
  for (const auto type : {EventType::charge_paid, EventType::charge_paid, EventType::charge_expired}) {
    world.emit(type);
    world.now = world.now + Millis{1};
  }
  world.deliver_all();
  const auto found = [&](DeliveryFilter filter, bool reverse = true) {
    std::string text;
    const auto listed = world.must([&](Context& cx) { return list_deliveries(cx, world.tenant, filter, {.reverse = reverse}); });
    for (const auto& each : listed.items) text += (each.endpoint == first ? "a" : "b") + std::to_string(each.event_seq) + " ";
    return text;
  };
  CHECK(found({}, false).starts_with("a1 a2 "));
  CHECK(found({}).size() == found({}, false).size());
  CHECK(found({.status = DeliveryStatus::pending}) == "b3 ");
  CHECK(found({.type = EventType::charge_paid}, false) == "a1 a2 ");
  CHECK(found({.endpoint = second}) == "b3 ");
  CHECK(found({.object = "ch_1"}).size() == 12);
  CHECK(found({.endpoint = first, .object = "ch_1"}, false) == "a1 a2 a3 ");
  CHECK(found({.object = "ch_2"}).empty());
  CHECK(found({.readable = EventTypes::of(std::array{EventType::charge_expired})}, false).find('1') == std::string::npos);
}

TEST_CASE("a redelivery has the same id and a new signature") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.deliver_all();
  const auto delivery = world.deliveries(id).front().id;
  world.now = world.now + hours(1);
  world.must([&](Context& cx) { return redeliver(cx, world.tenant, delivery); });
  world.deliver_all();
  REQUIRE(world.sent.size() == 2);
  CHECK(world.sent[0].body == world.sent[1].body);
  CHECK(world.sent[0].headers[2] == world.sent[1].headers[2]);
  CHECK(world.sent[0].headers[4].value != world.sent[1].headers[4].value);
  const auto [read, log] = world.read_delivery(delivery);
  CHECK(read.status == DeliveryStatus::succeeded);
  CHECK(log.size() == 2);
  const auto json = delivery_json(read, log);
  CHECK(json.find(R"("attempts":2,)") != std::string::npos);
  CHECK(json.find(R"("attempt_log":[{"number":1,"at":"2026-02-03T04:05:06.000Z","response_code":200,"latency_ms":40,)"
                  R"("failure":null,"response_body":"ok","next_attempt_at":null},)") != std::string::npos);
  world.check_due_rows();
}

TEST_CASE("redelivering a waiting delivery moves its one queue row") {
  for (const auto fault : every_fault) {
    WebhookWorld world;
    const auto id = world.endpoint().endpoint.id;
    world.receiver = [](const Outgoing&) -> Reply { return Answered{{500, {}, ""}}; };
    world.emit();
    world.pass(minutes(1));
    const auto delivery = world.deliveries(id).front().id;
    world.store.fault_at(1, fault);
    world.must([&](Context& cx) { return redeliver(cx, world.tenant, delivery); });
    CHECK(world.text(id) == "enabled | pending | 1 queued, 0 in flight");
    world.check_due_rows();
  }
}

TEST_CASE("a delivery of a deleted endpoint cannot be redelivered") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.deliver_all();
  const auto delivery = world.deliveries(id).front().id;
  remove(world, id);
  world.deliver_all();
  CHECK(error_of(world, [&](Context& cx) { return redeliver(cx, world.tenant, delivery); }).code == ErrorCode::invalid_state);
  CHECK_FALSE(world.next_due().has_value());
}

}  // namespace lntpay::endpoint_test
