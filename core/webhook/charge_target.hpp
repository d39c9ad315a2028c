// Charge targets: the receivers of charges that have a `webhook_url`.
//
// The delivery engine keys queues, slots and leases by an EndpointId. A charge target is such an id, made from the workspace and
// the URL's origin (scheme, host and port), so all charges with URLs on one origin share a window of 8 attempts, and an origin that
// hangs delays no other. The time in its id is zero: no generated id has that, so the id alone tells targets from endpoints.
//
// Row `…/charge_target/{id}`: an Endpoint without secrets, whose url is the origin. It is in a collection of its own, so lists of
// endpoints, their routes and the outbox never see it. It is written before the first charge of its origin and never changed. Each
// delivery has its own URL (Delivery::url).
#pragma once
#include <string>
#include <string_view>

#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// The target of a URL that check_egress_url allowed.
EndpointId charge_target_id(const TenantScope& tenant, std::string_view url);
bool is_charge_target(const EndpointId& id);
/// "https://shop.example.com:443"
std::string origin_of(std::string_view url);

std::string charge_target_key(const TenantScope& tenant, const EndpointId& id);
/// The row of a receiver of deliveries: an endpoint's, or a charge target's.
std::string receiver_key(const TenantScope& tenant, const EndpointId& id);

}  // namespace lntpay
