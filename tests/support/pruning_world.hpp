// A workspace whose events are pruned after ten days.
#pragma once
#include <string>
#include <vector>

#include "core/event/event_list.hpp"
#include "core/event/event_retention.hpp"
#include "core/webhook/retention/pruning.hpp"
#include "tests/support/webhook_world.hpp"

namespace lntpay::test {

constexpr Millis pruning_period = days(10);
/// An event is removed in the second pass after its period: the first pass whose clock was read after it.
constexpr Millis removed_after = days(12);
/// Until just before that pass.
constexpr Millis before_removed = days(11);

struct PruningWorld : WebhookWorld {
  PruningWorld() { settings.keep_events = pruning_period; }

  std::vector<std::string> alarms;

  /// The task's only row.
  [[nodiscard]] std::string task() const {
    std::string found;
    for (const auto& [key, entry] : store.rows()) {
      const auto work = parse_due_key(key);
      if (!work || work->kind != pruning_kind) continue;
      REQUIRE_MESSAGE(found.empty(), "two rows of one task");
      found = key;
    }
    REQUIRE_MESSAGE(!found.empty(), "the task has no row");
    return found;
  }
  /// nullopt: the session crashed.
  std::optional<Result<>> run_task() {
    return run_until_crash([this, key = task()](Context& cx) -> Task<Result<>> {
      const auto ended = co_await attempt(run_pruning(cx, key));
      alarms.insert(alarms.end(), cx.alarms.begin(), cx.alarms.end());
      co_return ended;
    });
  }
  /// Moves the task's row to the present.
  void make_due() {
    store.erase(task());
    store.put(due_key(pruning_work(tenant), now), "");
  }
  /// Runs the task while it is due.
  void prune() {
    for (int runs = 0; runs < 1'000; ++runs) {
      if (!is_due(lntpay::due_time(task()), now)) return;
      run_task();
    }
    FAIL("pruning does not end");
  }
  /// Advances the clock; deliveries and pruning run when they are due.
  void live(Millis span) {
    const auto until = now + span;
    for (auto at = lntpay::due_time(task()); at <= until; at = lntpay::due_time(task())) {
      if (at > now) pass(at - now);
      prune();
    }
    if (until > now) pass(until - now);
  }

  Retention retention() {
    return must([&](Context& cx) { return load_retention(cx, tenant); }).record;
  }
  EventsRead read(EventFilter filter = {}) {
    return must([&](Context& cx) { return read_events(cx, tenant, filter, page_limit_max); });
  }
  /// "from 4: 2 events, 2 deliveries, 2 attempts"
  std::string kept() {
    CHECK(count("event") == count("event_id"));
    CHECK(count("delivery") == count("delivery_of"));
    return "from " + std::to_string(retention().oldest_seq) + ": " + std::to_string(count("event")) + " events, " +
           std::to_string(count("delivery")) + " deliveries, " + std::to_string(count("attempt")) + " attempts";
  }
  /// What holds between any two commits.
  void check_links() {
    const auto& rows = store.rows();
    std::uint64_t next = retention().oldest_seq;
    for (const auto& [key, entry] : rows) {
      if (key.starts_with(tenant.key("event") + "/")) CHECK(seq_of_event_key(key) == next++);
      if (key.starts_with(tenant.key("delivery_of") + "/")) CHECK(rows.contains(tenant.key("delivery", entry.value)));
      if (key.starts_with(tenant.key("attempt") + "/")) {
        const auto rest = key.substr(tenant.key("attempt").size() + 1);
        CHECK(rows.contains(tenant.key("delivery", rest.substr(0, rest.find('/')))));
      }
      if (!key.starts_with(tenant.key("delivery") + "/")) continue;
      const auto delivery = from_row<Delivery>(entry.value).value();
      CHECK(rows.contains(event_key(tenant, delivery.event_seq)));
      CHECK(rows.contains(delivery_of_key(tenant, delivery.endpoint, delivery.event_seq)));
      if (delivery.attempts > 0) CHECK(rows.contains(attempt_key(tenant, delivery.id, delivery.attempts)));
    }
  }
};

}  // namespace lntpay::test
