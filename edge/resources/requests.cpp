// /v1/requests. The object: core/request/request_object.hpp.
#include "core/request/request_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace requests_resource {
namespace {

using enum FieldType;

constexpr Field list_query[] = {
    limit_field,
    cursor_field,
    order_field,
    {.name = "api_key", .type = text, .description = "Only those of the key with this id.", .max = 32},
    {.name = "status", .type = integer, .description = "Only those that got this status.", .min = 200, .max = 599},
    {.name = "failed", .type = boolean, .description = "Only those that failed; false: only those that succeeded."},
    fields::created_gte,
    fields::created_lt,
};

/// A key that manages no keys sees its own requests.
bool sees_all(const Call& call) { return call.key.grant.scopes.has(Scope::keys_write); }

Done list(Call& call) {
  RequestFilter filter{
      .api_key = call.query.text("api_key").value_or(sees_all(call) ? "" : call.key.id.text()),
      .failed = call.query.flag("failed"),
      .created_gte = call.query.time("created_gte"),
      .created_lt = call.query.time("created_lt"),
  };
  if (filter.api_key != call.key.id.text()) co_await require_scopes(call.key.grant.scopes, {Scope::keys_write});
  if (const auto status = call.query.integer("status")) filter.status = static_cast<std::uint16_t>(*status);
  co_return co_await list_page(
      call, [&](const Page& page) { return list_requests(call.cx, call.tenant, filter, page); },
      [](const LoggedRequest& request) { return request_object.text(request); });
}

Done get(Call& call) {
  const auto request = co_await get_request(call.cx, call.tenant, co_await path_id<RequestId>(call));
  if (!sees_all(call) && request.api_key != call.key.id.text()) co_return fail(ErrorCode::not_found);
  co_return request_object.text(request);
}

constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "/v1/requests",
     .summary = "List requests",
     .handler = list,
     .query = list_query,
     .answer = request_fields,
     .list = true},
    {.method = "GET",
     .pattern = "/v1/requests/{request}",
     .summary = "Get a request",
     .handler = get,
     .answer = request_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace requests_resource

std::span<const Route> resources::requests() { return requests_resource::routes; }

}  // namespace lntpay
