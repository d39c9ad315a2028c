// /v1/workspace/webhook_secret: what signs the webhooks of single charges. The object:
// core/webhook/secret/webhook_secret_object.hpp.
#include "core/webhook/secret/workspace_secret.hpp"

#include "core/access/event_access.hpp"
#include "core/webhook/secret/webhook_secret_object.hpp"
#include "edge/resources/fields.hpp"
#include "edge/resources/resources.hpp"

namespace lntpay {
namespace webhook_secret_resource {
namespace {

constexpr Field rotate_body[] = {
    {.name = "overlap_seconds",
     .type = FieldType::integer,
     .description = "How long the former secrets keep signing; default: 86400, a day.",
     .min = 0,
     .max = secret_overlap_max.value / 1'000},
};
constexpr ErrorCode rotate_errors[] = {ErrorCode::invalid_state};

/// A new secret can forge the events that it signs, so only a key that may read them changes it.
Result<> require_signed_events(const Call& call) {
  using enum EventType;
  return require_readable(call.key.grant.scopes,
                          {charge_paid, charge_paid_late, charge_underpaid, charge_expired, charge_canceled});
}

std::string json_of(const Call& call, const WebhookSecret& secret, const Secret* shown = nullptr) {
  return webhook_secret_json(secret, call.tenant, call.cx.host_now(), shown);
}

Done rotate(Call& call) {
  co_await require_signed_events(call);
  const auto asked = call.body.integer("overlap_seconds");
  const auto overlap = asked ? seconds(static_cast<std::int64_t>(*asked)) : secret_overlap_default;
  const auto rotated = co_await rotate_webhook_secret(call.cx, call.tenant, overlap, call.claim);
  co_return json_of(call, rotated.stored, &rotated.shown);
}

Done get(Call& call) { co_return json_of(call, co_await get_webhook_secret(call.cx, call.tenant)); }

Done activate(Call& call) {
  co_await require_signed_events(call);
  co_return json_of(call, co_await activate_webhook_secret(call.cx, call.tenant, call.claim));
}

Done retire(Call& call) {
  co_await require_signed_events(call);
  co_return json_of(call, co_await retire_webhook_secret(call.cx, call.tenant, call.path[0]));
}

constexpr Route routes[] = {
    {.method = "POST",
     .pattern = "/v1/workspace/webhook_secret",
     .summary = "Create or rotate the secret of charge webhooks",
     .handler = rotate,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .answer_is_secret = true,
     .body = rotate_body,
     .success = 201,
     .answer = webhook_secret_fields,
     .errors = rotate_errors},
    {.method = "GET",
     .pattern = "/v1/workspace/webhook_secret",
     .summary = "Get the ids of the secrets of charge webhooks",
     .handler = get,
     .scopes = {Scope::webhooks_read},
     .answer = webhook_secret_fields,
     .errors = errors::missing},
    {.method = "POST",
     .pattern = "/v1/workspace/webhook_secret/activate",
     .summary = "Sign the hex headers of charge webhooks with the newest secret",
     .handler = activate,
     .scopes = {Scope::webhooks_write},
     .idempotency = IdempotencyUse::accepted,
     .answer = webhook_secret_fields,
     .errors = errors::missing},
    {.method = "DELETE",
     .pattern = "/v1/workspace/webhook_secret/secrets/{secret}",
     .summary = "Stop signing charge webhooks with a secret",
     .handler = retire,
     .scopes = {Scope::webhooks_write},
     .answer = webhook_secret_fields,
     .errors = errors::state},
};

}  // namespace
}  // namespace webhook_secret_resource

std::span<const Route> resources::webhook_secret() { return webhook_secret_resource::routes; }

}  // namespace lntpay
