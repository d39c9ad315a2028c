// Delivery runs: retries, leases, crashes, disabled and deleted endpoints.
#include "core/webhook/deliver.hpp"

#include <algorithm>
#include <set>

#include "core/webhook/failure_run.hpp"
#include "core/webhook/signature.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay {
namespace {

using test::CommitFault;
using test::WebhookWorld;

Reply status(std::uint16_t code) { return Answered{{code, {}, "answer"}}; }

std::string header(const Outgoing& request, std::string_view name) {
  const auto at = std::ranges::find(request.headers, name, &Header::name);
  return at == request.headers.end() ? std::string{} : at->value;
}

std::set<std::string> ids(const std::vector<Outgoing>& requests) {
  std::set<std::string> found;
  for (const auto& each : requests) found.insert(header(each, "webhook-id"));
  return found;
}

constexpr auto every_fault = {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written};

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
  CHECK(world.next_attempt_in(id) == seconds(90));
}

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

TEST_CASE("a hundred queued deliveries are sent once each, by bounded runs") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  for (int i = 0; i < 10; ++i) world.emit(EventType::charge_paid, 10);
  while (!world.due().empty()) {
    const auto before = world.sent.size();
    world.deliver(world.due().front());
    CHECK(world.sent.size() - before <= attempts_per_run_max);
  }
  CHECK(world.sent.size() == 100);
  CHECK(ids(world.sent).size() == 100);
  CHECK(world.count("queue/" + id.text()) == 0);
}

TEST_CASE("a receiver that hangs delays no other delivery") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  std::size_t sent_meanwhile = 0;
  world.meanwhile = [&] {
    world.emit(EventType::charge_paid, 20);
    world.deliver_all();
    sent_meanwhile = world.sent.size() - 1;
    CHECK(world.text(id).ends_with("0 queued, 1 in flight"));
    world.now = world.now + seconds(15);
  };
  world.receiver = [&](const Outgoing&) { return status(sent_meanwhile == 20 ? 500 : 200); };
  world.deliver(world.due().front());
  CHECK(sent_meanwhile == 20);
  CHECK(ids(world.sent).size() == 21);
  const auto hung = world.read_delivery(world.deliveries(id).back().id);
  CHECK(hung.delivery.tries == 1);
  CHECK(hung.log.front().latency_ms > 15'000);
  CHECK(world.read_delivery(world.deliveries(id).front().id).log.front().latency_ms == 40);
}

/// A receiver that does not answer before the endpoint has made all further attempts that it may make.
struct SlowReceiver {
  explicit SlowReceiver(WebhookWorld& in) : world(in) {
    world.receiver = [this](const Outgoing&) {
      most_at_once = std::max(most_at_once, ++at_once);
      if (emits) world.emit();
      world.deliver_all();
      --at_once;
      return status(code);
    };
  }
  WebhookWorld& world;
  std::uint16_t code = 200;
  bool emits = false;
  int at_once = 0;
  int most_at_once = 0;
};

TEST_CASE("an endpoint has at most eight attempts at once") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  SlowReceiver receiver(world);
  world.emit(EventType::charge_paid, 30);
  world.deliver_all();
  CHECK(receiver.most_at_once == 8);
  CHECK(ids(world.sent).size() == 30);
  CHECK(world.sent.size() == 30);
  CHECK(world.text(id).ends_with("0 queued, 0 in flight"));
}

TEST_CASE("retries use four slots and leave the others to new events") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.receiver = [](const Outgoing&) { return status(500); };
  world.emit(EventType::charge_paid, 30);
  world.deliver_all();
  CHECK(world.count("retry/" + id.text()) == 30);
  world.now = world.now + seconds(7);
  SlowReceiver receiver(world);
  world.deliver_all();
  CHECK(receiver.most_at_once == 4);

  world.receiver = [](const Outgoing&) { return status(500); };
  world.emit(EventType::charge_paid, 30);
  world.deliver_all();
  world.now = world.now + seconds(7);
  SlowReceiver both(world);
  world.emit(EventType::charge_paid, 30);
  world.deliver_all();
  CHECK(both.most_at_once == 8);
  CHECK(world.text(id).ends_with("0 queued, 0 in flight"));
}

TEST_CASE("a new event does not wait for the attempts of a crash") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.meanwhile = [&] { world.crashes_at = 1; };  // with the reply
  CHECK_FALSE(world.deliver(world.due().front()).has_value());
  world.crashes_at = 0;
  CHECK(world.text(id) == "enabled | pending | 0 queued, 1 in flight");
  world.emit();
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded pending | 0 queued, 1 in flight");
  CHECK(world.sent.size() == 2);
  world.pass(flight_lease);
  CHECK(world.text(id) == "enabled | succeeded succeeded | 0 queued, 0 in flight");
  CHECK(world.sent.size() == 3);
  CHECK(ids(world.sent).size() == 2);
}

TEST_CASE("every attempt of a crash is retried when its lease ends") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit(EventType::charge_paid, 3);
  // Three runs crash in their attempts: the first one's start two more.
  for (int run = 0; run < 3; ++run) {
    world.meanwhile = [&] { world.crashes_at = 1; };
    CHECK_FALSE(world.deliver(world.due().front()).has_value());
    world.crashes_at = 0;
  }
  CHECK(world.text(id) == "enabled | pending pending pending | 0 queued, 3 in flight");
  world.now = world.now + flight_lease;
  // A run makes one attempt and crashes again: the others are still repeated.
  auto keys = world.due();
  REQUIRE(keys.size() >= 3);
  world.meanwhile = [&] { world.crashes_at = 1; };
  CHECK_FALSE(world.deliver(keys.back()).has_value());
  world.crashes_at = 0;
  world.pass(flight_lease);
  CHECK(world.text(id) == "enabled | succeeded succeeded succeeded | 0 queued, 0 in flight");
}

TEST_CASE("a delivery that waits for a retry does not block due deliveries") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.receiver = [](const Outgoing&) { return status(500); };
  for (int i = 0; i < 10; ++i) world.emit();
  world.deliver_all();
  CHECK(world.sent.size() == 10);
  world.receiver = [](const Outgoing&) { return status(200); };
  world.emit();
  world.deliver_all();
  CHECK(world.sent.size() == 11);
  CHECK(world.count("retry/" + id.text()) == 10);
  world.pass(seconds(10));
  CHECK(world.sent.size() == 21);
  CHECK(world.text(id).ends_with("0 queued, 0 in flight"));
}

TEST_CASE("a retry that is due is made, though others wait") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.receiver = [](const Outgoing&) { return status(500); };
  world.emit();
  world.deliver_all();
  world.now = world.now + seconds(3);
  world.emit();
  world.deliver_all();
  world.now = world.now + Millis{3'500};
  world.receiver = [](const Outgoing&) { return status(200); };
  for (const auto& key : world.due()) world.deliver(key);
  CHECK(world.text(id) == "enabled | pending succeeded | 1 queued, 0 in flight");
}

TEST_CASE("a failing endpoint delays only its own deliveries") {
  WebhookWorld world;
  const auto dead = world.endpoint("https://dead.example.com/").endpoint.id;
  const auto good = world.endpoint("https://good.example.com/").endpoint.id;
  world.receiver = [](const Outgoing& request) -> Reply {
    return request.target.starts_with("https://dead") ? Reply{NoAnswer{"timed out"}} : status(200);
  };
  world.emit(EventType::charge_paid, 50);
  for (int i = 0; i < 7; ++i) {
    for (const auto& key : world.due()) {
      if (key.find(good.text()) != std::string::npos) world.deliver(key);
    }
  }
  CHECK(world.text(good).find("pending") == std::string::npos);
  CHECK(world.text(dead).find("succeeded") == std::string::npos);
}

TEST_CASE("a due row starts one run, and a lease is not due early") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  const auto key = world.due().front();
  std::optional<ErrorCode> second;
  std::optional<ErrorCode> early;
  world.meanwhile = [&] {
    second = world.deliver(key)->error().code;
    for (const auto& [row, entry] : world.store.rows()) {
      if (parse_due_key(row)) early = world.deliver(row)->error().code;
    }
  };
  CHECK(world.deliver(key)->has_value());
  CHECK(second == ErrorCode::lease_elsewhere);
  CHECK(early == ErrorCode::lease_elsewhere);
  CHECK(world.sent.size() == 1);
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
}

TEST_CASE("the lease outlasts the slowest receiver") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.meanwhile = [&] {
    world.now = world.now + Millis{delivery_timeout_ms};
    world.deliver_all();
  };
  CHECK(world.deliver(world.due().front())->has_value());
  CHECK(world.sent.size() == 1);
  CHECK(world.deliveries(id).front().attempts == 1);
}

TEST_CASE("a task that outlives its lease writes nothing") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  const auto key = world.due().front();
  world.meanwhile = [&] {
    world.now = world.now + flight_lease;
    world.deliver_all();
  };
  world.receiver = [&](const Outgoing&) { return status(world.sent.size() == 1 ? 500 : 200); };
  const auto late = world.deliver(key);
  CHECK(late->error().code == ErrorCode::lease_elsewhere);
  CHECK(world.sent.size() == 2);
  CHECK(world.text(id) == "enabled | succeeded | 0 queued, 0 in flight");
  CHECK(world.deliveries(id).front().attempts == 1);
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

}  // namespace lntpay
