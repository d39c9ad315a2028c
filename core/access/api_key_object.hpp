// The object `api_key` of the API: its fields and how they are read; key_json (api_key.hpp) writes it.
#pragma once
#include "core/access/api_key.hpp"
#include "core/access/key_text.hpp"
#include "core/base/object.hpp"

namespace lntpay {

struct KeyView {
  const ApiKey& key;
  std::string_view text{};  ///< the key itself; empty: left out
};

constexpr std::optional<Sats> limit_in_sats(const std::optional<Msat>& limit) {
  return limit.transform([](Msat amount) { return Sats{amount.value / 1'000}; });
}

inline constexpr auto api_key_object = object_of<KeyView>(
    member("id", "key_…", [](const auto& v) { return std::string_view(v.key.id.text()); }), kind_member<"api_key">(),
    member({.name = "name", .description = "Your name for the key.", .min = 0},
           [](const auto& v) { return std::string_view(v.key.name); }),
    member("environment", "test or live", [](const auto& v) { return v.key.tenant.environment; }),
    member("prefix", "The first characters of the key.", [](const auto& v) { return key_prefix(v.key.tenant.environment); }),
    member("last4", "The last characters of the key.", [](const auto& v) { return std::string_view(v.key.last4); }),
    member("scopes", "What the key may do.", [](const auto& v) { return NameList<Scope>{v.key.scopes.json()}; }),
    member("created_at", "When the key was created.", [](const auto& v) { return v.key.created_at; }),
    member("expires_at", "When the key stops working.", [](const auto& v) { return v.key.expires_at; }),
    member("revoked_at", "When the key was revoked.", [](const auto& v) { return v.key.revoked_at; }),
    member("max_withdraw_sats", "The most that one withdrawal may lock, fee limit included.",
           [](const auto& v) { return limit_in_sats(v.key.limits.each); }),
    member("daily_withdraw_sats", "The most that its withdrawals may lock in one day (UTC).",
           [](const auto& v) { return limit_in_sats(v.key.limits.daily); }),
    member("key", "The key itself; only in the response that created it.",
           [](const auto& v) { return OnlyWhenGiven<std::string_view>{null_if_empty(v.text)}; }));

inline constexpr auto api_key_fields = api_key_object.fields();

}  // namespace lntpay
