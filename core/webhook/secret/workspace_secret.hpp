// The webhook secret of a workspace: it signs what is sent to the `webhook_url` of its charges.
//
// Row `…/webhook_secret`, one in each environment. Like an endpoint, it has up to three live secrets, one of them active
// (signing_secrets). It is created on request, and at least one of its secrets is live from then on.
#pragma once
#include <string>

#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"
#include "core/webhook/secret/signing_secrets.hpp"

namespace lntpay {

struct WebhookSecret {
  static constexpr int row_version = 1;
  SigningSecrets secrets{};
  std::string active_secret{};  ///< the id of the chosen one; empty: the newest

  auto fields(this auto& self) { return std::tie(self.secrets, self.active_secret); }
};

std::string webhook_secret_key(const TenantScope& tenant);

/// The API object. `now`: the host's time; `shown`: its newest text, only in the response that creates or rotates it.
std::string webhook_secret_json(const WebhookSecret& secret, const TenantScope& tenant, UnixMillis now,
                                const Secret* shown = nullptr);

/// A webhook secret, with its newest text, which is never shown again.
struct ShownWebhookSecret {
  WebhookSecret stored;
  Secret shown;
};

/// Creates the workspace's webhook secret, or adds one to it: the former ones sign for `overlap` more, and the active one stays
/// active. Fails with invalid_state (more than 3 would sign).
Task<Result<ShownWebhookSecret>> rotate_webhook_secret(Context& cx, TenantScope tenant, Millis overlap = secret_overlap_default,
                                                       IdempotencyClaim claim = {});
/// Fails with not_found when none was created.
Task<Result<WebhookSecret>> get_webhook_secret(Context& cx, TenantScope tenant);
/// Makes the newest secret the active one. Fails with not_found.
Task<Result<WebhookSecret>> activate_webhook_secret(Context& cx, TenantScope tenant, IdempotencyClaim claim = {});
/// Ends a secret at once. Fails with not_found (also a secret that is not live), invalid_state (the only one).
Task<Result<WebhookSecret>> retire_webhook_secret(Context& cx, TenantScope tenant, std::string id);

}  // namespace lntpay
