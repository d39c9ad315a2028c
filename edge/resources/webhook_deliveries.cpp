// /v1/webhook_deliveries, and the deliveries of one endpoint. The object: core/webhook/delivery_object.hpp.
#include "core/webhook/delivery_object.hpp"
#include "edge/resources/endpoint_rights.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace webhook_deliveries_resource {
namespace {

constexpr Field list_query[] = {limit_field, cursor_field};

Done list(Call& call) {
  const auto id = (co_await readable_endpoint(call)).id;
  const auto limit = static_cast<std::uint32_t>(call.query.integer("limit").value_or(page_limit_default));
  const auto page = co_await list_deliveries(call.cx, call.tenant, id, call.query.text("cursor").value_or(""), limit);
  std::vector<std::string> items;
  for (const auto& delivery : page.deliveries) items.push_back(delivery_json(delivery));
  co_return page_json(items, page.has_more ? page.deliveries.back().id.text() : std::string_view{});
}

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
     .pattern = "/v1/webhook_endpoints/{endpoint}/deliveries",
     .summary = "List deliveries",
     .handler = list,
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
