// The count of endpoints and queued deliveries, over the memory store.
#include "host-adapters/server/engine/webhook_census.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/tenant/enter_tenant.hpp"
#include "core/webhook/endpoint/endpoint.hpp"
#include "core/webhook/queue/delivery_queue.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"

namespace webhook_census_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

constexpr UnixMillis now{1'796'018'129'000};

/// A store with workspaces of which only the rows that count exist.
struct World {
  MemoryStore store;
  Random random{{1, 2, 3, 4}};

  void put(const std::string& key, const std::string& value) {
    store.begin_batch();
    CHECK(std::holds_alternative<Committed>(store.commit({.checks = {}, .ops = {Put{key, value}}})));
    store.end_batch();
  }
  WorkspaceId workspace() {
    const auto shard = Shard::generate(random);
    auto id = WorkspaceId::generate(shard, now, random);
    put("00/shard/" + std::string(shard.text()), "");
    put(std::string(shard.text()) + "/workspace/" + id.text(), "a workspace");
    return id;
  }
  EndpointId endpoint(const TenantScope& tenant, EndpointStatus status) {
    Endpoint made{.id = EndpointId::generate(tenant.shard(), now, random), .url = "https://shop.example/", .status = status};
    put(endpoint_key(tenant, made.id.text()), to_row(made));
    return made.id;
  }
  /// Not due, unless a time is given.
  void queue(const TenantScope& tenant, const EndpointId& endpoint, QueueKind kind, int count, UnixMillis at = now + hours(1)) {
    for (int i = 0; i < count; ++i)
      put(queue_key(tenant, endpoint, {.kind = kind, .at = at, .id = DeliveryId::generate(tenant.shard(), now, random)}), "1");
  }
  /// The number of pieces of a pass, and its counts.
  std::pair<int, WebhookCounts> pass(WebhookCensus& census) {
    for (int pieces = 1; pieces < 10'000; ++pieces) {
      store.begin_batch();
      const auto counts = census.advance(store, now);
      store.end_batch();
      if (counts) return {pieces, *counts};
    }
    FAIL("a pass ends");
    return {};
  }
};

}  // namespace

TEST_CASE("endpoints and queued deliveries are counted in both environments") {
  World world;
  for (int i = 0; i < 3; ++i) {
    const auto id = world.workspace();
    for (const auto environment : {Environment::test, Environment::live}) {
      const TenantScope tenant{environment, id};
      const auto endpoint = world.endpoint(tenant, EndpointStatus::enabled);
      world.endpoint(tenant, EndpointStatus::enabled);
      world.endpoint(tenant, EndpointStatus::disabled);
      world.queue(tenant, endpoint, QueueKind::first, 4);
      world.queue(tenant, endpoint, QueueKind::retry, 5);
    }
  }
  WebhookCensus census;
  const WebhookCounts expected{.endpoints_enabled = 12, .endpoints_disabled = 6, .queued_first = 24, .queued_retries = 30};
  CHECK(world.pass(census).second == expected);
  CHECK(world.pass(census).second == expected);  // a second pass starts from zero
}

TEST_CASE("a pass in the smallest pieces and pages counts the same") {
  World world;
  for (int i = 0; i < 5; ++i) {
    const TenantScope tenant{Environment::live, world.workspace()};
    world.queue(tenant, world.endpoint(tenant, EndpointStatus::disabled), QueueKind::retry, 7);
  }
  WebhookCensus census({.piece = std::chrono::microseconds{0}, .rows_per_scan = 2});
  const auto [pieces, counts] = world.pass(census);
  CHECK(pieces > 40);
  CHECK(counts == WebhookCounts{.endpoints_disabled = 5, .queued_retries = 35});
}

TEST_CASE("after a reset of a sandbox only its present generation counts") {
  World world;
  TenantScope tenant{Environment::test, world.workspace()};
  world.endpoint(tenant, EndpointStatus::enabled);
  tenant.generation = 2;
  world.put(sandbox_controls_key(tenant), to_row(SandboxControls{.generation = 2}));
  const auto endpoint = world.endpoint(tenant, EndpointStatus::disabled);
  world.queue(tenant, endpoint, QueueKind::first, 1);
  WebhookCensus census;
  CHECK(world.pass(census).second == WebhookCounts{.endpoints_disabled = 1, .queued_first = 1});
}

TEST_CASE("the oldest delivery that is due is by the workspace's clock, and of no disabled endpoint") {
  World world;
  const TenantScope live{Environment::live, world.workspace()};
  const auto shop = world.endpoint(live, EndpointStatus::enabled);
  world.queue(live, shop, QueueKind::first, 1, now - seconds(20));
  world.queue(live, shop, QueueKind::first, 1, now - seconds(30));
  world.queue(live, world.endpoint(live, EndpointStatus::disabled), QueueKind::first, 1, now - days(3));
  world.queue(live, EndpointId::generate(live.shard(), UnixMillis{}, world.random), QueueKind::retry, 1, now - seconds(5));
  const TenantScope test{Environment::test, world.workspace()};
  world.put(sandbox_controls_key(test), to_row(SandboxControls{.ahead = days(1)}));
  world.queue(test, world.endpoint(test, EndpointStatus::enabled), QueueKind::retry, 1, now + days(1) - seconds(40));
  for (const std::uint32_t rows_per_scan : {1U, 256U}) {
    WebhookCensus census({.rows_per_scan = rows_per_scan});
    const auto counts = world.pass(census).second;
    CHECK(counts.oldest_first == now - seconds(30));
    CHECK(counts.oldest_retry == now - seconds(40));
  }
}

TEST_CASE("a damaged endpoint is not counted, and hides no other") {
  World world;
  const TenantScope tenant{Environment::live, world.workspace()};
  world.endpoint(tenant, EndpointStatus::enabled);
  world.put(endpoint_key(tenant, "broken"), "?");
  WebhookCensus census;
  CHECK(world.pass(census).second == WebhookCounts{.endpoints_enabled = 1});
}

TEST_CASE("a pass whose read fails ends without counts, and the next one starts later") {
  World world;
  WebhookCensus census;
  CHECK_FALSE(census.advance(world.store, now).has_value());  // no batch is open
  CHECK(census.next_time(now, now) == now + seconds(15));
  CHECK(world.pass(census).second == WebhookCounts{});
}

TEST_CASE("the store is read only while /metrics is in use") {
  WebhookCensus census;
  CHECK_FALSE(census.next_time(now, {}).has_value());
  CHECK(census.next_time(now, now).has_value());
  CHECK(census.next_time(now + minutes(5) - Millis{1}, now).has_value());
  CHECK_FALSE(census.next_time(now + minutes(5), now).has_value());
}

TEST_CASE("a pass starts 15 s after the last one, also when the clock was set back") {
  World world;
  WebhookCensus census;
  world.pass(census);
  CHECK(census.next_time(now, now) == now + seconds(15));
  CHECK(census.next_time(now - hours(1), now - hours(1)) == now - hours(1));
}

}  // namespace webhook_census_test
