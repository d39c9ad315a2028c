// Receivers from the rows of endpoints, deliveries and webhook secrets.
#include "core/webhook/attempt/receiver.hpp"

#include "core/tenant/readable.hpp"
#include "core/webhook/delivery/charge_target.hpp"
#include "core/webhook/secret/workspace_secret.hpp"

namespace lntpay {

std::optional<Receiver> receiver_of(const EndpointId& id, const Endpoint* endpoint) {
  if (is_charge_target(id)) return Receiver{.id = id};
  if (endpoint == nullptr) return std::nullopt;
  return Receiver{.id = id,
                  .url = endpoint->url,
                  .secrets = endpoint->secrets,
                  .active_secret = endpoint->active_secret,
                  .headers = endpoint->headers,
                  .ordering = endpoint->ordering,
                  .max_per_second = endpoint->max_per_second,
                  .epoch = endpoint->epoch,
                  .is_enabled = endpoint->status == EndpointStatus::enabled};
}

Task<Result<>> address_receiver(Context& cx, TenantScope tenant, Receiver& receiver, DeliveryId delivery) {
  if (!is_charge_target(receiver.id)) co_return {};
  const std::vector keys{delivery_key(tenant, delivery), webhook_secret_key(tenant)};
  auto rows = co_await cx.store.get_all(keys);
  const auto addressed = readable<Delivery>(cx, keys[0], std::move(rows[0]));
  receiver.url = addressed ? addressed->record.url : std::string{};
  if (auto secret = readable<WebhookSecret>(cx, keys[1], std::move(rows[1]))) {
    receiver.secrets = std::move(secret->record.secrets);
    receiver.active_secret = std::move(secret->record.active_secret);
  }
  co_return {};
}

std::string secrets_key(const TenantScope& tenant, const EndpointId& id) {
  return is_charge_target(id) ? webhook_secret_key(tenant) : endpoint_key(tenant, id.text());
}

}  // namespace lntpay
