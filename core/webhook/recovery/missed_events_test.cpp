// How many missed events an endpoint shows: those that a recovery of its disabled times would deliver.
#include "core/webhook/endpoint/endpoint_observations.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::missed_events_test {
namespace {

using test::WebhookWorld;
using enum EventType;

/// An endpoint that is disabled, unless a test enables it.
struct Disabled : WebhookWorld {
  EndpointId id;
  UnixMillis since;

  explicit Disabled(EndpointRequest asked = {.url = "https://shop.example.com/hook"}) {
    id = must([&](Context& cx) { return create_endpoint(cx, tenant, asked); }).endpoint.id;
    disable();
  }
  void disable() {
    set(id, EndpointStatus::disabled);
    since = now;
  }
  std::uint64_t missed() { return read_endpoint(id).missed_events; }
  /// What a recovery counts that delivers nothing.
  std::uint64_t recoverable() { return recover(id, {.since = since, .dry_run = true}).queued; }
};

}  // namespace

TEST_CASE("enabling states how many events a recovery would deliver, of the endpoint's types") {
  Disabled world({.url = "https://shop.example.com/hook", .types = {pattern_of(charge_paid)}});
  const auto other = world.endpoint("https://other.example.com/").endpoint.id;
  world.emit(charge_paid, 3);
  world.emit(charge_expired, 4);
  world.must([&](Context& cx) { return send_test_event(cx, world.tenant, other); });
  CHECK(world.missed() == 3);  // so far
  const auto enabled = world.set(world.id, EndpointStatus::enabled);
  CHECK(enabled.missed_events == 3);
  CHECK_FALSE(enabled.missed_events_capped);
  CHECK(world.recoverable() == 3);
  CHECK(endpoint_json(enabled, world.tenant, world.now).contains(R"("missed_events":3,"missed_events_capped":false)"));
}

TEST_CASE("events that the endpoint's key may not read do not count") {
  Disabled world({.url = "https://shop.example.com/hook", .allowed = types_matching(*from_name<EventPattern>("charge.*"))});
  world.emit(charge_paid, 2);
  world.emit(withdrawal_succeeded, 5);
  CHECK(world.set(world.id, EndpointStatus::enabled).missed_events == 2);
  CHECK(world.recoverable() == 2);
}

TEST_CASE("events about the endpoint itself, and tests of others, do not count") {
  Disabled world;
  world.emit(webhook_endpoint_disabled, 1, world.id.text());
  world.emit(webhook_endpoint_disabled, 1, "whe_other");
  world.emit(webhook_test);
  CHECK(world.set(world.id, EndpointStatus::enabled).missed_events == 1);
  CHECK(world.recoverable() == 1);
}

TEST_CASE("what a recovery has delivered counts no more, what failed again does") {
  Disabled world;
  world.emit(charge_paid, 4);
  world.emit(charge_expired, 3);
  world.set(world.id, EndpointStatus::enabled);
  world.emit(charge_paid, 2);
  CHECK(world.missed() == 7);
  world.recover(world.id, {.since = world.since, .types = {pattern_of(charge_expired)}});
  CHECK(world.missed() == 4);
  CHECK(world.recoverable() == 4);
  // Queued, it is not missed; as a dead letter it is.
  world.receiver = [](const Outgoing&) -> Reply { return Answered{{500, {}, ""}}; };
  world.recover(world.id, {.since = world.since});
  CHECK(world.missed() == 0);
  world.pass(days(4));
  CHECK(world.missed() == 4);
  CHECK(world.recoverable() == 4);
}

TEST_CASE("several disabled times are counted together, and other times are not") {
  Disabled world;
  const auto first = world.since;
  for (int i = 0; i < 3; ++i) {
    world.emit(charge_paid, 2);
    world.set(world.id, EndpointStatus::enabled);
    world.emit(charge_paid, 5);
    world.deliver_all();
    world.disable();
  }
  world.set(world.id, EndpointStatus::enabled);
  CHECK(world.missed() == 6);
  CHECK(world.recover(world.id, {.since = first, .dry_run = true}).queued == 6);
}

TEST_CASE("a long disabled time is counted up to a bound, which all endpoints of a list share") {
  Disabled world;
  world.set(world.endpoint("https://other.example.com/").endpoint.id, EndpointStatus::disabled);
  world.endpoint("https://third.example.com/", {withdrawal_failed});
  for (std::uint32_t emitted = 0; emitted < missed_examined_max; emitted += 200) world.emit(charge_paid, 200);
  world.emit(charge_paid);
  const auto alone = world.read_endpoint(world.id);
  CHECK(alone.missed_events == missed_examined_max);
  CHECK(alone.missed_events_capped);
  const auto listed = world.must([&](Context& cx) { return list_endpoints(cx, world.tenant); });
  REQUIRE(listed.size() == 3);
  for (const auto& each : listed) {
    const bool is_disabled = each.status == EndpointStatus::disabled;
    CHECK(each.missed_events == (is_disabled ? missed_examined_max / 2 : 0));
    CHECK(each.missed_events_capped == is_disabled);
  }
}

TEST_CASE("counting many short disabled times of many endpoints takes no more than a session's steps") {
  WebhookWorld world;
  std::vector<EndpointId> ids;
  for (std::size_t i = 0; i < endpoints_max; ++i)
    ids.push_back(world.endpoint("https://a.example.com/", {charge_paid}).endpoint.id);
  for (std::size_t times = 0; times < missed_ranges_max; ++times) {
    for (const auto& id : ids) world.set(id, EndpointStatus::disabled);
    world.emit();
    for (const auto& id : ids) world.set(id, EndpointStatus::enabled);
  }
  const auto before = world.steps;
  const auto listed = world.must([&](Context& cx) { return list_endpoints(cx, world.tenant); });
  CHECK(world.steps - before <= 200);
  CHECK(listed.front().missed_events > 0);
  CHECK(listed.front().missed_events_capped);
  const auto alone = world.read_endpoint(ids.front());
  CHECK(alone.missed_events == missed_ranges_max);
  CHECK_FALSE(alone.missed_events_capped);
}

}  // namespace lntpay::missed_events_test
