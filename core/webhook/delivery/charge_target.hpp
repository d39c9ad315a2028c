// Charge targets: the receivers of charges that have a `webhook_url`.
//
// Queues, slots and leases are keyed by an EndpointId. A charge target is such an id, made from the workspace and the URL's origin
// (scheme, host and port), so all charges with URLs on one origin share a window of 8 attempts, and an origin that hangs delays no
// other. The time in its id is zero: no generated id has that, so the id alone tells targets from endpoints.
//
// A target has no row. Each delivery has its own URL (Delivery::url), and the workspace's webhook secret signs it.
#pragma once
#include <string>
#include <string_view>

#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// The target of a URL that check_egress_url allowed.
EndpointId charge_target_id(const TenantScope& tenant, std::string_view url);
bool is_charge_target(const EndpointId& id);
/// Of a part of an id's text, such as the id of a due row.
bool is_charge_target(std::string_view id);
/// Whose share of the host's tasks and exchanges a webhook takes: the workspace's, and for charge targets one of its own beside it,
/// so that origins that hang leave the workspace's endpoints theirs.
std::string share_of(const WorkspaceId& workspace, std::string_view receiver);

/// What a charge with this `webhook_url` needs before it is created. Fails with invalid_request (webhook_url, by the egress rules);
/// invalid_state when the workspace has no webhook secret: nothing is ever sent unsigned.
Task<Result<>> check_charge_webhook(Context& cx, TenantScope tenant, std::string url);

}  // namespace lntpay
