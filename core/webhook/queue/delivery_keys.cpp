// Keys by endpoint and seq, by object, by delivery.
#include "core/webhook/queue/delivery_keys.hpp"

#include "core/storage/store.hpp"

namespace lntpay {

std::string delivery_key(const TenantScope& tenant, const DeliveryId& id) { return tenant.key("delivery", id.text()); }

std::string delivery_of_prefix(const TenantScope& tenant, const EndpointId& endpoint) {
  return tenant.key("delivery_of", endpoint.text()).append("/");
}

std::string delivery_of_key(const TenantScope& tenant, const EndpointId& endpoint, std::uint64_t event_seq) {
  return delivery_of_prefix(tenant, endpoint).append(padded(event_seq));
}

std::string delivery_about_prefix(const TenantScope& tenant, std::string_view object) {
  return tenant.key("delivery_about", object).append("/");
}

std::string dead_prefix(const TenantScope& tenant, const EndpointId& endpoint) {
  return tenant.key("dead", endpoint.text()).append("/");
}

std::string dead_key(const TenantScope& tenant, const EndpointId& endpoint, std::uint64_t event_seq) {
  return dead_prefix(tenant, endpoint).append(padded(event_seq));
}

std::string attempt_key(const TenantScope& tenant, const DeliveryId& id, std::uint32_t number) {
  return tenant.key("attempt", id.text()).append("/").append(padded(number));
}

std::string recovery_key(const TenantScope& tenant, const EndpointId& endpoint) { return tenant.key("recovery", endpoint.text()); }

}  // namespace lntpay
