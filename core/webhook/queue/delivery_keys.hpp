// The keys of deliveries' rows and of their indexes (delivery/delivery.hpp has what they hold).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/storage/shard.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

std::string delivery_key(const TenantScope& tenant, const DeliveryId& id);
/// Prefixes end with "/".
std::string delivery_of_prefix(const TenantScope& tenant, const EndpointId& endpoint);
std::string delivery_of_key(const TenantScope& tenant, const EndpointId& endpoint, std::uint64_t event_seq);
/// The deliveries of events about this object.
std::string delivery_about_prefix(const TenantScope& tenant, std::string_view object);
std::string dead_prefix(const TenantScope& tenant, const EndpointId& endpoint);
std::string dead_key(const TenantScope& tenant, const EndpointId& endpoint, std::uint64_t event_seq);
/// The row of an endpoint's last recovery.
std::string recovery_key(const TenantScope& tenant, const EndpointId& endpoint);
std::string attempt_key(const TenantScope& tenant, const DeliveryId& id, std::uint32_t number);

}  // namespace lntpay
