// Delivery runs: retries, leases, crashes, disabled and deleted endpoints.
#include "core/webhook/deliver.hpp"

#include <algorithm>
#include <set>

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
  CHECK(request.body == event_json(*event, world.tenant));
  CHECK(header(request, "webhook-id") == event->id.text());
  CHECK(world.text(endpoint.id) == "enabled | succeeded | queue 0, due none");
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
  CHECK(world.text(id) == "enabled | failed | queue 0, due none");
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
  CHECK(world.text(id) == "enabled | succeeded | queue 0, due none");
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
    CHECK(world.text(id).starts_with("enabled | pending | queue 1, due in "));
    const auto [delivery, log] = world.read_delivery(world.deliveries(id).front().id);
    CHECK_FALSE(log.front().reason.empty());
    CHECK(log.front().latency_ms == 15'000);
    CHECK(delivery.tries == 1);
    world.receiver = [](const Outgoing&) { return status(200); };
    world.pass(seconds(20));
    CHECK(world.text(id) == "enabled | succeeded | queue 0, due none");
  }
}

TEST_CASE("Retry-After postpones the next attempt") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{429, {{"retry-after", "90"}}, ""}}; };
  world.emit();
  world.deliver_all();
  CHECK(world.text(id) == "enabled | pending | queue 1, due in 90000");
}

TEST_CASE("410 disables the endpoint at once, with an event to the others") {
  WebhookWorld world;
  const auto gone = world.endpoint().endpoint.id;
  const auto other = world.endpoint("https://other.example.com/", {EventType::webhook_endpoint_disabled}).endpoint.id;
  world.receiver = [](const Outgoing& request) { return status(request.target.starts_with("https://shop") ? 410 : 200); };
  world.emit();
  world.deliver_all();
  CHECK(world.text(gone) == "disabled | failed | queue 0, due none");
  CHECK(world.text(other) == "enabled | succeeded | queue 0, due none");
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
      REQUIRE(endpoint.disabled_at.has_value());
      CHECK(*endpoint.disabled_at - start >= days(5));
      CHECK(*endpoint.disabled_at - start < days(6));
      CHECK_FALSE(endpoint.due_at.has_value());
    }
    world.check_due_rows();
  }
}

TEST_CASE("a hundred queued deliveries are sent in batches of eight, each once") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  for (int i = 0; i < 10; ++i) world.emit(EventType::charge_paid, 10);
  CHECK(world.due().size() == 1);
  std::size_t runs = 0;
  while (!world.due().empty()) {
    const auto before = world.sent.size();
    world.deliver(world.due().front());
    CHECK(world.sent.size() - before <= 8);
    ++runs;
  }
  CHECK(runs == 13);
  CHECK(world.sent.size() == 100);
  CHECK(ids(world.sent).size() == 100);
  CHECK(world.count("queue/" + id.text()) == 0);
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
  CHECK(world.count("queue/" + id.text()) == 10);
  world.pass(seconds(10));
  CHECK(world.sent.size() == 21);
  CHECK(world.text(id).ends_with("queue 0, due none"));
}

TEST_CASE("a failing endpoint delays only its own deliveries") {
  WebhookWorld world;
  const auto dead = world.endpoint("https://dead.example.com/").endpoint.id;
  const auto good = world.endpoint("https://good.example.com/").endpoint.id;
  world.receiver = [](const Outgoing& request) -> Reply {
    return request.target.starts_with("https://dead") ? Reply{NoAnswer{"timed out"}} : status(200);
  };
  world.emit(EventType::charge_paid, 50);
  const auto keys = world.due();
  REQUIRE(keys.size() == 2);
  const auto of_good = keys.front().find(good.text()) != std::string::npos ? keys.front() : keys.back();
  world.deliver(of_good == keys.front() ? keys.back() : keys.front());  // has its own lease and its own row now
  for (int i = 0; i < 7; ++i) {
    for (const auto& key : world.due()) {
      if (key.find(good.text()) != std::string::npos) world.deliver(key);
    }
  }
  CHECK(world.text(good).find("pending") == std::string::npos);
  CHECK(world.text(dead).find("succeeded") == std::string::npos);
}

TEST_CASE("a second run of a leased endpoint fails with lease_elsewhere") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  const auto key = world.due().front();
  std::optional<ErrorCode> second;
  std::optional<ErrorCode> early;
  world.meanwhile = [&] {
    second = world.deliver(key)->error().code;
    const auto leased = due_key({"webhook", world.tenant, id.text()}, *world.read_endpoint(id).due_at);
    early = world.deliver(leased)->error().code;
  };
  CHECK(world.deliver(key)->has_value());
  CHECK(second == ErrorCode::lease_elsewhere);
  CHECK(early == ErrorCode::lease_elsewhere);
  CHECK(world.sent.size() == 1);
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
    world.now = world.now + seconds(61);
    world.deliver_all();
  };
  world.receiver = [&](const Outgoing&) { return status(world.sent.size() == 1 ? 500 : 200); };
  const auto late = world.deliver(key);
  CHECK(late->error().code == ErrorCode::lease_elsewhere);
  CHECK(world.sent.size() == 2);
  CHECK(world.text(id) == "enabled | succeeded | queue 0, due none");
  CHECK(world.deliveries(id).front().attempts == 1);
}

TEST_CASE("an event queued during a delivery is sent right after it") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.meanwhile = [&] {
    world.emit();
    CHECK(world.text(id) == "enabled busy | pending pending | queue 2, due in 59960");
    CHECK(world.due().empty());
  };
  world.deliver(world.due().front());
  CHECK(world.text(id).starts_with("enabled | pending succeeded | queue 1, due in "));
  CHECK(world.due().size() == 1);
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded succeeded | queue 0, due none");
  world.check_due_rows();
}

TEST_CASE("a redelivery requested during an attempt is attempted again") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit();
  world.now = world.now + seconds(1);
  const auto delivery = world.deliveries(id).front().id;
  world.meanwhile = [&] { world.must([&](Context& cx) { return redeliver(cx, world.tenant, delivery); }); };
  world.deliver(world.due().front());
  CHECK(world.text(id).starts_with("enabled | pending | queue 1"));
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded | queue 0, due none");
  CHECK(world.deliveries(id).front().attempts == 2);
  CHECK(ids(world.sent).size() == 1);
}

TEST_CASE("an endpoint deleted during a delivery stays deleted, its queue canceled") {
  WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.emit(EventType::charge_paid, 120);
  world.meanwhile = [&] {
    world.must([&](Context& cx) -> Task<Result<bool>> {
      co_await delete_endpoint(cx, world.tenant, id);
      co_return true;
    });
  };
  CHECK(world.deliver(world.due().front())->error().code == ErrorCode::lease_elsewhere);
  world.pass(minutes(2));
  CHECK(world.sent.size() == 8);
  CHECK(world.count("whe") == 0);
  CHECK(world.count("queue") == 0);
  CHECK_FALSE(world.next_due().has_value());
  for (const auto& [key, entry] : world.store.rows()) {
    if (key.starts_with(world.tenant.key("delivery") + "/")) CHECK(entry.value.find("canceled") != std::string::npos);
  }
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
  CHECK(world.text(id) == "enabled | succeeded | queue 0, due none");
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

TEST_CASE("a postponed due row still delivers; a leftover one is removed") {
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
    CHECK(world.text(id) == (wanted ? "enabled | succeeded | queue 0, due none" : "disabled | pending | queue 1, due none"));
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
        CHECK_FALSE(world.read_endpoint(id).busy_until.has_value());
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
      CHECK(world.text(id) == (code == 200 ? "enabled | succeeded | queue 0, due none" : "disabled | failed | queue 0, due none"));
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
