// One delivery: its request, its retries, and crashes between them.
#include "core/webhook/attempt/deliver.hpp"

#include "core/webhook/queue/schedule.hpp"
#include "core/webhook/secret/signature.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::deliver_test {
namespace {

using test::every_fault;
using test::header;
using test::ids;
using test::status;
using test::WebhookWorld;

}  // namespace

TEST_CASE("an event is posted as stored, signed with the endpoint's secret") {
  WebhookWorld world;
  const auto [endpoint, secret] = world.endpoint();
  world.emit();
  world.deliver_all();
  REQUIRE(world.sent.size() == 1);
  const auto& request = world.sent.front();
  CHECK(request.upstream == "webhook");
  CHECK(request.method == "POST");
  CHECK(request.target == "https://shop.example.com/hook");
  CHECK(request.timeout_ms == 15'000);
  CHECK(request.body_limit == 16'384);
  CHECK_FALSE(request.once);
  CHECK(header(request, "content-type") == "application/json");
  CHECK(header(request, "user-agent") == "LNTPay-Webhooks/1");
  CHECK(verify_webhook(secret.reveal_text(), request.headers, request.body, world.now).has_value());
  CHECK(header(request, "x-signature") == body_signature(secret.reveal_text(), request.body));
  const auto event = from_row<Event>(world.store.rows().at(event_key(world.tenant, 1)).value);
  REQUIRE(event.has_value());
  CHECK(request.body == webhook_body(*event, world.tenant));
  CHECK(header(request, "webhook-id") == event->id.text());
  CHECK(world.text(endpoint.id) == "enabled | succeeded | 0 queued, 0 in flight");
  const auto [delivery, log] = world.read_delivery(world.deliveries(endpoint.id).front().id);
  CHECK(delivery.succeeded_at.has_value());
  REQUIRE(log.size() == 1);
  CHECK(log.front().code == 200);
  CHECK(log.front().latency_ms == 40);
  CHECK(log.front().body == "ok");
}

TEST_CASE("a failing receiver gets eleven identical attempts over three days") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.receiver = [](const Outgoing&) { return status(500); };
  world.emit();
  const auto start = world.now;
  world.pass(days(4));
  REQUIRE(world.sent.size() == 11);
  CHECK(ids(world.sent).size() == 1);
  for (const auto& each : world.sent) CHECK(each.body == world.sent.front().body);
  CHECK(world.text(id) == "enabled | failed | 0 queued, 0 in flight");
  CHECK(world.count("dead/" + id.text()) == 1);
  const auto log = world.read_delivery(world.deliveries(id).front().id).log;
  REQUIRE(log.size() == 11);
  for (std::size_t i = 1; i < log.size(); ++i) {
    const auto waited = (log[i].at - log[i - 1].at).value;
    CHECK(waited >= delivery_delays[i].value * 8 / 10);
    CHECK(waited <= delivery_delays[i].value * 12 / 10 + 1'000);
    CHECK(log[i - 1].next_attempt_at <= log[i].at);
  }
  CHECK_FALSE(log.back().next_attempt_at.has_value());
  CHECK(log.back().reason == "the response was not 2xx");
  CHECK(world.read_endpoint(id).failing_since == start);
  world.check_due_rows();
}

TEST_CASE("a receiver that recovers gets the event, and its failures are reset") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  int answers = 0;
  world.receiver = [&](const Outgoing&) { return status(++answers < 4 ? 503 : 204); };
  world.emit();
  world.pass(hours(1));
  CHECK(world.sent.size() == 4);
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
  CHECK_FALSE(world.read_endpoint(id).failing_since.has_value());
}

TEST_CASE("a delivery that hangs, is cut off or cannot connect is retried") {
  for (const Reply& reply : {Reply{NoAnswer{"timed out"}}, Reply{Broken{{200, {}, "o"}, "reset"}}, Reply{NotSent{"refused"}}}) {
    WebhookWorld world;
    const auto id = world.endpoint().endpoint.id;
    world.latency = seconds(15);
    world.receiver = [&](const Outgoing&) { return reply; };
    world.emit();
    world.deliver_all();
    CHECK(world.text(id).starts_with("enabled | pending | 1 queued"));
    const auto [delivery, log] = world.read_delivery(world.deliveries(id).front().id);
    CHECK_FALSE(log.front().reason.empty());
    CHECK(log.front().latency_ms == 15'000);
    CHECK(delivery.tries == 1);
    world.receiver = [](const Outgoing&) { return status(200); };
    world.pass(seconds(20));
    CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
  }
}

TEST_CASE("a request that the host cannot make is no attempt") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  int refused = 0;
  world.receiver = [&](const Outgoing& request) -> Reply {
    CHECK(request.workspace == world.tenant.workspace.text());
    if (refused == 20) return status(200);
    ++refused;
    return NotTried{"too many exchanges at once"};
  };
  world.emit();
  world.deliver_all();
  const auto [delivery, log] = world.read_delivery(world.deliveries(id).front().id);
  CHECK(log.empty());
  CHECK(delivery.attempts == 0);
  CHECK(delivery.tries == 0);
  CHECK_FALSE(world.read_endpoint(id).failing_since.has_value());
  CHECK(*world.next_attempt_in(id) <= seconds(6));
  world.pass(minutes(30));  // more refusals than the schedule has attempts
  CHECK(refused == 20);
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
  CHECK(world.read_delivery(delivery.id).log.size() == 1);
}

TEST_CASE("Retry-After postpones the next attempt") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{429, {{"retry-after", "90"}}, ""}}; };
  world.emit();
  world.deliver_all();
  CHECK(world.text(id) == "enabled | pending | 1 queued, 0 in flight");
  CHECK(world.next_attempt_in(id) >= seconds(90));
  CHECK(world.next_attempt_in(id) <= seconds(108));
}

TEST_CASE("the egress rules are checked at each attempt") {
  WebhookWorld world;
  const auto id = world.endpoint("http://127.0.0.1:9000/").endpoint.id;
  world.emit();
  world.settings.egress.allow_loopback = false;
  world.deliver_all();
  CHECK(world.sent.empty());
  const auto log = world.read_delivery(world.deliveries(id).front().id).log;
  REQUIRE(log.size() == 1);
  CHECK(log.front().reason == "not sent: loopback addresses are not allowed");
  world.settings.egress.allow_loopback = true;
  world.pass(seconds(10));
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
}

TEST_CASE("a secret that cannot be decrypted fails the attempt with a reason") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.settings.seal.front() = SealKey("s1", Bytes32{8});
  world.deliver_all();
  CHECK(world.sent.empty());
  CHECK(world.deliveries(id).front().last_reason == "a signing secret cannot be decrypted with the configured keys");
}

TEST_CASE("an event is delivered and recorded once, whatever a commit returns") {
  for (const auto fault : every_fault) {
    for (std::size_t number = 1; number <= 6; ++number) {
      for (const std::uint16_t code : {std::uint16_t{200}, std::uint16_t{500}, std::uint16_t{410}}) {
        CAPTURE(number);
        CAPTURE(static_cast<int>(fault));
        CAPTURE(code);
        WebhookWorld world;
        const auto id = world.endpoint().endpoint.id;
        world.receiver = [&](const Outgoing&) { return status(code); };
        world.store.fault_at(number, fault);
        world.emit();
        CHECK(world.deliver(world.due().front())->has_value());
        world.store.faults.clear();
        REQUIRE(world.sent.size() == 1);
        const auto delivery = world.deliveries(id).front();
        CHECK(delivery.attempts == 1);
        CHECK(world.deliveries(id).size() == 1);
        CHECK(delivery.status == (code == 200   ? DeliveryStatus::succeeded
                                  : code == 410 ? DeliveryStatus::failed
                                                : DeliveryStatus::pending));
        CHECK(world.count("flight") == 0);
        world.check_due_rows();
      }
    }
  }
}

TEST_CASE("a crash after any effect is retried after the lease, with the same id") {
  for (const std::uint16_t code : {std::uint16_t{200}, std::uint16_t{410}}) {
    bool lived = false;
    std::size_t sent_twice = 0;
    for (std::uint64_t effect = 1; effect < 40 && !lived; ++effect) {
      CAPTURE(effect);
      WebhookWorld world;
      const auto id = world.endpoint().endpoint.id;
      world.receiver = [&](const Outgoing&) { return status(code); };
      world.emit();
      world.crashes_at = effect;
      lived = world.deliver(world.due().front()).has_value();
      world.crashes_at = 0;
      world.pass(seconds(61));
      CHECK(world.text(id) ==
            (code == 200 ? "enabled | succeeded | 0 queued, 0 in flight" : "disabled | failed | 0 queued, 0 in flight"));
      CHECK(world.deliveries(id).front().attempts == 1);
      CHECK(ids(world.sent).size() == 1);
      CHECK(world.sent.size() <= 2);
      sent_twice += world.sent.size() == 2 ? 1U : 0U;
      world.check_due_rows();
    }
    CHECK(lived);
    CHECK(sent_twice >= 1);
  }
}

}  // namespace lntpay::deliver_test
