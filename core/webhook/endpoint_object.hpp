// The object `webhook_endpoint` of the API: its fields and how they are read; endpoint_json (endpoint.hpp) writes it.
#pragma once
#include "core/base/object.hpp"
#include "core/webhook/endpoint.hpp"

namespace lntpay {

struct EndpointView {
  const Endpoint& endpoint;
  const TenantScope& tenant;
  const Secret* secret = nullptr;  ///< null: left out
};

/// An endpoint without types receives all of them: "*".
inline NameList<EventType> subscribed_types(const Endpoint& endpoint) {
  return endpoint.types.empty() ? NameList<EventType>{R"(["*"])"} : name_list<EventType>(endpoint.types);
}

inline constexpr auto webhook_endpoint_object = object_of<EndpointView>(
    member("id", "whe_…", [](const auto& v) { return std::string_view(v.endpoint.id.text()); }), kind_member<"webhook_endpoint">(),
    member("url", "Where events are posted to.", [](const auto& v) { return UrlText{v.endpoint.url}; }),
    member({.name = "description", .description = "Your note on the endpoint.", .min = 0},
           [](const auto& v) { return std::string_view(v.endpoint.description); }),
    member("event_types", "The event types that are sent; [\"*\"] means all.",
           [](const auto& v) { return subscribed_types(v.endpoint); }),
    member("status", "enabled or disabled", [](const auto& v) { return v.endpoint.status; }),
    member("disabled_at", "Since when the endpoint receives nothing.", [](const auto& v) { return v.endpoint.disabled_at; }),
    member("disabled_reason", "Why it was disabled.",
           [](const auto& v) {
             return v.endpoint.disabled_at ? std::optional(std::string_view(v.endpoint.disabled_reason)) : std::nullopt;
           }),
    member("failing_since", "The first failure since the last success.", [](const auto& v) { return v.endpoint.failing_since; }),
    member("created_at", "When the endpoint was created.", [](const auto& v) { return v.endpoint.created_at; }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }),
    member("secret", "The signing secret; only in the response that created it.", [](const auto& v) {
      return OnlyWhenGiven<std::string>{v.secret != nullptr ? std::optional<std::string>(v.secret->reveal_text()) : std::nullopt};
    }));

inline constexpr auto webhook_endpoint_fields = webhook_endpoint_object.fields();

}  // namespace lntpay
