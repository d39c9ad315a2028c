// What a workspace may ask of its deliveries: a test, the lists, once more.
#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/ledger/book.hpp"
#include "core/webhook/delivery.hpp"

namespace lntpay {
namespace {

constexpr std::uint32_t log_attempts_max = 100;
constexpr std::uint32_t recovered_max = 100;

Task<Result<Stored<Endpoint>>> load_enabled(Context& cx, Realm realm, EndpointId id) {
  auto stored = co_await cx.store.load<Endpoint>(endpoint_key(realm, id.text()));
  if (!stored) co_return fail(ErrorCode::not_found);
  if (stored->record.status != EndpointStatus::enabled) {
    co_return fail(ErrorCode::invalid_state, "The endpoint is disabled: enable it first.");
  }
  co_return std::move(*stored);
}

/// Puts the delivery at the head of a new schedule. The caller writes the endpoint's row.
void requeue(Context& cx, Plan& plan, const Realm& realm, Endpoint& endpoint, Stored<Delivery>& stored) {
  auto& delivery = stored.record;
  if (delivery.next_attempt_at != cx.now()) {
    if (delivery.next_attempt_at) plan.erase(queue_key(realm, endpoint.id, *delivery.next_attempt_at, delivery.id));
    plan.put(queue_key(realm, endpoint.id, cx.now(), delivery.id), std::to_string(delivery.event_seq));
  }
  if (delivery.status == DeliveryStatus::failed) plan.erase(dead_key(realm, endpoint.id, delivery.id.text()));
  delivery.status = DeliveryStatus::pending;
  delivery.tries = 0;
  delivery.next_attempt_at = cx.now();
  plan.replace(stored.entry, to_row(delivery));
  ++endpoint.queued;
  due_no_later(cx, plan, realm, endpoint, cx.now());
}

Task<Result<std::vector<Stored<Delivery>>>> load_listed(Context& cx, Realm realm, std::vector<Entry> index) {
  std::vector<std::string> keys;
  for (const auto& row : index) keys.push_back(realm.key("delivery", std::string_view(row.key).substr(row.key.rfind('/') + 1)));
  std::vector<Stored<Delivery>> deliveries;
  if (keys.empty()) co_return std::move(deliveries);
  auto rows = co_await cx.store.get_all(std::move(keys));
  for (auto& row : rows) {
    if (!row) continue;
    auto delivery = co_await from_row<Delivery>(row->value);
    deliveries.push_back({std::move(delivery), std::move(*row)});
  }
  co_return std::move(deliveries);
}

}  // namespace

Task<Result<Delivery>> send_test_event(Context& cx, Realm realm, EndpointId id, idempotency::Receipt receipt) {
  co_return co_await retry([&]() -> Task<Result<Delivery>> {
    auto [endpoint, entry] = co_await load_enabled(cx, realm, id);
    auto book = co_await Book::load(cx, realm);
    const auto event = book.emit(EventType::webhook_test, JsonObject{}
                                                              .add("object", "webhook_test")
                                                              .add("endpoint_id", id.text())
                                                              .add("message", "This is a test: no money moved.")
                                                              .text());
    auto delivery = enqueue(cx, book.plan(), realm, endpoint, event);
    book.plan().replace(entry, to_row(endpoint));
    receipt.write(book.plan(), delivery_json(delivery));
    co_await book.commit();
    co_return std::move(delivery);
  });
}

Task<Result<DeliveryPage>> list_deliveries(Context& cx, Realm realm, EndpointId id, std::string before, std::uint32_t limit) {
  const auto endpoint = co_await cx.store.get(endpoint_key(realm, id.text()));
  if (!endpoint) co_return fail(ErrorCode::not_found);
  limit = std::clamp(limit, 1U, deliveries_page_max);
  auto index = co_await cx.store.scan({.prefix = delivery_of_key(realm, id, ""),
                                       .after = before.empty() ? std::string{} : delivery_of_key(realm, id, before),
                                       .limit = limit + 1,
                                       .reverse = true});
  DeliveryPage page{.has_more = index.size() > limit};
  if (page.has_more) index.pop_back();
  auto listed = co_await load_listed(cx, std::move(realm), std::move(index));
  for (auto& each : listed) page.deliveries.push_back(std::move(each.record));
  co_return std::move(page);
}

Task<Result<DeliveryWithLog>> get_delivery(Context& cx, Realm realm, DeliveryId id) {
  auto stored = co_await cx.store.load<Delivery>(delivery_key(realm, id));
  if (!stored) co_return fail(ErrorCode::not_found);
  DeliveryWithLog found{std::move(stored->record), {}};
  const auto rows = co_await cx.store.scan(
      {.prefix = realm.key("attempt", id.text()).append("/"), .after = {}, .limit = log_attempts_max, .reverse = true});
  for (const auto& row : rows) found.log.push_back(co_await from_row<DeliveryAttempt>(row.value));
  std::ranges::reverse(found.log);
  co_return std::move(found);
}

Task<Result<Delivery>> redeliver(Context& cx, Realm realm, DeliveryId id, idempotency::Receipt receipt) {
  co_return co_await retry([&]() -> Task<Result<Delivery>> {
    auto stored = co_await cx.store.load<Delivery>(delivery_key(realm, id));
    if (!stored) co_return fail(ErrorCode::not_found);
    auto loaded = co_await attempt(load_enabled(cx, realm, stored->record.endpoint));
    if (!loaded && loaded.error().code == ErrorCode::not_found) {
      co_return fail(ErrorCode::invalid_state, "The endpoint of this delivery was deleted.");
    }
    auto [endpoint, entry] = co_await std::move(loaded);
    Plan plan;
    requeue(cx, plan, realm, endpoint, *stored);
    plan.replace(entry, to_row(endpoint));
    receipt.write(plan, delivery_json(stored->record));
    co_await cx.store.commit(std::move(plan));
    co_return std::move(stored->record);
  });
}

Task<Result<std::uint32_t>> recover_deliveries(Context& cx, Realm realm, EndpointId id, UnixMillis since,
                                               idempotency::Receipt receipt) {
  co_return co_await retry([&]() -> Task<Result<std::uint32_t>> {
    auto [endpoint, entry] = co_await load_enabled(cx, realm, id);
    Plan plan;
    std::uint32_t recovered = 0;
    // Ids begin with their time, so the index is in the order of it.
    const auto first = std::string(DeliveryIdTag::prefix).append(realm.shard().text()).append(crockford(since.value, 10));
    auto dead =
        co_await cx.store.scan({.prefix = dead_key(realm, id, ""), .after = dead_key(realm, id, first), .limit = recovered_max});
    auto listed = co_await load_listed(cx, realm, std::move(dead));
    for (auto& each : listed) {
      if (each.record.status != DeliveryStatus::failed) continue;
      requeue(cx, plan, realm, endpoint, each);
      ++recovered;
    }
    if (recovered > 0) plan.replace(entry, to_row(endpoint));
    receipt.write(plan, recovery_json(recovered));
    if (plan.empty()) co_return recovered;
    co_await cx.store.commit(std::move(plan));
    co_return recovered;
  });
}

}  // namespace lntpay
