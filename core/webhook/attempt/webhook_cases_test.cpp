// What an endpoint keeps through quiet and disabled times: cases that cross schedule, failures and recovery.
#include <algorithm>

#include "core/webhook/secret/signature.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::webhook_cases_test {
namespace {

using test::WebhookWorld;

void answer_with(WebhookWorld& world, std::uint16_t code) {
  world.receiver = [code](const Outgoing&) -> Reply { return Answered{{code, {}, ""}}; };
}

void send_test(WebhookWorld& world, const EndpointId& id) {
  world.must([&](Context& cx) { return send_test_event(cx, world.tenant, id); });
}

}  // namespace

TEST_CASE("a 503 a month after a failed test disables nothing, and is retried") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  answer_with(world, 500);
  send_test(world, id);
  world.pass(days(4));
  CHECK(world.text(id) == "enabled | failed | 0 queued, 0 in flight");
  world.pass(days(30));
  answer_with(world, 503);
  world.emit();
  world.deliver_all();
  CHECK(world.text(id) == "enabled | pending failed | 1 queued, 0 in flight");
  CHECK(world.read_endpoint(id).failing_since == world.deliveries(id).front().created_at);  // the old failure counts no more
  answer_with(world, 200);
  world.pass(seconds(10));
  CHECK(world.text(id) == "enabled | succeeded failed | 0 queued, 0 in flight");
}

TEST_CASE("a recovery delivers what was paid while a 410 had the endpoint disabled") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  const auto before = world.now;
  answer_with(world, 410);
  world.emit(EventType::charge_created);
  world.deliver_all();
  CHECK(world.text(id) == "disabled | failed | 0 queued, 0 in flight");
  answer_with(world, 200);
  world.emit(EventType::charge_paid);
  world.emit(EventType::charge_paid);
  CHECK(world.set(id, EndpointStatus::enabled).missed_events == 2);  // without the event that it was disabled
  world.deliver_all();
  CHECK(world.sent.size() == 1);
  world.recover(id, {.since = before});
  CHECK(world.read_endpoint(id).missed_events == 0);
  CHECK(std::ranges::count_if(
            world.sent, [](const Outgoing& each) { return each.body.find(R"("type":"charge.paid")") != std::string::npos; }) == 2);
  CHECK(world.sent.size() == 4);  // and the dead letter of the 410
  CHECK(world.text(id) == "enabled | succeeded succeeded succeeded | 0 queued, 0 in flight");
}

TEST_CASE("the hex signature follows the active secret from the next delivery on") {
  WebhookWorld world;
  const auto made = world.endpoint();
  const auto id = made.endpoint.id;
  const auto hex_signed_by = [&](const Secret& secret) {
    world.emit();
    world.deliver_all();
    const auto& request = world.sent.back();
    const auto header = std::ranges::find(request.headers, "x-signature", &Header::name);
    return header->value == body_signature(secret.reveal_text(), request.body);
  };
  const auto rotated = world.must([&](Context& cx) { return rotate_secret(cx, world.tenant, id); });
  CHECK(hex_signed_by(made.secret));
  world.must([&](Context& cx) { return activate_secret(cx, world.tenant, id); });
  CHECK(hex_signed_by(rotated.secret));
  const auto last = world.must([&](Context& cx) { return rotate_secret(cx, world.tenant, id, hours(1)); });
  world.pass(minutes(59));
  CHECK(hex_signed_by(rotated.secret));
  world.pass(minutes(1));
  CHECK(hex_signed_by(last.secret));
}

}  // namespace lntpay::webhook_cases_test
