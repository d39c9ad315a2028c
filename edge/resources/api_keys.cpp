// /v1/api_keys. The object: core/access/api_key_object.hpp.
#include "core/access/api_key_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace api_keys_resource {
namespace {

using enum FieldType;
using enum ErrorCode;

constexpr Field create_body[] = {
    {.name = "name", .type = text, .description = "Your name for the key.", .max = 100},
    {.name = "scopes",
     .type = names,
     .description = "What the key may do; no more than your own key may.",
     .required = true,
     .max = 20,
     .names = enum_names<Scope>},
    {.name = "expires_at", .type = time, .description = "When the key stops working; default: never."},
    {.name = "max_withdraw_sats", .type = sats, .description = "The most that one withdrawal may lock, fee limit included."},
    {.name = "daily_withdraw_sats", .type = sats, .description = "The most that its withdrawals may lock in one day (UTC)."},
};
constexpr Field roll_body[] = {
    {.name = "overlap_seconds",
     .type = integer,
     .description = "How long the former key keeps working; default: it stops at once.",
     .min = 0,
     .max = 604'800},
};
constexpr ErrorCode roll_errors[] = {not_found, invalid_state, limit_exceeded};

Done create(Call& call) {
  NewKey asked{.name = call.body.text("name").value_or(""), .expires_at = call.body.time("expires_at")};
  asked.limits = {.each = call.body.sats("max_withdraw_sats"), .daily = call.body.sats("daily_withdraw_sats")};
  for (const auto& name : call.body.names("scopes")) asked.scopes.add(*from_name<Scope>(name));
  co_return co_await create_key(call.cx, call.claim, call.key, std::move(asked));
}

Done list(Call& call) {
  return list_page(
      call, [&call](const Page& page) { return list_keys(call.cx, call.tenant, page); },
      [](const ApiKey& key) { return key_json(key); });
}

Done revoke(Call& call) { co_return key_json(co_await revoke_key(call.cx, call.tenant, co_await path_id<KeyId>(call))); }

Done roll(Call& call) {
  const auto overlap = seconds(static_cast<std::int64_t>(call.body.integer("overlap_seconds").value_or(0)));
  co_return co_await roll_key(call.cx, call.claim, call.key, co_await path_id<KeyId>(call), overlap);
}

Done current(Call& call) { co_return key_json(call.key); }

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/api_keys",
     .summary = "Create an API key",
     .handler = create,
     .scopes = {Scope::keys_write},
     .idempotency = IdempotencyUse::accepted,
     .body = create_body,
     .success = 201,
     .answer = api_key_fields,
     .errors = errors::limit},
    {.method = "POST",
     .pattern = "/v1/api_keys/{key}/roll",
     .summary = "Roll an API key",
     .handler = roll,
     .scopes = {Scope::keys_write},
     .idempotency = IdempotencyUse::accepted,
     .body = roll_body,
     .answer = api_key_fields,
     .errors = roll_errors},
    {.method = "GET",
     .pattern = "/v1/api_keys",
     .summary = "List API keys",
     .handler = list,
     .scopes = {Scope::keys_write},
     .query = fields::page,
     .answer = api_key_fields,
     .list = true},
    // Before /v1/api_keys/{key}, which its path matches as well.
    {.method = "GET",
     .pattern = "/v1/api_keys/current",
     .summary = "Get the current API key",
     .handler = current,
     .answer = api_key_fields},
    {.method = "DELETE",
     .pattern = "/v1/api_keys/{key}",
     .summary = "Revoke an API key",
     .handler = revoke,
     .scopes = {Scope::keys_write},
     .answer = api_key_fields,
     .errors = errors::missing},
};

}  // namespace
}  // namespace api_keys_resource

std::span<const Route> resources::api_keys() { return api_keys_resource::routes; }

}  // namespace lntpay
