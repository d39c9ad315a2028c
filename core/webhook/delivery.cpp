// Deliveries: row keys, JSON, enqueueing.
#include "core/webhook/delivery.hpp"

#include "core/base/json.hpp"
#include "core/base/time.hpp"

namespace lntpay {
namespace {

std::optional<std::string> time(std::optional<UnixMillis> at) { return at ? std::optional(rfc3339(*at)) : std::nullopt; }

JsonObject summary(const Delivery& delivery) {
  JsonObject json;
  json.add("id", delivery.id.text())
      .add("object", "webhook_delivery")
      .add("endpoint_id", delivery.endpoint.text())
      .add("event_id", delivery.event.text())
      .add("event_type", name_of(delivery.type))
      .add("status", name_of(delivery.status))
      .add("attempts", delivery.attempts)
      .add("next_attempt_at", time(delivery.next_attempt_at))
      .add("succeeded_at", time(delivery.succeeded_at))
      .add("created_at", rfc3339(delivery.created_at));
  std::string last;
  if (delivery.attempts > 0) {
    last = JsonObject{}
               .add("response_code", delivery.last_code == 0 ? std::nullopt : std::optional(delivery.last_code))
               .add("latency_ms", delivery.last_latency_ms)
               .add("failure", delivery.last_reason.empty() ? std::nullopt : std::optional(delivery.last_reason))
               .text();
  }
  json.raw("last_attempt", last);
  return json;
}

std::string attempt_json(const DeliveryAttempt& each) {
  return JsonObject{}
      .add("number", each.number)
      .add("at", rfc3339(each.at))
      .add("response_code", each.code == 0 ? std::nullopt : std::optional(each.code))
      .add("latency_ms", each.latency_ms)
      .add("failure", each.reason.empty() ? std::nullopt : std::optional(each.reason))
      .add("response_body", each.body)
      .add("next_attempt_at", time(each.next_attempt_at))
      .text();
}

}  // namespace

std::string delivery_key(const TenantScope& tenant, const DeliveryId& id) { return tenant.key("delivery", id.text()); }

std::string delivery_of_key(const TenantScope& tenant, const EndpointId& endpoint, std::string_view delivery) {
  return tenant.key("delivery_of", endpoint.text()).append("/").append(delivery);
}

std::string dead_key(const TenantScope& tenant, const EndpointId& endpoint, std::string_view delivery) {
  return tenant.key("dead", endpoint.text()).append("/").append(delivery);
}

std::string attempt_key(const TenantScope& tenant, const DeliveryId& id, std::uint32_t number) {
  return tenant.key("attempt", id.text()).append("/").append(padded(number));
}

std::string queue_prefix(const TenantScope& tenant, const EndpointId& endpoint) {
  return tenant.key("queue", endpoint.text()).append("/");
}

std::string queue_key(const TenantScope& tenant, const EndpointId& endpoint, UnixMillis at, const DeliveryId& id) {
  return queue_prefix(tenant, endpoint).append(padded(at.value)).append("/").append(id.text());
}

std::optional<QueueRow> parse_queue_row(const Entry& row) {
  std::string_view key = row.key;
  const auto last = key.rfind('/');
  if (last == key.npos) return std::nullopt;
  auto id = DeliveryId::parse(key.substr(last + 1));
  key = key.substr(0, last);
  QueueRow queued;
  const bool good = id && row::read(key.substr(key.rfind('/') + 1), queued.at.value) && row::read(row.value, queued.event_seq);
  if (!good) return std::nullopt;
  queued.id = std::move(*id);
  return queued;
}

std::string delivery_json(const Delivery& delivery) { return summary(delivery).text(); }

std::string delivery_json(const Delivery& delivery, const std::vector<DeliveryAttempt>& log) {
  JsonArray attempts;
  for (const auto& each : log) attempts.raw(attempt_json(each));
  return summary(delivery).raw("attempt_log", attempts.text()).text();
}

std::string recovery_json(std::uint32_t redelivered) {
  return JsonObject{}.add("object", "webhook_recovery").add("redelivered", redelivered).text();
}

Delivery enqueue(Context& cx, WriteBatch& batch, const TenantScope& tenant, Endpoint& endpoint, const Event& event) {
  Delivery delivery{
      .id = DeliveryId::generate(tenant.shard(), cx.now(), cx.random),
      .endpoint = endpoint.id,
      .event = event.id,
      .event_seq = event.seq,
      .type = event.type,
      .created_at = cx.now(),
      .next_attempt_at = cx.now(),
  };
  batch.create(delivery_key(tenant, delivery.id), to_row(delivery));
  batch.create(delivery_of_key(tenant, endpoint.id, delivery.id.text()), "");
  batch.create(queue_key(tenant, endpoint.id, cx.now(), delivery.id), std::to_string(event.seq));
  ++endpoint.queued;
  due_no_later(cx, batch, tenant, endpoint, cx.now());
  return delivery;
}

}  // namespace lntpay
