// Receivers that are disabled, deleted or damaged, also during an attempt.
#include "core/webhook/attempt/receiver.hpp"

#include "core/webhook/endpoint/failure_run.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::receiver_test {
namespace {

using test::ids;
using test::status;
using test::WebhookWorld;

}  // namespace

TEST_CASE("410 disables the endpoint at once, with an event to the others") {
  WebhookWorld world;
  const auto gone = world.endpoint().endpoint.id;
  const auto other = world.endpoint("https://other.example.com/", {EventType::webhook_endpoint_disabled}).endpoint.id;
  world.receiver = [](const Outgoing& request) { return status(request.target.starts_with("https://shop") ? 410 : 200); };
  world.emit();
  world.deliver_all();
  CHECK(world.text(gone) == "disabled | failed | 0 queued, 0 in flight");
  CHECK(world.text(other) == "enabled | succeeded | 0 queued, 0 in flight");
  CHECK(world.sent.size() == 2);
  CHECK(world.sent.back().body.find(R"("type":"webhook_endpoint.disabled")") != std::string::npos);
  CHECK(world.sent.back().body.find(gone.text()) != std::string::npos);
  world.emit();
  CHECK(world.deliveries(gone).size() == 1);
  world.check_due_rows();
}

TEST_CASE("five days of failures disable an endpoint; one success resets them") {
  for (const bool succeeds_once : {false, true}) {
    WebhookWorld world;
    const auto id = world.endpoint().endpoint.id;
    const auto start = world.now;
    for (int day = 0; day < 6; ++day) {
      world.receiver = [=](const Outgoing&) { return status(succeeds_once && day == 3 ? 200 : 500); };
      world.emit();
      world.pass(days(1));
    }
    const auto endpoint = world.read_endpoint(id);
    CHECK(endpoint.status == (succeeds_once ? EndpointStatus::enabled : EndpointStatus::disabled));
    if (!succeeds_once) {
      CHECK(endpoint.disabled_reason == "every attempt failed for five days");
      CHECK(world.count("failing") == 1);
      REQUIRE(endpoint.disabled_at.has_value());
      CHECK(*endpoint.disabled_at - start >= days(5));
      CHECK(*endpoint.disabled_at - start < days(6));
    }
    world.check_due_rows();
  }
}

TEST_CASE("the owner is warned once, through the other endpoints") {
  WebhookWorld world;
  const auto dead = world.endpoint("https://dead.example.com/").endpoint.id;
  world.endpoint("https://ops.example.com/", {EventType::webhook_endpoint_failing, EventType::webhook_endpoint_disabled});
  world.receiver = [](const Outgoing& request) { return status(request.target.starts_with("https://dead") ? 500 : 200); };
  std::vector<std::string> events;
  for (int day = 0; day < 6; ++day) {
    world.emit();
    world.pass(days(1));
  }
  for (const auto& each : world.sent) {
    if (!each.target.starts_with("https://ops")) continue;
    CHECK(each.body.find(dead.text()) != std::string::npos);
    CHECK(each.body.find(R"("failing_since":"2026-02-03T04:05:06.000Z")") != std::string::npos);
    const auto type = each.body.find(R"("type":")") + 8;
    events.push_back(each.body.substr(type, each.body.find('"', type) - type));
  }
  CHECK(events == std::vector<std::string>{"webhook_endpoint.failing", "webhook_endpoint.disabled"});
}

TEST_CASE("a new url or enabling the endpoint starts a new run of failures") {
  for (const bool moves : {true, false}) {
    CAPTURE(moves);
    WebhookWorld world;
    const auto id = world.endpoint().endpoint.id;
    world.receiver = [](const Outgoing&) { return status(500); };
    const auto change = [&](EndpointChange what) {
      world.must([&](Context& cx) { return change_endpoint(cx, world.tenant, id, what); });
    };
    for (int day = 0; day < 7; ++day) {
      if (day == 4 && moves) change({.url = "https://new.example.com/"});
      if (day == 4 && !moves) {
        change({.status = EndpointStatus::disabled});
        change({.status = EndpointStatus::enabled});
      }
      if (day == 4) CHECK_FALSE(world.read_endpoint(id).failing_since.has_value());
      world.emit();
      world.pass(days(1));
    }
    CHECK(world.read_endpoint(id).status == EndpointStatus::enabled);
  }
}

TEST_CASE("a redelivery requested during an attempt is attempted again") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.now = world.now + seconds(1);
  const auto delivery = world.deliveries(id).front().id;
  world.meanwhile = [&] { world.must([&](Context& cx) { return redeliver(cx, world.tenant, delivery); }); };
  world.deliver(world.due().front());
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
  CHECK(world.deliveries(id).front().attempts == 2);
  CHECK(ids(world.sent).size() == 1);
}

TEST_CASE("a deletion cancels the queue, and keeps the attempt in flight") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit(EventType::charge_paid, 120);
  world.meanwhile = [&] {
    world.must([&](Context& cx) -> Task<Result<bool>> {
      co_await delete_endpoint(cx, world.tenant, id);
      co_return true;
    });
  };
  CHECK(world.deliver(world.due().front())->has_value());
  world.pass(minutes(2));
  CHECK(world.sent.size() == 1);
  CHECK(world.count("attempt") == 1);
  for (const auto* room : {"whe", "queue", "retry", "flight", "failing"}) CHECK(world.count(room) == 0);
  CHECK_FALSE(world.next_due().has_value());
  std::size_t canceled = 0;
  for (const auto& [key, entry] : world.store.rows()) {
    if (!key.starts_with(world.tenant.key("delivery") + "/")) continue;
    const auto delivery = *from_row<Delivery>(entry.value);
    if (delivery.status == DeliveryStatus::canceled) ++canceled;
    if (delivery.attempts == 1) CHECK(delivery.status == DeliveryStatus::succeeded);
  }
  CHECK(canceled == 119);
}

/// An attempt that crashes after its delivery was requested again: the delivery is in flight and in the queue.
EndpointId requeued_in_a_crash(WebhookWorld& world) {
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.now = world.now + seconds(1);
  const auto delivery = world.deliveries(id).front().id;
  world.meanwhile = [&world, delivery] {
    world.must([&](Context& cx) { return redeliver(cx, world.tenant, delivery); });
    world.crashes_at = 1;
  };
  CHECK_FALSE(world.deliver(world.due().front()).has_value());
  world.crashes_at = 0;
  CHECK(world.text(id) == "enabled | pending | 1 queued, 1 in flight");
  return id;
}

TEST_CASE("a deletion cancels a delivery that is both queued and in flight") {
  WebhookWorld world;
  const auto id = requeued_in_a_crash(world);
  world.must([&](Context& cx) -> Task<Result<bool>> {
    co_await delete_endpoint(cx, world.tenant, id);
    co_return true;
  });
  world.now = world.now + flight_lease;
  world.deliver_all();
  CHECK(world.count("queue") + world.count("flight") == 0);
  CHECK(world.deliveries(id).front().status == DeliveryStatus::canceled);
}

TEST_CASE("a disabled endpoint queues a delivery once, though it was in flight as well") {
  WebhookWorld world;
  const auto id = requeued_in_a_crash(world);
  world.must([&](Context& cx) { return change_endpoint(cx, world.tenant, id, {.status = EndpointStatus::disabled}); });
  world.pass(flight_lease);
  CHECK(world.text(id) == "disabled | pending | 1 queued, 0 in flight");
  world.must([&](Context& cx) { return change_endpoint(cx, world.tenant, id, {.status = EndpointStatus::enabled}); });
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
}

TEST_CASE("a damaged endpoint cancels nothing: its attempt is made again") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  const auto key = endpoint_key(world.tenant, id.text());
  const auto sound = world.store.rows().at(key).value;
  world.receiver = [](const Outgoing&) { return status(500); };
  world.emit();
  world.meanwhile = [&] { world.store.put(key, "9|damaged"); };
  CHECK(world.deliver(world.due().front())->error().code == ErrorCode::storage_unavailable);
  world.store.put(key, sound);
  CHECK(world.text(id) == "enabled | pending | 0 queued, 1 in flight");
  world.receiver = [](const Outgoing&) { return status(200); };
  world.pass(flight_lease);
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
}

TEST_CASE("a damaged count of failures is replaced") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.store.put(failing_key(world.tenant, id.text()), "9|damaged");
  world.receiver = [](const Outgoing&) { return status(500); };
  world.emit();
  CHECK(world.deliver(world.due().front())->has_value());
  CHECK(world.deliveries(id).front().tries == 1);
  CHECK(world.read_endpoint(id).failing_since.has_value());
}

TEST_CASE("a postponed due row still delivers, unless its endpoint is disabled") {
  for (const bool wanted : {true, false}) {
    CAPTURE(wanted);
    WebhookWorld world;
    const auto id = world.endpoint().endpoint.id;
    world.emit();
    const auto put_off = world.must([&](Context& cx) { return claim_due(cx, world.due().front(), minutes(1)); }).key;
    if (!wanted) {
      world.must([&](Context& cx) { return change_endpoint(cx, world.tenant, id, {.status = EndpointStatus::disabled}); });
    }
    CHECK(world.deliver(put_off)->error().code == ErrorCode::lease_elsewhere);
    world.now = world.now + minutes(1);
    world.deliver_all();
    CHECK(world.text(id) ==
          (wanted ? "enabled | succeeded | 0 queued, 0 in flight" : "disabled | pending | 1 queued, 0 in flight"));
    world.check_due_rows();
  }
}

}  // namespace lntpay::receiver_test
