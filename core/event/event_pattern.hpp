// What an endpoint subscribes to: an event type, all types of a family ("charge.*"), or all ("*").
#pragma once
#include <algorithm>
#include <array>
#include <string_view>

#include "core/event/event.hpp"

namespace lntpay {

/// The values of EventType, then "*", then the families.
enum class EventPattern : std::uint8_t {};

inline constexpr std::size_t event_types_count = enum_names<EventType>.size();
inline constexpr auto event_families =
    std::to_array<std::string_view>({"*", "charge.*", "withdrawal.*", "webhook_endpoint.*", "api_key.*", "gate.*"});

template <>
inline constexpr auto enum_names<EventPattern> = [] {
  std::array<std::string_view, event_types_count + event_families.size()> names{};
  std::ranges::copy(enum_names<EventType>, names.begin());
  std::ranges::copy(event_families, names.begin() + event_types_count);
  return names;
}();

inline constexpr EventPattern every_event{event_types_count};
constexpr EventPattern pattern_of(EventType type) { return static_cast<EventPattern>(type); }

/// The types that a pattern matches.
constexpr EventTypes types_matching(EventPattern pattern) {
  const auto number = static_cast<std::size_t>(pattern);
  if (number < event_types_count) return {static_cast<EventType>(number)};
  auto family = enum_names<EventPattern>[number];
  family.remove_suffix(1);  // the asterisk
  EventTypes types;
  for (std::size_t i = 0; i < event_types_count; ++i) {
    if (enum_names<EventType>[i].starts_with(family)) types.add(static_cast<EventType>(i));
  }
  return types;
}

/// The types that any of them matches.
constexpr EventTypes types_matching(const auto& patterns) {
  EventTypes types;
  for (const EventPattern each : patterns) types = types.with(types_matching(each));
  return types;
}

static_assert(types_matching(every_event) == EventTypes::all());

}  // namespace lntpay
