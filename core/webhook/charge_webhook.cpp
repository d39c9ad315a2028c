// The charge target's row, and the address of an attempt.
#include "core/webhook/charge_webhook.hpp"

#include "core/webhook/charge_target.hpp"
#include "core/webhook/delivery.hpp"
#include "core/webhook/egress.hpp"
#include "core/webhook/workspace_secret.hpp"

namespace lntpay {
namespace {

template <class T>
Result<T> record_of(const std::optional<Entry>& row, const std::string& key) {
  return row ? from_row<T>(*row) : Result<T>(damaged_row(key));
}

}  // namespace

Task<Result<>> prepare_charge_webhook(Context& cx, TenantScope tenant, std::string url) {
  const auto allowed = check_egress_url(url, cx.settings.egress, tenant.environment);
  if (!allowed) co_return fail(ErrorCode::invalid_request, allowed.error() + ".", "webhook_url");
  const auto target = charge_target_id(tenant, url);
  co_return co_await attempt(retry([&]() -> Task<Result<>> {
    const std::vector keys{webhook_secret_key(tenant), charge_target_key(tenant, target)};
    const auto rows = co_await cx.store.get_all(keys);
    if (!rows[0]) {
      co_return fail(ErrorCode::invalid_state,
                     "This workspace has no webhook secret in this environment. Create it with POST /v1/workspace/webhook_secret, "
                     "then create the charge.");
    }
    if (rows[1]) co_return {};
    WriteBatch batch;
    batch.create(keys[1], to_row(Endpoint{.id = target, .url = origin_of(url), .description = {}, .created_at = cx.now()}));
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  }));
}

Task<Result<>> address_attempt(Context& cx, ClaimedAttempt& claimed) {
  auto& receiver = claimed.endpoint;
  if (!is_charge_target(receiver.id)) co_return {};
  const std::vector keys{delivery_key(claimed.tenant, claimed.flight.delivery), webhook_secret_key(claimed.tenant)};
  const auto rows = co_await cx.store.get_all(keys);
  const auto delivery = record_of<Delivery>(rows[0], keys[0]);
  const auto secret = record_of<WebhookSecret>(rows[1], keys[1]);
  receiver.url = delivery ? delivery->url : std::string{};
  if (secret) {
    receiver.secrets = secret->secrets;
    receiver.active_secret = secret->active_secret;
  } else {
    cx.alarms.push_back(secret.error().message);
  }
  co_return {};
}

std::string secrets_key(const TenantScope& tenant, const EndpointId& id) {
  return is_charge_target(id) ? webhook_secret_key(tenant) : receiver_key(tenant, id);
}

}  // namespace lntpay
