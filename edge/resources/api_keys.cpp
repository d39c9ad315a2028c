// /v1/api_keys. The object: core/access/api_key_object.hpp.
#include "core/access/api_key_object.hpp"
#include "core/access/key_operations.hpp"
#include "core/access/workspace.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/lists.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace api_keys_resource {
namespace {

using enum FieldType;
using enum ErrorCode;

constexpr Field name_field{.name = "name", .type = text, .description = "Your name for the key.", .max = 100};
constexpr Field scopes_field{.name = "scopes",
                             .type = names,
                             .description = "What the key may do; no more than your own key may.",
                             .required = true,
                             .max = 20,
                             .names = enum_names<Scope>};
constexpr Field all_scopes_field{.name = "scopes",
                                 .type = names,
                                 .description = "What the key may do; default: everything.",
                                 .max = 20,
                                 .names = enum_names<Scope>};
constexpr Field expires_at_field{.name = "expires_at",
                                 .type = time,
                                 .description = "When the key stops working; default: with your own key, or never.",
                                 .form = "future"};
constexpr Field each_field{
    .name = "max_withdraw_sats", .type = sats, .description = "The most that one withdrawal may lock, fee limit included."};
constexpr Field daily_field{
    .name = "daily_withdraw_sats",
    .type = sats,
    .description = "The most that withdrawals of the key, and of keys that it creates, may lock in one day (UTC)."};
constexpr Field networks_field{
    .name = "allowed_cidrs",
    .type = names,
    .description = "The networks from which the key may be used: 203.0.113.7, 10.0.0.0/8, 2001:db8::/32. Default: all.",
    .max = Grant::networks_max,
    .form = "cidr"};
constexpr Field rate_field{.name = "rate",
                           .type = integer,
                           .description = "The requests that the key may make in the window of the rate limit.",
                           .max = RateLimit::quota_max};

constexpr Field create_body[] = {name_field, scopes_field, expires_at_field, each_field, daily_field, networks_field, rate_field};
constexpr Field version_field{.name = "api_version",
                              .type = one_of,
                              .description = "The version of the API that its requests have from now on.",
                              .names = api_versions};
constexpr Field change_body[] = {name_field, version_field};
constexpr Field operator_body[] = {name_field,  all_scopes_field, expires_at_field, each_field,
                                   daily_field, networks_field,   rate_field};
constexpr Field roll_body[] = {
    {.name = "overlap_seconds",
     .type = integer,
     .description = "How long the former key keeps working; default: it stops at once.",
     .min = 0,
     .max = 604'800},
};
constexpr ErrorCode roll_errors[] = {not_found, invalid_state, limit_exceeded};
constexpr ErrorCode missing_or_limit[] = {not_found, limit_exceeded};

NewKey asked_key(const Body& body) {
  NewKey asked{.name = body.text("name").value_or(""),
               .grant = {
                   .scopes = {},
                   .expires_at = body.time("expires_at"),
                   .limits = {.each = body.sats("max_withdraw_sats"), .daily = body.sats("daily_withdraw_sats")},
                   .allowed_cidrs = body.names("allowed_cidrs"),
               }};
  if (const auto rate = body.integer("rate")) asked.grant.rate = static_cast<std::uint32_t>(*rate);
  for (const auto& name : body.names("scopes")) asked.grant.scopes.add(*from_name<Scope>(name));
  return asked;
}

Done create(Call& call) { co_return co_await create_key(call.cx, call.claim, KeyMaker(call.key), asked_key(call.body)); }

/// The operator's: a workspace that lost its last key gets another one.
Done create_for_workspace(Call& call) {
  auto asked = asked_key(call.body);
  if (!call.body.has("scopes")) asked.grant.scopes = ScopeSet::all();
  const auto tenant = (co_await named_tenant(call)).without_generation();
  co_await get_workspace(call.cx, tenant.workspace);
  auto json = co_await create_key(call.cx, call.claim.without_answer(), KeyMaker(tenant), std::move(asked));
  // The operator's idempotency key is in another shard, so it needs a commit of its own.
  co_return co_await idempotency::answered(call.cx, call.claim, std::move(json));
}

Done list(Call& call) {
  return list_page(
      call, [&call](const Page& page) { return list_keys(call.cx, call.tenant, page); },
      [](const ApiKey& key) { return key_json(key); });
}

Done revoke(Call& call) {
  const auto revoked = co_await revoke_key(call.cx, call.key, co_await path_id<KeyId>(call));
  constexpr std::string_view warning =
      "No key is left here that can create keys. The operator can create one: POST /v1/admin/workspaces/{workspace}/api_keys";
  co_return api_key_object.text({.key = revoked.key, .warning = revoked.last_maker ? warning : ""});
}

Done roll(Call& call) {
  const auto overlap = seconds(static_cast<std::int64_t>(call.body.integer("overlap_seconds").value_or(0)));
  co_return co_await roll_key(call.cx, call.claim, call.key, co_await path_id<KeyId>(call), overlap);
}

Done get(Call& call) { co_return key_json(co_await get_key(call.cx, call.tenant, co_await path_id<KeyId>(call))); }

Done change(Call& call) {
  const auto id = co_await path_id<KeyId>(call);
  KeyChange change{.name = call.body.text("name"), .api_version = call.body.text("api_version")};
  if (call.body.is_null("name")) change.name = "";
  if (!change.name && !change.api_version) co_return key_json(co_await get_key(call.cx, call.tenant, id));
  co_return key_json(co_await change_key(call.cx, call.key, id, std::move(change)));
}

Done current(Call& call) { co_return key_json(call.key); }

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/api_keys",
     .summary = "Create an API key",
     .handler = create,
     .scopes = {Scope::keys_write},
     .idempotency = IdempotencyUse::accepted,
     .answer_is_secret = true,
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
     .answer_is_secret = true,
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
    {.method = "GET",
     .pattern = "/v1/api_keys/{key}",
     .summary = "Get an API key",
     .handler = get,
     .scopes = {Scope::keys_write},
     .answer = api_key_fields,
     .errors = errors::missing},
    {.method = "PATCH",
     .pattern = "/v1/api_keys/{key}",
     .summary = "Change an API key",
     .handler = change,
     .scopes = {Scope::keys_write},
     .body = change_body,
     .answer = api_key_fields,
     .errors = missing_or_limit},
    {.method = "DELETE",
     .pattern = "/v1/api_keys/{key}",
     .summary = "Revoke an API key",
     .handler = revoke,
     .scopes = {Scope::keys_write},
     .answer = api_key_fields,
     .errors = missing_or_limit},
    {.method = "POST",
     .pattern = "/v1/admin/workspaces/{workspace}/api_keys",
     .summary = "Create an API key of a workspace",
     .handler = create_for_workspace,
     .access = Access::operator_token,
     .idempotency = IdempotencyUse::accepted,
     .answer_is_secret = true,
     .body = operator_body,
     .query = fields::environment_query,
     .success = 201,
     .answer = api_key_fields,
     .errors = missing_or_limit},
};

}  // namespace
}  // namespace api_keys_resource

std::span<const Route> resources::api_keys() { return api_keys_resource::routes; }

}  // namespace lntpay
