// /v1/webhook_endpoints. The object: core/webhook/endpoint/endpoint_object.hpp.
#include "core/event/event_list.hpp"
#include "core/operations/event_type_table.hpp"
#include "core/webhook/delivery/delivery_object.hpp"
#include "core/webhook/endpoint/endpoint_object.hpp"
#include "core/webhook/queue/pace.hpp"
#include "core/webhook/recovery/recovery_object.hpp"
#include "edge/resources/deleted.hpp"
#include "edge/resources/endpoint_rights.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace webhook_endpoints_resource {
namespace {

using enum FieldType;

constexpr Field ordering{.name = "ordering",
                         .type = one_of,
                         .description =
                             "per_object: an object's next event waits until the earlier one was delivered or given up; "
                             "default: none.",
                         .names = enum_names<DeliveryOrder>};
constexpr Field max_per_second{.name = "max_per_second",
                               .type = integer,
                               .description = "Maximum attempts per second, evenly spread; 0, the default: no limit.",
                               .min = 0,
                               .max = max_per_second_max};
constexpr Field headers{.name = "headers",
                        .type = object,
                        .description = "Headers to send with each event: names and values. At most 10; a change replaces all.",
                        .max = 16'384,
                        .form = "header_values"};

constexpr Field create_body[] = {
    {.name = "url",
     .type = url,
     .description = "Where events are posted to; https.",
     .required = true,
     .max = 2'048,
     .form = "webhook_url"},
    {.name = "event_types",
     .type = names,
     .description = "The event types to send, or families of them (charge.*); default: all (*).",
     .max = 20,
     .names = enum_names<EventPattern>},
    {.name = "description", .type = text, .description = "Your note on the endpoint.", .min = 0, .max = 500},
    ordering,
    max_per_second,
    headers,
};
constexpr Field change_body[] = {
    {.name = "url", .type = url, .description = "Where events are posted to; https.", .max = 2'048, .form = "webhook_url"},
    {.name = "event_types",
     .type = names,
     .description = "The event types to send, or families of them (charge.*), or all (*).",
     .max = 20,
     .names = enum_names<EventPattern>},
    {.name = "description", .type = text, .description = "Your note on the endpoint.", .min = 0, .max = 500},
    ordering,
    max_per_second,
    headers,
    {.name = "status", .type = one_of, .description = "enabled or disabled", .names = enum_names<EndpointStatus>},
};
constexpr Field rotate_body[] = {
    {.name = "overlap_seconds",
     .type = integer,
     .description = "How long the former secrets keep signing; default: 86400, a day.",
     .min = 0,
     .max = secret_overlap_max.value / 1'000},
};
constexpr Field test_body[] = {
    {.name = "event_type",
     .type = one_of,
     .description = "The event type to send a sample of; default: webhook.test.",
     .names = enum_names<EventType>},
};
constexpr Field recover_body[] = {
    {.name = "since",
     .type = time,
     .description = "Events from this time on: those that the endpoint did not get are delivered.",
     .required = true},
    {.name = "until", .type = time, .description = "Events before this time; default: now."},
    {.name = "event_types",
     .type = names,
     .description = "Only these types; default: all that the endpoint receives.",
     .max = 20,
     .names = enum_names<EventPattern>},
    {.name = "dry_run", .type = boolean, .description = "Only count what would be delivered; default: false."},
};

SendingOptions sending_in(const Call& call) {
  SendingOptions options{.headers = call.body.object("headers")};
  if (const auto order = call.body.text("ordering")) options.ordering = from_name<DeliveryOrder>(*order);
  if (const auto rate = call.body.integer("max_per_second")) options.max_per_second = static_cast<std::uint32_t>(*rate);
  return options;
}

/// As the key may read it.
std::string json_of(const Call& call, const Endpoint& endpoint) {
  return webhook_endpoint_object.text(
      {.endpoint = endpoint, .tenant = call.tenant, .now = call.cx.host_now(), .readable = readable_events(call.key.grant.scopes)});
}

Done create(Call& call) {
  EndpointRequest asked{
      .url = *call.body.text("url"),
      .description = call.body.text("description").value_or(""),
      .types = co_await event_patterns(call.body.names("event_types")),
      .sending = sending_in(call),
  };
  asked.allowed = co_await allowed_types(call, asked.types);
  const auto made = co_await create_endpoint(call.cx, call.tenant, std::move(asked), call.claim);
  co_return endpoint_json(made.endpoint, call.tenant, call.cx.host_now(), &made.secret);
}

Done list(Call& call) {
  std::vector<std::string> items;
  for (const auto& endpoint : co_await list_endpoints(call.cx, call.tenant)) items.push_back(json_of(call, endpoint));
  co_return page_json(items, {});
}

Done get(Call& call) { co_return json_of(call, co_await get_endpoint(call.cx, call.tenant, co_await path_id<EndpointId>(call))); }

Done change(Call& call) {
  const auto endpoint = co_await readable_endpoint(call);
  EndpointChange change{
      .url = call.body.text("url"),
      .description = call.body.text("description"),
      .sending = sending_in(call),
  };
  if (call.body.has("event_types")) {
    change.types = co_await event_patterns(call.body.names("event_types"));
    change.allowed = co_await allowed_types(call, *change.types);
  }
  if (const auto status = call.body.text("status")) change.status = from_name<EndpointStatus>(*status);
  co_return json_of(call, co_await change_endpoint(call.cx, call.tenant, endpoint.id, std::move(change)));
}

Done erase(Call& call) {
  const auto id = (co_await readable_endpoint(call)).id;
  co_await delete_endpoint(call.cx, call.tenant, id);
  co_return deleted_object.text({id.text(), "webhook_endpoint"});
}

Done rotate(Call& call) {
  const auto overlap = call.body.integer("overlap_seconds");
  const auto rotated =
      co_await rotate_secret(call.cx, call.tenant, (co_await readable_endpoint(call)).id,
                             overlap ? seconds(static_cast<std::int64_t>(*overlap)) : secret_overlap_default, call.claim);
  co_return endpoint_json(rotated.endpoint, call.tenant, call.cx.host_now(), &rotated.secret);
}

Done activate(Call& call) {
  const auto id = (co_await readable_endpoint(call)).id;
  co_return json_of(call, co_await activate_secret(call.cx, call.tenant, id, call.claim));
}

Done retire(Call& call) {
  const auto endpoint = co_await readable_endpoint(call);
  co_return json_of(call, co_await retire_secret(call.cx, call.tenant, endpoint.id, call.path[1]));
}

Done test(Call& call) {
  const auto id = (co_await readable_endpoint(call)).id;
  const auto name = call.body.text("event_type");
  const auto type = (name ? from_name<EventType>(*name) : std::nullopt).value_or(EventType::webhook_test);
  co_await require_readable(call.key.grant.scopes, {type});
  std::optional<EventSample> sample;
  if (type != EventType::webhook_test) sample = sample_of(type, call.tenant.environment);
  co_return delivery_json(co_await send_test_event(call.cx, call.tenant, id, call.claim, std::move(sample)));
}

Done recover(Call& call) {
  RecoveryRequest asked{.since = *call.body.time("since"), .until = call.body.time("until")};
  asked.types = co_await event_patterns(call.body.names("event_types"));
  asked.dry_run = call.body.flag("dry_run").value_or(false);
  co_return recovery_json(
      co_await start_recovery(call.cx, call.tenant, (co_await readable_endpoint(call)).id, std::move(asked), call.claim));
}

Done recovery(Call& call) {
  co_return recovery_json(co_await get_recovery(call.cx, call.tenant, (co_await readable_endpoint(call)).id));
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
     .body = rotate_body,
     .answer = webhook_endpoint_fields,
     .errors = errors::state},
    {.method = "POST",
     .pattern = "/v1/webhook_endpoints/{endpoint}/activate_secret",
     .summary = "Sign the hex headers with the newest secret",
     .handler = activate,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .answer = webhook_endpoint_fields,
     .errors = errors::missing},
    {.method = "DELETE",
     .pattern = "/v1/webhook_endpoints/{endpoint}/secrets/{secret}",
     .summary = "Stop signing with a secret",
     .handler = retire,
     .scopes = {Scope::webhooks_write},
     .answer = webhook_endpoint_fields,
     .errors = errors::state},
    {.method = "POST",
     .pattern = "/v1/webhook_endpoints/{endpoint}/test",
     .summary = "Send a test event",
     .handler = test,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .body = test_body,
     .success = 202,
     .answer = webhook_delivery_fields,
     .errors = errors::state},
    {.method = "POST",
     .pattern = "/v1/webhook_endpoints/{endpoint}/recover",
     .summary = "Deliver what was missed",
     .handler = recover,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .body = recover_body,
     .success = 202,
     .answer = webhook_recovery_fields,
     .errors = errors::state},
    {.method = "GET",
     .pattern = "/v1/webhook_endpoints/{endpoint}/recovery",
     .summary = "Get the progress of the last recovery",
     .handler = recovery,
     .scopes = {Scope::webhooks_read},
     .answer = webhook_recovery_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace webhook_endpoints_resource

std::span<const Route> resources::webhook_endpoints() { return webhook_endpoints_resource::routes; }

}  // namespace lntpay
