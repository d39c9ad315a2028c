// The object `webhook_secret` of the API: its fields and how they are read; webhook_secret_json (workspace_secret.hpp) writes it.
#pragma once
#include "core/base/object.hpp"
#include "core/webhook/secret/signing_secret_object.hpp"
#include "core/webhook/secret/workspace_secret.hpp"

namespace lntpay {

struct WebhookSecretView {
  const WebhookSecret& stored;
  const TenantScope& tenant;
  UnixMillis now;                 ///< the host's
  const Secret* shown = nullptr;  ///< null: left out
};

inline constexpr auto webhook_secret_object = object_of<WebhookSecretView>(
    kind_member<"webhook_secret">(),
    member("secrets", "The secrets that sign now, newest first.",
           [](const auto& v) {
             return described_list<signing_secret_object>(secrets_of(v.stored.secrets, v.stored.active_secret, v.now));
           }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }),
    member("secret", "The newest signing secret; only in the response that created it.", [](const auto& v) {
      return OnlyWhenGiven<std::string>{v.shown != nullptr ? std::optional<std::string>(v.shown->reveal_text()) : std::nullopt};
    }));

inline constexpr auto webhook_secret_fields = webhook_secret_object.fields();

}  // namespace lntpay
