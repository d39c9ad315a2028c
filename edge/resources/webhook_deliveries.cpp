// /v1/webhook_deliveries, and the deliveries of one endpoint. The object: core/webhook/delivery/delivery_object.hpp.
#include "core/webhook/delivery/delivery_object.hpp"
#include "edge/resources/endpoint_rights.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace webhook_deliveries_resource {
namespace {

using enum FieldType;

constexpr Field list_query[] = {
    limit_field,
    cursor_field,
    order_field,
    {.name = "status", .type = one_of, .description = "Only those with this status.", .names = enum_names<DeliveryStatus>},
    {.name = "event_type", .type = one_of, .description = "Only of events of this type.", .names = enum_names<EventType>},
    {.name = "object_id", .type = text, .description = "Only of events about this object: ch_…, wd_…", .max = 64},
    fields::created_gte,
    fields::created_lt,
};

Done list_with(Call& call, std::optional<EndpointId> endpoint) {
  DeliveryFilter filter{
      .endpoint = std::move(endpoint),
      .object = call.query.text("object_id").value_or(""),
      .readable = readable_events(call.key.grant.scopes),
      .created_gte = call.query.time("created_gte"),
      .created_lt = call.query.time("created_lt"),
  };
  if (const auto status = call.query.text("status")) filter.status = from_name<DeliveryStatus>(*status);
  if (const auto type = call.query.text("event_type")) filter.type = from_name<EventType>(*type);
  co_return co_await list_page(
      call, [&](Page page) { return list_deliveries(call.cx, call.tenant, filter, std::move(page)); },
      [](const Delivery& delivery) { return delivery_json(delivery); });
}

Done list(Call& call) { return list_with(call, std::nullopt); }
/// Of a deleted endpoint as well.
Done list_of_endpoint(Call& call) { co_return co_await list_with(call, co_await path_id<EndpointId>(call)); }

Done get(Call& call) {
  const auto found = co_await get_delivery(call.cx, call.tenant, co_await path_id<DeliveryId>(call));
  co_await require_readable(call.key.grant.scopes, {found.delivery.type});
  co_return delivery_json(found.delivery, found.log);
}

Done redeliver_one(Call& call) {
  const auto found = co_await get_delivery(call.cx, call.tenant, co_await path_id<DeliveryId>(call));
  co_await require_readable(call.key.grant.scopes, {found.delivery.type});
  co_return delivery_json(co_await redeliver(call.cx, call.tenant, found.delivery.id, call.claim));
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/webhook_deliveries",
     .summary = "List deliveries of all endpoints",
     .handler = list,
     .scopes = {Scope::webhooks_read},
     .query = list_query,
     .answer = webhook_delivery_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/webhook_endpoints/{endpoint}/deliveries",
     .summary = "List deliveries",
     .handler = list_of_endpoint,
     .scopes = {Scope::webhooks_read},
     .query = list_query,
     .answer = webhook_delivery_fields,
     .list = true,
     .errors = errors::missing},
    {.method = "GET",
     .pattern = "/v1/webhook_deliveries/{delivery}",
     .summary = "Get a delivery and its attempts",
     .handler = get,
     .scopes = {Scope::webhooks_read},
     .answer = webhook_delivery_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/webhook_deliveries/{delivery}/redeliver",
     .summary = "Deliver again",
     .handler = redeliver_one,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .success = 202,
     .answer = webhook_delivery_fields,
     .errors = errors::state},
};

}  // namespace
}  // namespace webhook_deliveries_resource

std::span<const Route> resources::webhook_deliveries() { return webhook_deliveries_resource::routes; }

}  // namespace lntpay
