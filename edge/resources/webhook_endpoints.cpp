// /v1/webhook_endpoints. The object: core/webhook/endpoint_object.hpp.
#include "core/event/event_list.hpp"
#include "core/webhook/delivery_object.hpp"
#include "core/webhook/endpoint_object.hpp"
#include "edge/resources/deleted.hpp"
#include "edge/resources/endpoint_rights.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace webhook_endpoints_resource {
namespace {

using enum FieldType;

constexpr Field create_body[] = {
    {.name = "url", .type = url, .description = "Where events are posted to; https.", .required = true, .max = 2'048},
    {.name = "event_types",
     .type = names,
     .description = "The event types to send; default: all.",
     .max = 20,
     .names = enum_names<EventType>},
    {.name = "description", .type = text, .description = "Your note on the endpoint.", .min = 0, .max = 500},
};
constexpr Field change_body[] = {
    {.name = "url", .type = url, .description = "Where events are posted to; https.", .max = 2'048},
    {.name = "event_types",
     .type = names,
     .description = "The event types to send; an empty list means all.",
     .min = 0,
     .max = 20,
     .names = enum_names<EventType>},
    {.name = "description", .type = text, .description = "Your note on the endpoint.", .min = 0, .max = 500},
    {.name = "status", .type = one_of, .description = "enabled or disabled", .names = enum_names<EndpointStatus>},
};
constexpr Field recover_body[] = {
    {.name = "since",
     .type = time,
     .description = "Deliveries that have failed for the last time since then are queued again.",
     .required = true},
};

Done create(Call& call) {
  EndpointRequest asked{
      .url = *call.body.text("url"),
      .description = call.body.text("description").value_or(""),
      .types = co_await event_types(call.body.names("event_types")),
  };
  asked.allowed = co_await allowed_types(call, asked.types);
  const auto made = co_await create_endpoint(call.cx, call.tenant, std::move(asked), call.claim);
  co_return endpoint_json(made.endpoint, call.tenant, &made.secret);
}

Done list(Call& call) {
  std::vector<std::string> items;
  for (const auto& endpoint : co_await list_endpoints(call.cx, call.tenant)) items.push_back(endpoint_json(endpoint, call.tenant));
  co_return page_json(items, {});
}

Done get(Call& call) {
  co_return endpoint_json(co_await get_endpoint(call.cx, call.tenant, co_await path_id<EndpointId>(call)), call.tenant);
}

Done change(Call& call) {
  const auto endpoint = co_await readable_endpoint(call);
  EndpointChange change{
      .url = call.body.text("url"),
      .description = call.body.text("description"),
  };
  if (call.body.has("event_types")) {
    change.types = co_await event_types(call.body.names("event_types"));
    change.allowed = co_await allowed_types(call, *change.types);
  }
  if (const auto status = call.body.text("status")) change.status = from_name<EndpointStatus>(*status);
  co_return endpoint_json(co_await change_endpoint(call.cx, call.tenant, endpoint.id, std::move(change)), call.tenant);
}

Done erase(Call& call) {
  const auto id = (co_await readable_endpoint(call)).id;
  co_await delete_endpoint(call.cx, call.tenant, id);
  co_return deleted_object.text({id.text(), "webhook_endpoint"});
}

Done rotate(Call& call) {
  const auto rotated = co_await rotate_secret(call.cx, call.tenant, (co_await readable_endpoint(call)).id, call.claim);
  co_return endpoint_json(rotated.endpoint, call.tenant, &rotated.secret);
}

Done test(Call& call) {
  co_return delivery_json(co_await send_test_event(call.cx, call.tenant, (co_await readable_endpoint(call)).id, call.claim));
}

Done recover(Call& call) {
  const auto since = *call.body.time("since");
  co_return recovery_json(
      co_await recover_deliveries(call.cx, call.tenant, (co_await readable_endpoint(call)).id, since, call.claim));
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/webhook_endpoints",
     .summary = "Create a webhook endpoint",
     .handler = create,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .answer_is_secret = true,
     .body = create_body,
     .success = 201,
     .answer = webhook_endpoint_fields,
     .errors = errors::limit},
    {.method = "GET",
     .pattern = "/v1/webhook_endpoints",
     .summary = "List webhook endpoints",
     .handler = list,
     .scopes = {Scope::webhooks_read},
     .answer = webhook_endpoint_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/webhook_endpoints/{endpoint}",
     .summary = "Get a webhook endpoint",
     .handler = get,
     .scopes = {Scope::webhooks_read},
     .answer = webhook_endpoint_fields,
     .errors = errors::missing},
    {.method = "PATCH",
     .pattern = "/v1/webhook_endpoints/{endpoint}",
     .summary = "Change a webhook endpoint",
     .handler = change,
     .scopes = {Scope::webhooks_write},
     .body = change_body,
     .answer = webhook_endpoint_fields,
     .errors = errors::missing},
    {.method = "DELETE",
     .pattern = "/v1/webhook_endpoints/{endpoint}",
     .summary = "Delete a webhook endpoint",
     .handler = erase,
     .scopes = {Scope::webhooks_write},
     .answer = deleted_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/webhook_endpoints/{endpoint}/rotate_secret",
     .summary = "Rotate the signing secret",
     .handler = rotate,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .answer_is_secret = true,
     .answer = webhook_endpoint_fields,
     .errors = errors::state},
    {.method = "POST",
     .pattern = "/v1/webhook_endpoints/{endpoint}/test",
     .summary = "Send a test event",
     .handler = test,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .success = 202,
     .answer = webhook_delivery_fields,
     .errors = errors::state},
    {.method = "POST",
     .pattern = "/v1/webhook_endpoints/{endpoint}/recover",
     .summary = "Redeliver what has failed",
     .handler = recover,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .body = recover_body,
     .success = 202,
     .answer = webhook_recovery_fields,
     .errors = errors::state},
};

}  // namespace
}  // namespace webhook_endpoints_resource

std::span<const Route> resources::webhook_endpoints() { return webhook_endpoints_resource::routes; }

}  // namespace lntpay
