// The window: attempts at once, their leases, and what they delay.
#include "core/webhook/attempt/attempt_window.hpp"

#include "tests/support/webhook_world.hpp"

namespace lntpay::attempt_window_test {
namespace {

using test::ids;
using test::status;
using test::WebhookWorld;

}  // namespace

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

TEST_CASE("two runs that read the queue at once do not attempt the same delivery") {
  WebhookWorld world;
  world.endpoint();
  world.emit();
  world.emit();
  const auto runs = world.due();
  REQUIRE(runs.size() == 2);
  world.store.before_commit = [&] {
    world.store.before_commit = nullptr;
    world.deliver(runs[1]);
  };
  world.deliver(runs[0]);
  world.deliver_all();
  CHECK(world.sent.size() == 2);
  CHECK(ids(world.sent).size() == 2);
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

TEST_CASE("after a restart of the only process, a full window of ended attempts delays nothing") {
  WebhookWorld world;
  world.settings.process = "former";
  const auto id = world.endpoint().endpoint.id;
  world.emit(EventType::charge_paid, window_slots);
  for (Slot slot = 0; slot < window_slots; ++slot) {
    world.meanwhile = [&] { world.crashes_at = 1; };
    CHECK_FALSE(world.deliver(world.due().front()).has_value());
    world.crashes_at = 0;
  }
  CHECK(world.text(id).ends_with("0 queued, 8 in flight"));
  world.emit();
  world.deliver_all();
  CHECK(world.text(id).ends_with("1 queued, 8 in flight"));  // the same process may still be making them
  world.settings.process = "next";
  world.emit();
  const auto sent = world.sent.size();
  world.deliver_all();
  CHECK(world.sent.size() == sent + window_slots + 2);
  CHECK(world.text(id).ends_with("0 queued, 0 in flight"));
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

}  // namespace lntpay::attempt_window_test
