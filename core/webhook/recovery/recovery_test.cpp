// Recovery of missed events: what is selected, progress, crashes.
#include "core/webhook/recovery/recovery.hpp"

#include "tests/support/webhook_world.hpp"

namespace lntpay::recovery_test {
namespace {

using test::status;
using test::WebhookWorld;

struct Recovering : WebhookWorld {
  std::size_t sent_of(EventType type) const {
    return static_cast<std::size_t>(std::ranges::count_if(sent, [&](const Outgoing& each) {
      return each.body.find("\"type\":\"" + std::string(name_of(type)) + "\"") != std::string::npos;
    }));
  }
};

}  // namespace

TEST_CASE("a recovery delivers what a disabled endpoint missed, once") {
  Recovering world;
  const auto id = world.endpoint().endpoint.id;
  const auto since = world.now;
  world.emit(EventType::charge_paid, 3);
  world.deliver_all();
  world.set(id, EndpointStatus::disabled);
  for (int i = 0; i < 13; ++i) world.emit(EventType::charge_expired, 10);
  world.set(id, EndpointStatus::enabled);
  CHECK(world.sent.size() == 3);
  const auto first = world.recover(id, {.since = since});
  CHECK(first.examined == 134);  // with the event of its disabling
  CHECK(first.queued == 130);
  CHECK(first.ended_at.has_value());
  CHECK(world.sent.size() == 133);
  CHECK(world.sent_of(EventType::charge_expired) == 130);
  CHECK(world.recover(id, {.since = since}).queued == 0);
  CHECK(world.sent.size() == 133);
}

TEST_CASE("a new endpoint can have the events before it, by type and time") {
  Recovering world;
  world.emit(EventType::charge_paid, 4);
  world.now = world.now + hours(1);
  const auto noon = world.now;
  world.emit(EventType::charge_paid, 2);
  world.emit(EventType::charge_expired, 3);
  world.now = world.now + hours(1);
  world.emit(EventType::charge_paid, 5);
  const auto id = world.endpoint("https://new.example.com/").endpoint.id;
  const RecoveryRequest asked{.since = noon, .until = noon + minutes(1), .types = {pattern_of(EventType::charge_paid)}};
  auto dry = asked;
  dry.dry_run = true;
  CHECK(world.recover(id, dry).queued == 2);
  CHECK(world.sent.empty());
  CHECK(world.recover(id, asked).queued == 2);
  CHECK(world.sent_of(EventType::charge_paid) == 2);
  const auto all = world.recover(id, {.since = noon});
  CHECK(all.examined == 10);
  CHECK(all.queued == 8);
  CHECK(world.recover(id, {.since = world.now + hours(1), .until = world.now + hours(2)}).examined == 0);
}

TEST_CASE("a recovery queues dead letters again, and leaves pending deliveries") {
  Recovering world;
  const auto id = world.endpoint().endpoint.id;
  const auto since = world.now;
  world.receiver = [](const Outgoing&) { return status(500); };
  world.emit(EventType::charge_paid, 2);
  world.pass(days(4));
  CHECK(world.count("dead/" + id.text()) == 2);
  world.emit();
  world.deliver_all();
  CHECK(world.recover(id, {.since = since}).queued == 2);
  CHECK(world.count("dead/" + id.text()) == 0);
  world.receiver = [](const Outgoing&) { return status(200); };
  world.pass(hours(1));
  CHECK(world.text(id) == "enabled | succeeded succeeded succeeded | 0 queued, 0 in flight");
}

TEST_CASE("a recovery passes damaged events, at the end of a page and in its search") {
  Recovering world;
  std::vector<UnixMillis> times;
  for (int i = 0; i < 60; ++i) {
    times.push_back(world.now);
    world.emit();
    world.now = world.now + seconds(1);
  }
  const auto id = world.endpoint().endpoint.id;
  const auto damage = [&](std::uint64_t seq) { world.store.put(event_key(world.tenant, seq), "9|damaged"); };
  damage(recovery_piece);  // the last of the first page
  CHECK(world.recover(id, {.since = times[0], .until = times[59] + Millis{1}, .dry_run = true}).queued == 59);
  damage(31);  // the first that a search among 60 reads
  CHECK(world.recover(id, {.since = times[19]}).queued == 39);
}

TEST_CASE("a recovery finds the events of its time, also where the clock went back meanwhile") {
  Recovering world;
  const auto midnight = world.now;
  const auto emit_at = [&](int hour) {
    world.now = midnight + hours(hour);
    world.emit();
  };
  for (const int hour : {11, 12, 13, 1, 2, 14, 15}) emit_at(hour);
  const auto id = world.endpoint().endpoint.id;
  CHECK(world.recover(id, {.since = midnight + hours(12)}).queued == 4);
}

TEST_CASE("a recovery passes deliveries that are damaged or missing") {
  Recovering world;
  const auto id = world.endpoint().endpoint.id;
  const auto since = world.now;
  world.receiver = [](const Outgoing&) { return status(500); };
  world.emit(EventType::charge_paid, 3);
  world.pass(days(4));
  world.receiver = [](const Outgoing&) { return status(200); };
  const auto all = world.deliveries(id);
  REQUIRE(all.size() == 3);
  world.store.put(delivery_key(world.tenant, all[0].id), "9|damaged");
  world.store.erase(delivery_key(world.tenant, all[1].id));
  const auto recovery = world.recover(id, {.since = since});
  CHECK(recovery.ended_at.has_value());
  CHECK(recovery.queued == 1);
}

TEST_CASE("new events do not wait for what a recovery queued") {
  Recovering world;
  world.emit(EventType::charge_paid, 3);
  const auto id = world.endpoint().endpoint.id;
  world.start(id, {.since = UnixMillis{0}});
  CHECK(world.run_due(world.due().front())->has_value());
  CHECK(world.count("retry/" + id.text()) == 3);  // which has at most half of the window
  world.emit();
  CHECK(world.count("queue/" + id.text()) == 1);
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded succeeded succeeded succeeded | 0 queued, 0 in flight");
}

TEST_CASE("a recovery starts once, whatever its commit returns") {
  for (const auto fault :
       {test::CommitFault::conflict, test::CommitFault::unknown_written, test::CommitFault::unknown_not_written}) {
    Recovering world;
    world.emit(EventType::charge_paid, 3);
    const auto id = world.endpoint().endpoint.id;
    world.store.fault_at(1, fault);
    CHECK_FALSE(world.start(id, {.since = UnixMillis{0}}).ended_at.has_value());
    world.store.faults.clear();
    world.run_all();
    CHECK(world.progress(id).queued == 3);
  }
}

TEST_CASE("a recovery shows its progress, and a crash loses none of it") {
  Recovering world;
  world.emit(EventType::charge_paid);
  for (int i = 0; i < 50; ++i) world.emit(EventType::charge_paid, 20);
  const auto id = world.endpoint().endpoint.id;
  CHECK_FALSE(world.start(id, {.since = UnixMillis{0}}).ended_at.has_value());
  CHECK(world.run([&](Context& cx) { return start_recovery(cx, world.tenant, id, {.since = UnixMillis{0}}); }).error().code ==
        ErrorCode::invalid_state);
  world.crashes_at = 10;  // in the second piece
  CHECK_FALSE(world.run_due(world.due().front()).has_value());
  world.crashes_at = 0;
  const auto halfway = world.progress(id);
  CHECK(halfway.examined > 0);
  CHECK(halfway.examined < 1'001);
  world.now = world.now + minutes(1);
  world.run_all();
  const auto done = world.progress(id);
  CHECK(done.ended_at.has_value());
  CHECK(done.queued == 1'001);
  CHECK(world.sent.size() == 1'001);
}

TEST_CASE("a recovery ends with its endpoint, and needs an enabled one") {
  Recovering world;
  for (int i = 0; i < 10; ++i) world.emit(EventType::charge_paid, 20);
  const auto id = world.endpoint().endpoint.id;
  world.start(id, {.since = UnixMillis{0}});
  world.set(id, EndpointStatus::disabled);
  world.run_all();
  CHECK(world.progress(id).ended_at.has_value());
  CHECK(world.sent.empty());
  const auto refused = [&](RecoveryRequest asked) {
    return world.run([&](Context& cx) { return start_recovery(cx, world.tenant, id, asked); }).error();
  };
  CHECK(refused({.since = UnixMillis{0}}).code == ErrorCode::invalid_state);
  CHECK(refused({.since = world.now, .until = world.now}).param == "until");
}

}  // namespace lntpay::recovery_test
