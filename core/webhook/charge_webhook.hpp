// Webhooks of single charges: what is done before a charge with a `webhook_url` is created, and before each attempt to deliver its
// events. Between the two, its deliveries are like those of an endpoint.
#pragma once
#include <string>

#include "core/tenant/context.hpp"
#include "core/webhook/attempt_claim.hpp"

namespace lntpay {

/// Checks the URL and writes the row of its charge target, which every delivery of the charge needs. May run again.
/// Fails with invalid_request (webhook_url, by the egress rules); invalid_state when the workspace has no webhook secret:
/// nothing is ever sent unsigned.
Task<Result<>> prepare_charge_webhook(Context& cx, TenantScope tenant, std::string url);

/// Gives an attempt at a charge target the delivery's URL and the workspace's secrets; leaves one at an endpoint as it is. A URL or
/// secret that cannot be read stays empty, so that nothing is sent and the attempt fails.
Task<Result<>> address_attempt(Context& cx, ClaimedAttempt& claimed);

/// The row key that the secrets of a receiver are sealed under.
std::string secrets_key(const TenantScope& tenant, const EndpointId& id);

}  // namespace lntpay
