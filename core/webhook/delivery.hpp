// A delivery: one event to one endpoint, and the log of its attempts.
//
// Rows: `…/delivery/{id}`; `…/delivery_of/{endpoint}/{id}` (index, empty); `…/attempt/{delivery}/{number}`, never changed; while
// it is pending ONE row `…/queue/{endpoint}/{next attempt's ms}/{id}`, whose value is the event's seq; and for dead letters
// `…/dead/{endpoint}/{id}` (index, empty).
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/webhook/endpoint.hpp"
#include "core/webhook/schedule.hpp"

namespace lntpay {

enum class DeliveryStatus : std::uint8_t {
  pending,
  succeeded,
  failed,   ///< dead letter: the schedule is exhausted, or the receiver responded 410
  canceled  ///< the endpoint was deleted
};
template <>
inline constexpr auto enum_names<DeliveryStatus> = std::to_array<std::string_view>({"pending", "succeeded", "failed", "canceled"});

struct Delivery {
  static constexpr int row_version = 1;
  DeliveryId id;
  EndpointId endpoint;
  EventId event;
  std::uint64_t event_seq = 0;
  EventType type{};
  DeliveryStatus status = DeliveryStatus::pending;
  std::uint32_t attempts = 0;  ///< in total
  std::uint32_t tries = 0;     ///< since it was last queued: the position in the schedule
  UnixMillis created_at;
  std::optional<UnixMillis> next_attempt_at{};  ///< the time in its queue row; none: no queue row
  std::optional<UnixMillis> succeeded_at{};
  std::uint16_t last_code = 0;
  std::uint32_t last_latency_ms = 0;
  std::string last_reason{};

  auto fields(this auto& self) {
    return std::tie(self.id, self.endpoint, self.event, self.event_seq, self.type, self.status, self.attempts, self.tries,
                    self.created_at, self.next_attempt_at, self.succeeded_at, self.last_code, self.last_latency_ms,
                    self.last_reason);
  }
};

/// One attempt in the log.
struct DeliveryAttempt {
  static constexpr int row_version = 1;
  std::uint32_t number = 0;  ///< 1, 2, 3, …
  UnixMillis at;
  std::uint16_t code = 0;        ///< 0: no response
  std::uint32_t latency_ms = 0;  ///< until the whole batch had responded
  std::string reason{};
  std::string body{};
  std::optional<UnixMillis> next_attempt_at{};

  auto fields(this auto& self) {
    return std::tie(self.number, self.at, self.code, self.latency_ms, self.reason, self.body, self.next_attempt_at);
  }
};

std::string delivery_key(const TenantScope& tenant, const DeliveryId& id);
std::string delivery_of_key(const TenantScope& tenant, const EndpointId& endpoint, std::string_view delivery);
std::string dead_key(const TenantScope& tenant, const EndpointId& endpoint, std::string_view delivery);
std::string attempt_key(const TenantScope& tenant, const DeliveryId& id, std::uint32_t number);
/// Ends with "/": the prefix of the endpoint's queue.
std::string queue_prefix(const TenantScope& tenant, const EndpointId& endpoint);
std::string queue_key(const TenantScope& tenant, const EndpointId& endpoint, UnixMillis at, const DeliveryId& id);

/// A queue row's key and value.
struct QueueRow {
  UnixMillis at;
  DeliveryId id;
  std::uint64_t event_seq = 0;
};
std::optional<QueueRow> parse_queue_row(const Entry& row);

std::string delivery_json(const Delivery& delivery);
/// With the attempts, oldest first.
std::string delivery_json(const Delivery& delivery, const std::vector<DeliveryAttempt>& log);

/// Adds a delivery of the event to the batch, due now, and moves the endpoint's due row if needed. The caller
/// writes the endpoint's row in the same batch.
Delivery enqueue(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, const Event& event);

/// Emits `webhook.test` to this endpoint only, whatever it subscribed to. Fails with not_found, invalid_state (disabled).
Task<Result<Delivery>> send_test_event(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim = {});

struct DeliveryPage {
  std::vector<Delivery> deliveries{};  ///< newest first
  bool has_more = false;
};
inline constexpr std::uint32_t deliveries_page_max = 100;
/// Deliveries created before `before` (a delivery's id; empty: the newest). Fails with not_found.
Task<Result<DeliveryPage>> list_deliveries(Context& cx, TenantScope tenant, EndpointId id, std::string before, std::uint32_t limit);

struct DeliveryWithLog {
  Delivery delivery;
  std::vector<DeliveryAttempt> log;
};
/// With the newest 100 attempts. Fails with not_found.
Task<Result<DeliveryWithLog>> get_delivery(Context& cx, TenantScope tenant, DeliveryId id);

/// Restarts the schedule, due now, with the same webhook-id. Fails with not_found, invalid_state
/// (the endpoint is disabled or deleted).
Task<Result<Delivery>> redeliver(Context& cx, TenantScope tenant, DeliveryId id, IdempotencyClaim claim = {});

std::string recovery_json(std::uint32_t redelivered);
/// Redelivers dead letters since `since`, oldest first, at most 100 a call. Returns how many; call again until 0.
/// Fails with not_found, invalid_state (disabled).
Task<Result<std::uint32_t>> recover_deliveries(Context& cx, TenantScope tenant, EndpointId id, UnixMillis since,
                                               IdempotencyClaim claim = {});

}  // namespace lntpay
