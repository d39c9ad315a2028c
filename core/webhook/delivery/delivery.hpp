// A delivery: one event to one endpoint, and the log of its attempts.
//
// Rows: `…/delivery/{id}`; the indexes `…/delivery_of/{endpoint}/{seq of its event}`, whose value is the id, and
// `…/delivery_about/{object}/{id}`; `…/attempt/{delivery}/{number}`, never changed;
// while it is pending one row in a queue of the endpoint (delivery_queue) or one flight (attempt_window); and for dead letters
// `…/dead/{endpoint}/{seq}`: the id.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/tenant/listing.hpp"
#include "core/webhook/endpoint/endpoint.hpp"
#include "core/webhook/queue/delivery_keys.hpp"
#include "core/webhook/queue/delivery_queue.hpp"

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
  static constexpr int row_version = 2;
  DeliveryId id;
  EndpointId endpoint;
  EventId event;
  std::uint64_t event_seq = 0;
  EventType type{};
  DeliveryStatus status = DeliveryStatus::pending;
  std::uint32_t attempts = 0;  ///< in total
  std::uint32_t tries = 0;     ///< since it was last queued: the position in the schedule
  UnixMillis created_at;
  std::optional<UnixMillis> next_attempt_at{};  ///< its place in the queue, during an attempt as well
  std::optional<UnixMillis> succeeded_at{};
  std::uint16_t last_code = 0;
  std::uint32_t last_latency_ms = 0;
  std::string last_reason{};
  std::string object{};       ///< the id of the object that the event is about; empty: none
  std::string url{};          ///< the charge's `webhook_url`, if `endpoint` is a charge target; empty: the endpoint's
  bool is_recovered = false;  ///< a recovery queued it: it leaves as retries do, so that new events do not wait for it
  bool is_ordered = false;    ///< it waits for earlier events of its object (delivery_order)

  auto fields(this auto& self) {
    return std::tie(self.id, self.endpoint, self.event, self.event_seq, self.type, self.status, self.attempts, self.tries,
                    self.created_at, self.next_attempt_at, self.succeeded_at, self.last_code, self.last_latency_ms,
                    self.last_reason, self.object, self.url, self.is_ordered, self.is_recovered);
  }
  /// Its place in a queue; it must have one (`next_attempt_at`).
  [[nodiscard]] QueueRow queued() const {
    return {tries == 0 && !is_recovered ? QueueKind::first : QueueKind::retry, *next_attempt_at, id, event_seq};
  }
};

/// One attempt in the log.
struct DeliveryAttempt {
  static constexpr int row_version = 1;
  std::uint32_t number = 0;  ///< 1, 2, 3, …
  UnixMillis at;
  std::uint16_t code = 0;  ///< 0: no response
  std::uint32_t latency_ms = 0;
  std::string reason{};
  std::string body{};
  std::optional<UnixMillis> next_attempt_at{};

  auto fields(this auto& self) {
    return std::tie(self.number, self.at, self.code, self.latency_ms, self.reason, self.body, self.next_attempt_at);
  }
};

std::string delivery_json(const Delivery& delivery);
/// With the attempts, oldest first.
std::string delivery_json(const Delivery& delivery, const std::vector<DeliveryAttempt>& log);

/// nullopt, with an alarm, if the row is damaged or missing.
Task<Result<std::optional<Stored<Delivery>>>> find_delivery(Context& cx, TenantScope tenant, DeliveryId id);

struct Enqueueing {
  std::string url{};  ///< for a charge target only
  DeliveryOrder order{};
  bool is_recovered = false;
};
/// Adds a delivery of the event to the batch, due now. The caller starts a run of the endpoint in the same batch.
Delivery enqueue(Context& cx, WriteBatch& batch, const TenantScope& tenant, const EndpointId& endpoint, const Event& event,
                 Enqueueing how = {});

/// Restarts the delivery's schedule, due now. One that is being attempted is attempted again afterwards. The caller starts a run.
void requeue(Context& cx, WriteBatch& batch, const TenantScope& tenant, Stored<Delivery>& stored, bool is_recovered = false);

/// Emits `webhook.test` to this endpoint only, whatever it subscribed to. With a sample, the endpoint receives that (webhook_body).
/// Fails with not_found, invalid_state (disabled).
Task<Result<Delivery>> send_test_event(Context& cx, TenantScope tenant, EndpointId id, IdempotencyClaim claim = {},
                                       std::optional<EventSample> sample = {});

struct DeliveryFilter {
  std::optional<EndpointId> endpoint{};
  std::optional<DeliveryStatus> status{};
  std::optional<EventType> type{};
  std::string object{};                     ///< empty: any
  EventTypes readable = EventTypes::all();  ///< what the requester may read
  std::optional<UnixMillis> created_gte{};
  std::optional<UnixMillis> created_lt{};

  [[nodiscard]] bool matches(const Delivery& delivery) const;
};
/// In order of creation, those of an endpoint or an object in the order of their events; of deleted endpoints as well. Endpoint and
/// object use an index; other filters scan at most 1,000 rows a
/// call, so a page may have fewer than `limit` deliveries although there are more. Fails with not_found for an endpoint that does
/// not exist and has no deliveries.
Task<Result<Listed<Delivery>>> list_deliveries(Context& cx, TenantScope tenant, DeliveryFilter filter, Page page);

struct DeliveryWithLog {
  Delivery delivery;
  std::vector<DeliveryAttempt> log;
};
/// With the newest 100 attempts. Fails with not_found.
Task<Result<DeliveryWithLog>> get_delivery(Context& cx, TenantScope tenant, DeliveryId id);

/// Restarts the schedule, due now, with the same webhook-id. Fails with not_found, invalid_state
/// (the endpoint is disabled or deleted).
Task<Result<Delivery>> redeliver(Context& cx, TenantScope tenant, DeliveryId id, IdempotencyClaim claim = {});

}  // namespace lntpay
