// The object `webhook_endpoint` of the API: its fields and how they are read; endpoint_json (endpoint.hpp) writes it.
#pragma once
#include <ranges>

#include "core/base/object.hpp"
#include "core/webhook/endpoint/endpoint.hpp"
#include "core/webhook/secret/signing_secret_object.hpp"

namespace lntpay {

struct EndpointView {
  const Endpoint& endpoint;
  const TenantScope& tenant;
  UnixMillis now;                           ///< the host's
  const Secret* secret = nullptr;           ///< null: left out
  EventTypes readable = EventTypes::all();  ///< by the reader: patterns of other types are not shown
};

/// An endpoint without types receives all of them: "*".
inline NameList<EventPattern> subscribed_types(const EndpointView& view) {
  auto types = view.endpoint.types.empty() ? std::vector{every_event} : view.endpoint.types;
  std::erase_if(types, [&](EventPattern each) { return types_matching(each).common(view.readable).empty(); });
  return name_list<EventPattern>(types);
}

inline constexpr auto webhook_endpoint_object = object_of<EndpointView>(
    member("id", "whe_…", [](const auto& v) { return std::string_view(v.endpoint.id.text()); }), kind_member<"webhook_endpoint">(),
    member("url", "Where events are posted to.", [](const auto& v) { return UrlText{v.endpoint.url}; }),
    member({.name = "description", .description = "Your note on the endpoint.", .min = 0},
           [](const auto& v) { return std::string_view(v.endpoint.description); }),
    member("event_types", "The event types that are sent, families of them (charge.*), or all (*).",
           [](const auto& v) { return subscribed_types(v); }),
    member("status", "enabled or disabled", [](const auto& v) { return v.endpoint.status; }),
    member("ordering",
           "per_object: an object's events leave one after the other, each when the earlier one was delivered or given up.",
           [](const auto& v) { return v.endpoint.ordering; }),
    member({.name = "max_per_second", .description = "Maximum attempts per second; 0: no limit.", .min = 0},
           [](const auto& v) { return std::uint64_t{v.endpoint.max_per_second}; }),
    member("header_names", "The headers of yours that are sent with each event; their values are not shown.",
           [](const auto& v) { return text_list(v.endpoint.headers | std::views::transform(&CustomHeader::name)); }),
    member("disabled_at", "Since when the endpoint receives nothing.", [](const auto& v) { return v.endpoint.disabled_at; }),
    member("disabled_reason", "Why it was disabled.",
           [](const auto& v) {
             return v.endpoint.disabled_at ? std::optional(std::string_view(v.endpoint.disabled_reason)) : std::nullopt;
           }),
    member({.name = "missed_events",
            .description = "The number of events of the times in which it was disabled that `recover` would deliver to it: of its "
                           "types, not delivered since, and still kept.",
            .min = 0},
           [](const auto& v) { return v.endpoint.missed_events; }),
    member("missed_events_capped", "Whether only the first of these times' events were counted, so that there may be more.",
           [](const auto& v) { return v.endpoint.missed_events_capped; }),
    member("failing_since", "The first failure since the last success.", [](const auto& v) { return v.endpoint.failing_since; }),
    member("secrets", "The secrets that sign now, newest first.",
           [](const auto& v) {
             return described_list<signing_secret_object>(secrets_of(v.endpoint.secrets, v.endpoint.active_secret, v.now));
           }),
    member("created_at", "When the endpoint was created.", [](const auto& v) { return v.endpoint.created_at; }),
    member("environment", "test or live", [](const auto& v) { return v.tenant.environment; }),
    member("secret", "The signing secret; only in the response that created it.", [](const auto& v) {
      return OnlyWhenGiven<std::string>{v.secret != nullptr ? std::optional<std::string>(v.secret->reveal_text()) : std::nullopt};
    }));

inline constexpr auto webhook_endpoint_fields = webhook_endpoint_object.fields();

}  // namespace lntpay
