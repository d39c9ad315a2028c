// The object `event` of the API and of webhooks: its fields and how they are read; event_json (event.hpp) writes it.
#pragma once
#include "core/base/object.hpp"
#include "core/event/event.hpp"
#include "core/tenant/api_version.hpp"

namespace lntpay {

struct EventView {
  const Event& event;
  const TenantScope& tenant;
  bool is_sample = false;
};

inline constexpr auto event_object = object_of<EventView>(
    member("id", "evt_…; the webhook-id of its deliveries.", [](const auto& v) { return std::string_view(v.event.id.text()); }),
    kind_member<"event">(), member("type", "The type of the event.", [](const auto& v) { return v.event.type; }),
    member("seq", "1, 2, 3, … without gaps.", [](const auto& v) { return v.event.seq; }),
    member("timestamp", "When it happened.", [](const auto& v) { return v.event.at; }),
    member({.name = "api_version", .description = "The version of `data`.", .names = api_versions},
           [](const auto&) { return NameOf{api_version_newest}; }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }),
    member("workspace_id", "ws_…", [](const auto& v) { return std::string_view(v.tenant.workspace.text()); }),
    member(
        "sample", "true: nothing happened, this is a sample for a test of the receiver. Absent from events that happened.",
        [](const auto& v) { return OnlyWhenGiven<std::true_type>{v.is_sample ? std::optional(std::true_type{}) : std::nullopt}; }),
    member("data", "The object that changed, as it was after the change.",
           [](const auto& v) { return RawJson{std::string_view(v.event.data)}; }));

inline constexpr auto event_fields = event_object.fields();

}  // namespace lntpay
