// API operations on webhook endpoints and deliveries.
#include "core/webhook/endpoint.hpp"

#include "core/webhook/signature.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay {
namespace {

using test::CommitFault;
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

constexpr auto every_fault = {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written};

}  // namespace

TEST_CASE("an endpoint is created, listed and read; its secret is shown once") {
  WebhookWorld world;
  const auto [endpoint, secret] =
      world.endpoint("https://shop.example.com/hook", {EventType::charge_paid, EventType::charge_expired});
  CHECK(secret.reveal_text().starts_with("whsec_"));
  CHECK(endpoint_json(endpoint, world.tenant, &secret).find(secret.reveal_text()) != std::string::npos);
  CHECK(endpoint_json(endpoint, world.tenant).find("whsec_") == std::string::npos);
  for (const auto& [key, entry] : world.store.rows()) CHECK(entry.value.find("whsec_") == std::string::npos);
  const auto read = world.read_endpoint(endpoint.id);
  CHECK(to_row(read) == to_row(endpoint));
  CHECK(world.must([&](Context& cx) { return list_endpoints(cx, world.tenant); }).size() == 1);
  const auto expected = R"({"id":")" + endpoint.id.text() +
                        R"(","object":"webhook_endpoint","url":"https://shop.example.com/hook","description":"",)"
                        R"("event_types":["charge.paid","charge.expired"],"status":"enabled","disabled_at":null,)"
                        R"("disabled_reason":null,"failing_since":null,"created_at":"2026-02-03T04:05:06.000Z",)"
                        R"("environment":"test"})";
  CHECK(endpoint_json(read, world.tenant) == expected);
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
  CHECK(error_of(world, [&](Context& cx) { return list_deliveries(cx, other, id, "", 10); }).code == ErrorCode::not_found);
}

TEST_CASE("create, rotate and delete happen once, whatever a commit returns") {
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
  CHECK(world.text(all) == "enabled | pending | queue 1, due in 0");
  CHECK(world.text(some) == "enabled | | queue 0, due none");
  CHECK(world.text(off) == "disabled | | queue 0, due none");
  world.emit(EventType::charge_expired, 2);
  CHECK(world.text(all) == "enabled | pending pending pending | queue 3, due in 0");
  CHECK(world.text(some) == "enabled | pending pending | queue 2, due in 0");
  world.check_due_rows();
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
  CHECK(world.text(id) == "enabled | succeeded | queue 0, due none");
  CHECK(world.text(other) == "enabled | | queue 0, due none");
  change(world, id, {.url = {}, .description = {}, .types = {}, .status = EndpointStatus::disabled});
  CHECK(error_of(world, [&](Context& cx) { return send_test_event(cx, world.tenant, id); }).code == ErrorCode::invalid_state);
}

TEST_CASE("a disabled endpoint keeps its queue and resumes when enabled") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  change(world, id, {.url = {}, .description = {}, .types = {}, .status = EndpointStatus::disabled});
  CHECK(world.text(id) == "disabled | pending | queue 1, due none");
  world.pass(days(1));
  CHECK(world.sent.empty());
  change(world, id, {.url = "https://new.example.com/", .description = "new", .types = {}, .status = EndpointStatus::enabled});
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded | queue 0, due none");
  CHECK(world.sent.front().target == "https://new.example.com/");
  CHECK(error_of(world, [&](Context& cx) {
          return change_endpoint(cx, world.tenant, id, {.url = "https://10.0.0.1/", .description = {}, .types = {}, .status = {}});
        }).param == "url");
}

TEST_CASE("after a rotation both secrets sign for a day, at most three at once") {
  WebhookWorld world;
  const auto [endpoint, first] = world.endpoint();
  const auto rotate = [&] { return world.must([&](Context& cx) { return rotate_secret(cx, world.tenant, endpoint.id); }); };
  const auto verifies = [&](const Secret& secret) {
    const auto& request = world.sent.back();
    return verify_webhook(secret.reveal_text(), request.headers, request.body, world.now).has_value();
  };
  const auto second = rotate().secret;
  world.emit();
  world.deliver_all();
  CHECK(verifies(first));
  CHECK(verifies(second));
  world.now = world.now + hours(24);
  world.emit();
  world.deliver_all();
  CHECK_FALSE(verifies(first));
  CHECK(verifies(second));
  rotate();
  const auto fourth = rotate().secret;
  CHECK(error_of(world, [&](Context& cx) { return rotate_secret(cx, world.tenant, endpoint.id); }).code ==
        ErrorCode::invalid_state);
  world.emit();
  world.deliver_all();
  CHECK(verifies(second));
  CHECK(verifies(fourth));
}

TEST_CASE("deliveries are listed newest first, a page at a time") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  for (int i = 0; i < 5; ++i) {
    world.emit();
    world.now = world.now + Millis{1};
  }
  const auto page = [&](std::string before) {
    return world.must([&](Context& cx) { return list_deliveries(cx, world.tenant, id, before, 2); });
  };
  const auto first = page("");
  CHECK(first.has_more);
  CHECK(first.deliveries.front().event_seq == 5);
  const auto second = page(first.deliveries.back().id.text());
  CHECK(second.deliveries.front().event_seq == 3);
  const auto third = page(second.deliveries.back().id.text());
  CHECK_FALSE(third.has_more);
  CHECK(third.deliveries.size() == 1);
  CHECK(third.deliveries.front().event_seq == 1);
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
    CHECK(world.text(id) == "enabled | pending | queue 1, due in 0");
    world.check_due_rows();
  }
}

TEST_CASE("dead letters since a time are recovered once") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{500, {}, ""}}; };
  world.emit(EventType::charge_paid, 2);
  world.now = world.now + hours(1);
  const auto since = world.now;
  world.emit(EventType::charge_paid, 3);
  world.pass(days(4));
  CHECK(world.text(id) == "enabled | failed failed failed failed failed | queue 0, due none");
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{200, {}, ""}}; };
  const auto recover = [&] { return world.must([&](Context& cx) { return recover_deliveries(cx, world.tenant, id, since); }); };
  CHECK(recover() == 3);
  CHECK(recover() == 0);
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded succeeded succeeded failed failed | queue 0, due none");
  CHECK(world.count("dead/" + id.text()) == 2);
}

TEST_CASE("a delivery of a deleted endpoint cannot be redelivered") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.deliver_all();
  const auto delivery = world.deliveries(id).front().id;
  remove(world, id);
  CHECK(error_of(world, [&](Context& cx) { return redeliver(cx, world.tenant, delivery); }).code == ErrorCode::invalid_state);
  CHECK_FALSE(world.next_due().has_value());
}

}  // namespace lntpay
