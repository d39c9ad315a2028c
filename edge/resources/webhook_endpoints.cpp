// /v1/webhook_endpoints and /v1/webhook_deliveries
#include "core/base/json.hpp"
#include "core/event/event_list.hpp"
#include "core/webhook/delivery.hpp"
#include "core/webhook/endpoint.hpp"
#include "edge/resources/handlers.hpp"

namespace lntpay::routes {

Done create_endpoint(Call& call) {
  EndpointRequest asked{
      .url = *call.body.text("url"),
      .description = call.body.text("description").value_or(""),
      .types = co_await event_types(call.body.names("event_types")),
  };
  const auto made = co_await lntpay::create_endpoint(call.cx, call.tenant, std::move(asked), call.claim);
  co_return endpoint_json(made.endpoint, call.tenant, &made.secret);
}

Done list_endpoints(Call& call) {
  JsonArray data;
  for (const auto& endpoint : co_await lntpay::list_endpoints(call.cx, call.tenant)) data.raw(endpoint_json(endpoint, call.tenant));
  co_return JsonObject{}.raw("data", data.text()).add("has_more", false).raw("next_cursor", "null").text();
}

Done get_endpoint(Call& call) {
  co_return endpoint_json(co_await lntpay::get_endpoint(call.cx, call.tenant, co_await path_id<EndpointId>(call)), call.tenant);
}

Done change_endpoint(Call& call) {
  EndpointChange change{
      .url = call.body.text("url"),
      .description = call.body.text("description"),
  };
  if (call.body.has("event_types")) change.types = co_await event_types(call.body.names("event_types"));
  if (const auto status = call.body.text("status")) change.status = from_name<EndpointStatus>(*status);
  co_return endpoint_json(
      co_await lntpay::change_endpoint(call.cx, call.tenant, co_await path_id<EndpointId>(call), std::move(change)), call.tenant);
}

Done delete_endpoint(Call& call) {
  const auto id = co_await path_id<EndpointId>(call);
  co_await lntpay::delete_endpoint(call.cx, call.tenant, id);
  co_return JsonObject{}.add("id", id.text()).add("object", "webhook_endpoint").add("deleted", true).text();
}

Done rotate_secret(Call& call) {
  const auto rotated = co_await lntpay::rotate_secret(call.cx, call.tenant, co_await path_id<EndpointId>(call), call.claim);
  co_return endpoint_json(rotated.endpoint, call.tenant, &rotated.secret);
}

Done test_endpoint(Call& call) {
  co_return delivery_json(co_await send_test_event(call.cx, call.tenant, co_await path_id<EndpointId>(call), call.claim));
}

Done recover_endpoint(Call& call) {
  const auto since = *call.body.time("since");
  co_return recovery_json(co_await recover_deliveries(call.cx, call.tenant, co_await path_id<EndpointId>(call), since, call.claim));
}

Done list_deliveries(Call& call) {
  const auto id = co_await path_id<EndpointId>(call);
  const auto limit = static_cast<std::uint32_t>(call.query.integer("limit").value_or(page_limit_default));
  const auto page = co_await lntpay::list_deliveries(call.cx, call.tenant, id, call.query.text("cursor").value_or(""), limit);
  std::vector<std::string> items;
  for (const auto& delivery : page.deliveries) items.push_back(delivery_json(delivery));
  co_return page_json(items, page.has_more ? page.deliveries.back().id.text() : std::string_view{});
}

Done get_delivery(Call& call) {
  const auto found = co_await lntpay::get_delivery(call.cx, call.tenant, co_await path_id<DeliveryId>(call));
  co_return delivery_json(found.delivery, found.log);
}

Done redeliver(Call& call) {
  co_return delivery_json(co_await lntpay::redeliver(call.cx, call.tenant, co_await path_id<DeliveryId>(call), call.claim));
}

}  // namespace lntpay::routes
