// The object `api_key` of the API: its fields and how they are read; key_json (api_key.hpp) writes it.
#pragma once
#include "core/access/api_key.hpp"
#include "core/access/key_text.hpp"
#include "core/base/object.hpp"

namespace lntpay {

struct KeyView {
  const ApiKey& key;
  std::string_view text{};     ///< the key itself; empty: left out
  std::string_view warning{};  ///< empty: left out
};

constexpr std::optional<Sats> limit_in_sats(const std::optional<Msat>& limit) { return limit.transform(sats_up); }

inline std::optional<std::string_view> parent_of(const ApiKey& key) {
  if (key.ancestors.empty()) return std::nullopt;
  return key.ancestors.front().id.text();
}

inline constexpr auto api_key_object = object_of<KeyView>(
    member("id", "key_…", [](const auto& v) { return std::string_view(v.key.id.text()); }), kind_member<"api_key">(),
    member({.name = "name", .description = "Your name for the key.", .min = 0},
           [](const auto& v) { return std::string_view(v.key.name); }),
    member("environment", "test or live", [](const auto& v) { return v.key.tenant.environment; }),
    member("prefix", "The first characters of the key.", [](const auto& v) { return key_prefix(v.key.tenant.environment); }),
    member("last4", "The last characters of the key.", [](const auto& v) { return std::string_view(v.key.last4); }),
    member("scopes", "What the key may do.", [](const auto& v) { return NameList<Scope>{v.key.grant.scopes.json()}; }),
    member("created_at", "When the key was created.", [](const auto& v) { return v.key.created_at; }),
    member("expires_at", "When the key stops working.", [](const auto& v) { return v.key.grant.expires_at; }),
    member("revoked_at", "When the key was revoked.", [](const auto& v) { return v.key.revoked_at; }),
    member("max_withdraw_sats", "The most that one withdrawal may lock, fee limit included.",
           [](const auto& v) { return limit_in_sats(v.key.grant.limits.each); }),
    member("daily_withdraw_sats", "The most that its withdrawals may lock in one day (UTC).",
           [](const auto& v) { return limit_in_sats(v.key.grant.limits.daily); }),
    member("allowed_cidrs", "The networks from which the key may be used; empty: all.",
           [](const auto& v) { return text_list(v.key.grant.allowed_cidrs); }),
    member("rate", "The requests that the key may make in the window of the rate limit; null: as many as the workspace.",
           [](const auto& v) { return v.key.grant.rate; }),
    member("parent", "The key that created this one; null: the operator did.", [](const auto& v) { return parent_of(v.key); }),
    member("last_used_at", "The hour in which the key was last used; null: it was not yet.",
           [](const auto& v) { return v.key.last_used_at; }),
    member({.name = "api_version", .description = "The version of the API that its requests have.", .names = api_versions},
           [](const auto& v) { return NameOf{std::string_view(v.key.api_version)}; }),
    member("key", "The key itself; only in the response that created it.",
           [](const auto& v) { return OnlyWhenGiven<std::string_view>{null_if_empty(v.text)}; }),
    member("warning", "Only in the response that revoked the last key which could create keys.",
           [](const auto& v) { return OnlyWhenGiven<std::string_view>{null_if_empty(v.warning)}; }));

inline constexpr auto api_key_fields = api_key_object.fields();

}  // namespace lntpay
