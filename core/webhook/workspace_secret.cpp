// The row of the webhook secret, and the API operations on it: create, rotate, activate, retire.
#include "core/webhook/workspace_secret.hpp"

#include "core/request/audit_trail.hpp"
#include "core/webhook/webhook_secret_object.hpp"

namespace lntpay {
namespace {

Task<Result<Stored<WebhookSecret>>> load_secret(Context& cx, TenantScope tenant) {
  auto stored = co_await cx.store.load<WebhookSecret>(webhook_secret_key(tenant));
  if (!stored) {
    co_return fail(ErrorCode::not_found,
                   "This workspace has no webhook secret in this environment. Create it with POST /v1/workspace/webhook_secret.");
  }
  co_return std::move(*stored);
}

/// `read`: the row as it was; nullopt: there was none.
Task<Result<>> write_secret(Context& cx, TenantScope tenant, std::optional<Entry> read, WebhookSecret changed, Act act,
                            IdempotencyClaim claim, std::string answer) {
  WriteBatch batch;
  batch.replace_or_create(read ? &*read : nullptr, webhook_secret_key(tenant), to_row(changed));
  claim.write(batch, answer);
  add_audit_note(cx, batch, tenant, std::move(act));
  co_return co_await attempt(cx.store.commit(std::move(batch)));
}

}  // namespace

std::string webhook_secret_key(const TenantScope& tenant) { return tenant.key("webhook_secret"); }

std::string webhook_secret_json(const WebhookSecret& secret, const TenantScope& tenant, UnixMillis now, const Secret* shown) {
  return webhook_secret_object.text({secret, tenant, now, shown});
}

Task<Result<ShownWebhookSecret>> rotate_webhook_secret(Context& cx, TenantScope tenant, Millis overlap, IdempotencyClaim claim) {
  co_await invariant(!cx.settings.seal.empty(), "a host configures a key to seal secrets with");
  auto random = claim.random(cx);
  const auto now = cx.host_now();
  auto [newest, shown] = new_signing_secret(random, cx.settings, webhook_secret_key(tenant), now);
  auto rotated = co_await retry([&]() -> Task<Result<WebhookSecret>> {
    auto found = co_await cx.store.load<WebhookSecret>(webhook_secret_key(tenant));
    auto secret = found ? std::move(found->record) : WebhookSecret{};
    // Its id and text come from the claim, so a row with them was written by this call.
    if (!secret.secrets.empty() && secret.secrets.front().sealed == newest.sealed) co_return std::move(secret);
    co_await add_secret(secret.secrets, secret.active_secret, newest, overlap, now);
    co_await write_secret(cx, tenant, found ? std::optional(std::move(found->entry)) : std::nullopt, secret,
                          {"webhook_secret.rotate", newest.id}, claim, webhook_secret_json(secret, tenant, now, &shown));
    co_return std::move(secret);
  });
  co_return ShownWebhookSecret{std::move(rotated), std::move(shown)};
}

Task<Result<WebhookSecret>> get_webhook_secret(Context& cx, TenantScope tenant) {
  co_return (co_await load_secret(cx, tenant)).record;
}

Task<Result<WebhookSecret>> activate_webhook_secret(Context& cx, TenantScope tenant, IdempotencyClaim claim) {
  co_return co_await retry([&]() -> Task<Result<WebhookSecret>> {
    auto [secret, entry] = co_await load_secret(cx, tenant);
    secret.active_secret = secret.secrets.front().id;
    co_await write_secret(cx, tenant, std::move(entry), secret, {"webhook_secret.activate", secret.active_secret}, claim,
                          webhook_secret_json(secret, tenant, cx.host_now()));
    co_return std::move(secret);
  });
}

Task<Result<WebhookSecret>> retire_webhook_secret(Context& cx, TenantScope tenant, std::string id) {
  bool tried = false;
  co_return co_await retry([&]() -> Task<Result<WebhookSecret>> {
    auto [secret, entry] = co_await load_secret(cx, tenant);
    // Ended by this call, whose commit had an unknown outcome.
    if (tried && !is_live(secret.secrets, id, cx.host_now())) co_return std::move(secret);
    tried = true;
    co_await end_secret(secret.secrets, id, cx.host_now());
    co_await write_secret(cx, tenant, std::move(entry), secret, {"webhook_secret.retire", id}, {}, {});
    co_return std::move(secret);
  });
}

}  // namespace lntpay
