// Events: the changes in a workspace, in one sequence without gaps. An event's row is written in the commit of the change that it
// reports, and never changed; it is removed after the retention period (core/webhook/retention/pruning). The outbox adds its
// deliveries (core/webhook/delivery/outbox).
#pragma once
#include <array>
#include <string>

#include "core/base/name_set.hpp"
#include "core/storage/row.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

enum class EventType : std::uint8_t {
  charge_created,
  charge_paid,
  charge_paid_late,
  charge_underpaid,
  charge_expired,
  charge_canceled,
  withdrawal_created,
  withdrawal_dispatched,
  withdrawal_succeeded,
  withdrawal_failed,
  withdrawal_unknown,
  webhook_test,
  webhook_endpoint_failing,
  webhook_endpoint_disabled,
  api_key_created,
  api_key_revoked,
  api_key_rolled,
  gate_redeemed,
  gate_released,
};
template <>
inline constexpr auto enum_names<EventType> = std::to_array<std::string_view>(
    {"charge.created", "charge.paid", "charge.paid_late", "charge.underpaid", "charge.expired", "charge.canceled",
     "withdrawal.created", "withdrawal.dispatched", "withdrawal.succeeded", "withdrawal.failed", "withdrawal.unknown",
     "webhook.test", "webhook_endpoint.failing", "webhook_endpoint.disabled", "api_key.created", "api_key.revoked",
     "api_key.rolled", "gate.redeemed", "gate.released"});

using EventTypes = NameSet<EventType>;

struct Event {
  static constexpr int row_version = 2;
  static constexpr row::Earlier earlier_rows[] = {{.version = 1, .fields = 5}};
  EventId id;
  std::uint64_t seq = 0;  ///< 1, 2, 3, … per workspace and environment
  EventType type{};
  UnixMillis at;
  std::string data;  ///< the changed object, as JSON
  UnixMillis
      latest_at;  ///< the latest time of this event and those before it, so that it grows with the seq whatever the clock does

  auto fields(this auto& self) { return std::tie(self.id, self.seq, self.type, self.at, self.data, self.latest_at); }
};

/// `…/event/{seq}`
std::string event_key(const TenantScope& tenant, std::uint64_t seq);
/// `…/event_id/{id}`: the seq
std::string event_id_key(const TenantScope& tenant, const EventId& id);

/// The id of the object that the event is about, which its data begin with; empty: none.
std::string_view object_id_of(const Event& event);

/// The event in the API.
std::string event_json(const Event& event, const TenantScope& tenant);

/// Stands for an event of its type in tests of a receiver: the data have the shape of real ones, and ids that no object has.
struct EventSample {
  EventType type{};
  std::string data;
};
/// The event with the type and data of a sample, marked `"sample":true`.
std::string sample_json(Event event, EventSample sample, const TenantScope& tenant);

/// The body of the event's webhooks; the same bytes at every attempt: `event_json`. A `webhook.test` that carries a sample
/// (core/webhook/delivery/test_event_object.hpp) is sent as that sample; only its row, and so the list of events, has its own type.
std::string webhook_body(const Event& event, const TenantScope& tenant);

}  // namespace lntpay
