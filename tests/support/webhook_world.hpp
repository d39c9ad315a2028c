// A workspace with webhook endpoints, its delivery tasks, and its state as one line of text.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "core/ledger/unit_of_work.hpp"
#include "core/tenant/due_work.hpp"
#include "core/webhook/deliver.hpp"
#include "core/webhook/delivery.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::test {

class WebhookWorld : public CoreWorld {
 public:
  WebhookWorld() { settings.egress.allow_loopback = true; }

  EndpointWithSecret endpoint(std::string url = "https://shop.example.com/hook", std::vector<EventType> types = {}) {
    return must([&](Context& cx) { return create_endpoint(cx, tenant, {.url = url, .description = "", .types = types}); });
  }
  Endpoint read_endpoint(const EndpointId& id) {
    return must([&](Context& cx) { return get_endpoint(cx, tenant, id); });
  }
  std::vector<Delivery> deliveries(const EndpointId& id) {
    return must([&](Context& cx) { return list_deliveries(cx, tenant, id, "", deliveries_page_max); }).deliveries;
  }
  DeliveryWithLog read_delivery(const DeliveryId& id) {
    return must([&](Context& cx) { return get_delivery(cx, tenant, id); });
  }

  /// Emits `count` events in one commit.
  void emit(EventType type = EventType::charge_paid, int count = 1) {
    must([&](Context& cx) -> Task<Result<bool>> {
      co_await retry([&]() -> Task<Result<>> {
        auto unit = co_await UnitOfWork::load(cx, tenant);
        for (int i = 0; i < count; ++i) unit.emit(type, R"({"id":"ch_1"})");
        co_return co_await attempt(unit.commit());
      });
      co_return true;
    });
  }

  /// The rows that are due, and the time of the next one.
  [[nodiscard]] std::vector<std::string> due() const {
    std::vector<std::string> keys;
    for (const auto& [key, entry] : store.rows()) {
      if (const auto at = due_time(key); at && *at <= now) keys.push_back(key);
    }
    return keys;
  }
  [[nodiscard]] std::optional<UnixMillis> next_due() const {
    std::optional<UnixMillis> next;
    for (const auto& [key, entry] : store.rows()) {
      if (const auto at = due_time(key)) next = std::min(*at, next.value_or(*at));
    }
    return next;
  }
  auto deliver(std::string key) {
    return run_until_crash([&](Context& cx) { return deliver_due(cx, key); });
  }
  /// Runs due tasks until none is left.
  void deliver_all() {
    for (int runs = 0; runs < 1'000; ++runs) {
      const auto keys = due();
      if (keys.empty()) return;
      for (const auto& key : keys) deliver(key);
    }
    FAIL("due work does not end");
  }
  /// Advances the clock, and runs each task when it is due.
  void pass(Millis span) {
    const auto until = now + span;
    deliver_all();
    for (auto next = next_due(); next && *next <= until; next = next_due()) {
      now = std::max(now, *next);
      deliver_all();
    }
    now = std::max(now, until);
  }

  [[nodiscard]] std::size_t count(std::string_view room) const {
    const auto prefix = tenant.key(room) + "/";
    return static_cast<std::size_t>(
        std::ranges::count_if(store.rows(), [&](const auto& row) { return row.first.starts_with(prefix); }));
  }
  /// "enabled | succeeded succeeded | queue 0, due none"
  std::string text(const EndpointId& id) {
    const auto at = read_endpoint(id);
    std::string out(name_of(at.status));
    out += at.busy_until ? " busy |" : " |";
    for (const auto& each : deliveries(id)) out.append(" ").append(name_of(each.status));
    out += " | queue " + std::to_string(count("queue/" + id.text())) + ", due ";
    return out + (at.due_at ? "in " + std::to_string((*at.due_at - now).value) : "none");
  }
  /// Checks that the due rows match `due_at` of the endpoints.
  void check_due_rows() {
    std::size_t expected = 0;
    for (const auto& each : must([&](Context& cx) { return list_endpoints(cx, tenant); })) {
      if (!each.due_at) continue;
      ++expected;
      CHECK(store.rows().contains(due_key({"webhook", tenant, each.id.text()}, *each.due_at)));
    }
    std::size_t found = 0;
    for (const auto& [key, entry] : store.rows()) found += due_time(key) ? 1U : 0U;
    CHECK(found == expected);
  }

 private:
  static std::optional<UnixMillis> due_time(std::string_view key) {
    if (!parse_due_key(key)) return std::nullopt;
    return lntpay::due_time(key);
  }
};

}  // namespace lntpay::test
