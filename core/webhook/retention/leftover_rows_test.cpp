// What is left of receivers that nobody uses any more, once their events are past the period: nothing.
#include "core/webhook/delivery/charge_target.hpp"
#include "core/webhook/secret/workspace_secret.hpp"
#include "tests/support/pruning_world.hpp"

namespace lntpay::leftover_rows_test {
namespace {

using test::PruningWorld;
using test::status;

/// Longer than the retry schedule, and the pass after the period.
constexpr Millis quiet_time = days(30);

struct Leftovers : PruningWorld {
  Leftovers() {
    receiver = [](const Outgoing& request) { return status(request.target.contains("gone") ? 503 : 200); };
  }
  [[nodiscard]] std::size_t rows_about(const EndpointId& id) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        store.rows(), [&](const auto& row) { return row.first.contains(id.text()) && !row.first.contains("/audit/"); }));
  }
  /// The rows of the workspace, but for audit notes, which stay, and its due work.
  [[nodiscard]] std::string kinds() const {
    std::string found;
    const auto prefix = tenant.key("", {});
    for (const auto& [key, entry] : store.rows()) {
      if (!key.starts_with(prefix)) continue;
      const auto kind = key.substr(prefix.size(), key.find('/', prefix.size()) - prefix.size());
      if (kind != "audit" && !found.ends_with(" " + kind)) found += " " + kind;
    }
    return found;
  }
  void end_charge(const std::string& url) {
    must([&](Context& cx) -> Task<Result<bool>> {
      co_await check_charge_webhook(cx, tenant, url);
      co_await retry([&]() -> Task<Result<>> {
        auto unit = co_await UnitOfWork::load(cx, tenant);
        unit.emit(EventType::charge_paid, R"({"id":"ch_1"})", url);
        co_return co_await attempt(unit.commit());
      });
      co_return true;
    });
  }
  void remove(const EndpointId& id) {
    CHECK(run([&](Context& cx) { return delete_endpoint(cx, tenant, id); }).has_value());
  }
};

}  // namespace

TEST_CASE("nothing is left of a deleted endpoint after the period") {
  Leftovers world;
  const auto id = world.endpoint(SendingOptions{.ordering = DeliveryOrder::per_object, .max_per_second = 5}).endpoint.id;
  const auto failing = world.endpoint("https://gone.example.com/hook").endpoint.id;
  world.emit(EventType::charge_paid, 3);
  world.pass(hours(1));
  world.set(id, EndpointStatus::disabled);
  world.emit(EventType::charge_expired, 2);
  world.set(id, EndpointStatus::enabled);
  world.recover(id, {.since = world.now - hours(2)});
  world.recover(failing, {.since = world.now - hours(2)});
  CHECK(world.count("pace") == 1);
  CHECK(world.count("failing") == 1);
  CHECK(world.count("recovery") == 2);
  world.remove(id);
  world.remove(failing);
  CHECK(world.count("pace") + world.count("failing") + world.count("recovery") == 0);
  world.live(quiet_time);
  CHECK(world.rows_about(id) == 0);
  CHECK(world.rows_about(failing) == 0);
  CHECK(world.kinds() == " head retention");
}

TEST_CASE("an endpoint that is deleted while its recovery runs leaves nothing") {
  Leftovers world;
  for (int i = 0; i < 9; ++i) world.emit(EventType::charge_paid, 100);
  const auto id = world.endpoint().endpoint.id;
  world.start(id, {.since = world.now - hours(1)});
  world.remove(id);
  world.run_all();
  world.live(quiet_time);
  CHECK(world.rows_about(id) == 0);
}

TEST_CASE("the rows that an earlier version wrote for webhook_urls go") {
  Leftovers world;
  world.emit();
  for (int i = 0; i < 200; ++i) {
    const auto target = charge_target_id(world.tenant, "https://shop" + std::to_string(i) + ".example.com/");
    world.store.put(world.tenant.key("charge_target", target.text()), "3|an endpoint");
  }
  world.live(days(4));
  CHECK(world.count("charge_target") == 0);
}

TEST_CASE("nothing is left of the webhook_url of a charge after the period") {
  Leftovers world;
  world.must([&](Context& cx) { return rotate_webhook_secret(cx, world.tenant); });
  const std::string good = "https://shop.example.com/orders/7";
  const std::string failing = "https://gone.example.com/orders/7";
  world.end_charge(good);
  world.end_charge(failing);
  world.live(quiet_time);
  CHECK(world.rows_about(charge_target_id(world.tenant, good)) == 0);
  CHECK(world.rows_about(charge_target_id(world.tenant, failing)) == 0);
  CHECK(world.kinds() == " head retention webhook_secret");
  // A charge that was paid years later is delivered as before.
  world.end_charge(good);
  world.deliver_all();
  CHECK(world.sent.back().target == good);
}

}  // namespace lntpay::leftover_rows_test
