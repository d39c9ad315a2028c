// Deliveries in the order of their object's events.
#include "core/webhook/delivery/delivery_order.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/webhook/attempt/deliver.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::delivery_order_test {
namespace {

using test::CommitFault;
using test::status;

std::string object_of(const Outgoing& request) {
  const auto at = request.body.find(R"("data":{"id":")") + 14;
  return request.body.substr(at, request.body.find('"', at) - at);
}

std::uint64_t seq_of(const Outgoing& request) {
  const auto at = request.body.find(R"("seq":)") + 6;
  return parse_integer<std::uint64_t>(request.body.substr(at, request.body.find(',', at) - at)).value_or(0);
}

/// A workspace with one ordered endpoint.
struct OrderedWorld : test::WebhookWorld {
  EndpointId id = endpoint({.ordering = DeliveryOrder::per_object}).endpoint.id;

  /// The requests so far: "ch_1:1 ch_2:2".
  [[nodiscard]] std::string requests() const {
    std::string out;
    for (const auto& each : sent)
      out.append(out.empty() ? "" : " ").append(object_of(each)).append(":").append(std::to_string(seq_of(each)));
    return out;
  }
  void emit_for(std::string_view object) { emit(EventType::charge_paid, 1, object); }
  /// The receiver fails that many times, then accepts.
  void fail(int times) {
    receiver = [times](const Outgoing&) mutable { return status(times-- > 0 ? 500 : 200); };
  }
};

}  // namespace

TEST_CASE("an object's next event waits for the earlier one, and other objects do not") {
  OrderedWorld world;
  world.fail(1);
  world.emit_for("ch_1");
  world.deliver_all();
  world.emit_for("ch_1");
  world.emit_for("ch_2");
  world.emit_for("ch_1");
  world.deliver_all();
  CHECK(world.requests() == "ch_1:1 ch_2:3");
  CHECK(world.text(world.id) == "enabled | pending succeeded pending pending | 1 queued, 0 in flight");
  world.pass(seconds(6));
  CHECK(world.requests() == "ch_1:1 ch_2:3 ch_1:1 ch_1:2 ch_1:4");
  CHECK(world.count("order") == 0);
}

TEST_CASE("a dead letter lets the object's next event leave") {
  OrderedWorld world;
  world.receiver = [](const Outgoing& request) { return status(seq_of(request) == 1 ? 500 : 200); };
  world.emit_for("ch_1");
  world.emit_for("ch_1");
  world.pass(hours(70));
  CHECK(world.text(world.id) == "enabled | pending pending | 1 queued, 0 in flight");
  world.pass(hours(30));
  CHECK(world.text(world.id) == "enabled | succeeded failed | 0 queued, 0 in flight");
  CHECK(world.count("order") == 0);
}

TEST_CASE("an endpoint without ordering does not wait") {
  test::WebhookWorld world;
  const auto id = world.endpoint().endpoint.id;
  world.receiver = [](const Outgoing& request) { return status(seq_of(request) == 1 ? 500 : 200); };
  world.emit(EventType::charge_paid, 2);
  world.deliver_all();
  CHECK(world.text(id) == "enabled | succeeded pending | 1 queued, 0 in flight");
  CHECK(world.count("order") == 0);
}

TEST_CASE("the order holds whatever fails: receivers, commits, sessions") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    OrderedWorld world;
    Random random{{static_cast<std::uint32_t>(seed), 2, 3, 4}};
    std::map<std::string, std::set<std::uint64_t>> open;  // of each object: what has not been accepted
    world.receiver = [&](const Outgoing& request) {
      auto& waiting = open[object_of(request)];
      // At least once: what was accepted may be delivered twice after a crash, and only then.
      if (waiting.contains(seq_of(request))) CHECK(seq_of(request) == *waiting.begin());
      if (random.below(4) == 0) return status(503);
      waiting.erase(seq_of(request));
      return status(200);
    };
    std::uint64_t seq = 0;
    for (int i = 0; i < 25; ++i) {
      const auto object = "ch_" + std::to_string(random.below(3));
      open[object].insert(++seq);
      world.crashes_at = 0;
      world.store.faults.clear();
      world.emit_for(object);
      if (random.below(3) == 0) world.crashes_at = 1 + random.below(12);
      if (random.below(3) == 0) {
        const auto fault = std::array{CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written};
        const auto below = [&](std::uint64_t bound) { return static_cast<std::size_t>(random.below(bound)); };
        world.store.fault_at(1 + below(6), fault[below(3)]);
      }
      for (const auto& key : world.due()) world.deliver(key);
      world.now = world.now + Millis{static_cast<std::int64_t>(random.below(8'000))};
    }
    world.crashes_at = 0;
    world.store.faults.clear();
    world.pass(hours(90));
    for (const auto& [object, waiting] : open) CHECK(waiting.empty());
    CHECK(world.count("order") + world.count("queue") + world.count("retry") + world.count("flight") == 0);
  }
}

TEST_CASE("the end of a delivery conflicts with the commit that holds the next one") {
  OrderedWorld world;
  world.fail(1);
  world.emit_for("ch_1");
  world.deliver_all();
  const auto ended = world.deliveries(world.id).front();
  world.emit_for("ch_1");
  const auto outcome = world.run([&](Context& cx) -> Task<Result<>> {
    WriteBatch batch;
    co_await pass_turn(cx, batch, world.tenant, ended);
    world.deliver_all();  // the next one finds the first, and is held
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
  REQUIRE_FALSE(outcome.has_value());
  CHECK(outcome.error().code == ErrorCode::conflict);
}

TEST_CASE("a deletion cancels what waits for its turn") {
  OrderedWorld world;
  world.receiver = [](const Outgoing&) { return status(500); };
  for (int i = 0; i < 5; ++i) world.emit_for("ch_1");
  world.deliver_all();
  CHECK(world.text(world.id) == "enabled | pending pending pending pending pending | 1 queued, 0 in flight");
  world.must([&](Context& cx) -> Task<Result<bool>> {
    co_await delete_endpoint(cx, world.tenant, world.id);
    co_return true;
  });
  world.deliver_all();
  CHECK(world.count("order") + world.count("queue") + world.count("retry") == 0);
  for (const auto& each : world.deliveries(world.id)) CHECK(each.status == DeliveryStatus::canceled);
}

TEST_CASE("a redelivery in the order waits for its turn as well") {
  OrderedWorld world;
  world.fail(1);
  world.emit_for("ch_1");
  world.emit_for("ch_1");
  world.deliver_all();
  const auto held = world.deliveries(world.id).front().id;
  world.must([&](Context& cx) { return redeliver(cx, world.tenant, held); });
  world.deliver_all();
  CHECK(world.requests() == "ch_1:1");
  world.pass(seconds(6));
  CHECK(world.requests() == "ch_1:1 ch_1:1 ch_1:2");
  CHECK(world.text(world.id) == "enabled | succeeded succeeded | 0 queued, 0 in flight");
}

TEST_CASE("what waits for its turn leaves in order after the ordering was changed") {
  OrderedWorld world;
  world.fail(1);
  for (int i = 0; i < 3; ++i) world.emit_for("ch_1");
  world.deliver_all();
  world.must(
      [&](Context& cx) { return change_endpoint(cx, world.tenant, world.id, {.sending = {.ordering = DeliveryOrder::none}}); });
  world.emit_for("ch_1");
  world.deliver_all();
  CHECK(world.requests() == "ch_1:1 ch_1:4");
  world.pass(seconds(6));
  CHECK(world.requests() == "ch_1:1 ch_1:4 ch_1:1 ch_1:2 ch_1:3");
}

TEST_CASE("a damaged row ends no object's deliveries") {
  for (const std::string damaged : {"event", "delivery", "place"}) {
    CAPTURE(damaged);
    OrderedWorld world;
    world.emit_for("ch_1");
    world.emit_for("ch_1");
    world.emit_for("ch_1");
    const auto second = world.deliveries(world.id)[1];
    const auto key = damaged == "event"      ? event_key(world.tenant, 2)
                     : damaged == "delivery" ? delivery_key(world.tenant, second.id)
                                             : order_key(world.tenant, second);
    world.store.put(key, "9|damaged");
    world.pass(hours(1));
    CHECK(world.requests().ends_with("ch_1:3"));
    // Without its row, a delivery is not known to be ordered.
    if (damaged != "delivery") CHECK(world.requests().starts_with("ch_1:1"));
  }
}

}  // namespace lntpay::delivery_order_test
