// The object of a signing secret, as endpoints and the webhook secret of a workspace list them. Its text is never in it.
#pragma once
#include <vector>

#include "core/base/object.hpp"
#include "core/webhook/secret/signing_secrets.hpp"

namespace lntpay {

/// A secret of the list `secrets`.
struct SecretView {
  const SigningSecret& secret;
  bool is_active = false;
};
inline constexpr auto signing_secret_object = object_of<SecretView>(
    member("id", "sec_…: to retire it by.", [](const auto& v) { return std::string_view(v.secret.id); }),
    member("created_at", "When it was made.", [](const auto& v) { return v.secret.created_at; }),
    member("expires_at", "When it stops signing; null: it does not.",
           [](const auto& v) { return v.secret.until == unix_millis_max ? std::nullopt : std::optional(v.secret.until); }),
    member("active", "Whether it signs the hex headers, which have room for one signature.",
           [](const auto& v) { return v.is_active; }));

/// Those that sign now, newest first. `chosen`: the id of the active one; empty: the newest.
inline std::vector<SecretView> secrets_of(const SigningSecrets& secrets, std::string_view chosen, UnixMillis now) {
  std::vector<SecretView> views;
  for (const auto& each : secrets) {
    const bool is_live = each.until > now;
    if (is_live) views.push_back({each, &each == &active_secret(secrets, chosen, now)});
  }
  return views;
}

}  // namespace lntpay
