// A workspace with webhook endpoints, its delivery tasks, and its state as one line of text.
#pragma once
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/event/event_retention.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "core/tenant/due_work.hpp"
#include "core/webhook/attempt/attempt_window.hpp"
#include "core/webhook/attempt/deliver.hpp"
#include "core/webhook/delivery/delivery.hpp"
#include "core/webhook/recovery/recovery.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::test {

constexpr auto every_fault = {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written};

/// A receiver's response.
inline Reply status(std::uint16_t code) { return Answered{{code, {}, "answer"}}; }

/// Empty: the request has no such header.
inline std::string header(const Outgoing& request, std::string_view name) {
  const auto at = std::ranges::find(request.headers, name, &Header::name);
  return at == request.headers.end() ? std::string{} : at->value;
}

/// The webhook-ids of requests.
inline std::set<std::string> ids(const std::vector<Outgoing>& requests) {
  std::set<std::string> found;
  for (const auto& each : requests) found.insert(header(each, "webhook-id"));
  return found;
}

class WebhookWorld : public CoreWorld {
 public:
  WebhookWorld() { settings.egress.allow_loopback = true; }

  EndpointWithSecret endpoint(std::string url = "https://shop.example.com/hook", std::vector<EventType> types = {}) {
    std::vector<EventPattern> patterns;
    for (const auto type : types) patterns.push_back(pattern_of(type));
    return must([&](Context& cx) { return create_endpoint(cx, tenant, {.url = url, .description = "", .types = patterns}); });
  }
  EndpointWithSecret endpoint(SendingOptions sending) {
    EndpointRequest asked{.url = "https://shop.example.com/hook", .description = "", .types = {}, .sending = std::move(sending)};
    return must([&](Context& cx) { return create_endpoint(cx, tenant, std::move(asked)); });
  }
  Endpoint read_endpoint(const EndpointId& id) {
    return must([&](Context& cx) { return get_endpoint(cx, tenant, id); });
  }
  Endpoint set(const EndpointId& id, EndpointStatus to) {
    return must([&](Context& cx) { return change_endpoint(cx, tenant, id, {.status = to}); });
  }
  std::vector<Delivery> deliveries(const EndpointId& id) {
    return must([&](Context& cx) { return list_deliveries(cx, tenant, {.endpoint = id}, {.limit = page_limit_max}); }).items;
  }
  DeliveryWithLog read_delivery(const DeliveryId& id) {
    return must([&](Context& cx) { return get_delivery(cx, tenant, id); });
  }

  /// Emits `count` events about an object in one commit.
  void emit(EventType type = EventType::charge_paid, int count = 1, std::string_view object = "ch_1") {
    const auto data = JsonObject{}.add("id", object).text();
    must([&](Context& cx) -> Task<Result<bool>> {
      co_await retry([&]() -> Task<Result<>> {
        auto unit = co_await UnitOfWork::load(cx, tenant);
        for (int i = 0; i < count; ++i) unit.emit(type, data);
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

  auto run_due(const std::string& key) {
    return run_until_crash(
        [&](Context& cx) { return parse_due_key(key)->kind == recovery_kind ? run_recovery(cx, key) : deliver_due(cx, key); });
  }
  /// Runs recoveries and deliveries that are due until none is left.
  void run_all() {
    for (auto keys = due(); !keys.empty(); keys = due()) {
      for (const auto& key : keys) run_due(key);
    }
  }
  Recovery start(const EndpointId& id, RecoveryRequest asked) {
    return must([&](Context& cx) { return start_recovery(cx, tenant, id, asked); });
  }
  Recovery progress(const EndpointId& id) {
    return must([&](Context& cx) { return get_recovery(cx, tenant, id); });
  }
  /// Starts a recovery, and runs it and its deliveries to their end.
  Recovery recover(const EndpointId& id, RecoveryRequest asked) {
    start(id, std::move(asked));
    run_all();
    return progress(id);
  }

  [[nodiscard]] std::size_t count(std::string_view room) const {
    const auto prefix = tenant.key(room) + "/";
    return static_cast<std::size_t>(
        std::ranges::count_if(store.rows(), [&](const auto& row) { return row.first.starts_with(prefix); }));
  }
  /// "enabled | succeeded pending | 1 queued, 0 in flight"
  std::string text(const EndpointId& id) {
    std::string out(name_of(read_endpoint(id).status));
    out += " |";
    for (const auto& each : deliveries(id)) out.append(" ").append(name_of(each.status));
    const auto queued = count("queue/" + id.text()) + count("retry/" + id.text());
    return out + " | " + std::to_string(queued) + " queued, " + std::to_string(count("flight/" + id.text())) + " in flight";
  }
  /// When the first delivery of a queue is due; nullopt: none is queued.
  std::optional<Millis> next_attempt_in(const EndpointId& id) {
    std::optional<Millis> next;
    for (const auto& [key, entry] : store.rows()) {
      for (const auto kind : {QueueKind::first, QueueKind::retry}) {
        if (!key.starts_with(queue_prefix(tenant, id, kind))) continue;
        const auto wait = parse_queue_row(kind, {key, entry.value, 0})->at - now;
        next = std::min(wait, next.value_or(wait));
      }
    }
    return next;
  }
  /// Checks that each queue of an enabled endpoint has a due row at the time of its first row, and each flight one at its end.
  void check_due_rows() {
    for (const auto& each : must([&](Context& cx) { return list_endpoints(cx, tenant); })) {
      const auto wait = next_attempt_in(each.id);
      const bool has_flights = count("flight/" + each.id.text()) > 0;
      if (each.status == EndpointStatus::enabled && wait && !has_flights) CHECK(has_run(each.id, now + *wait + seconds(1)));
      for (Slot slot = 0; slot < window_slots; ++slot) {
        const auto flight = store.rows().find(flight_key(tenant, each.id, slot));
        if (flight == store.rows().end()) continue;
        CHECK(store.rows().contains(due_key(slot_run(tenant, each.id, slot), from_row<Flight>(flight->second.value)->until)));
      }
    }
  }

 private:
  bool has_run(const EndpointId& id, UnixMillis no_later) {
    return std::ranges::any_of(store.rows(), [&](const auto& row) {
      const auto work = parse_due_key(row.first);
      return work && work->id.starts_with(id.text()) && lntpay::due_time(row.first) <= no_later;
    });
  }
  static std::optional<UnixMillis> due_time(std::string_view key) {
    const auto work = parse_due_key(key);
    if (!work || work->kind == pruning_kind) return std::nullopt;  // core/webhook/retention/pruning_test.cpp runs that
    return lntpay::due_time(key);
  }
};

}  // namespace lntpay::test
