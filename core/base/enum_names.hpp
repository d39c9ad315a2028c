// Names of an enum's values: written in rows and in the API.
#pragma once
#include <array>
#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>

namespace lntpay {

/// The names in the order of the values. Specialise beside the enum.
template <class E>
inline constexpr auto enum_names = nullptr;

template <class E>
concept NamedEnum = std::is_enum_v<E> && !std::same_as<decltype(enum_names<E>), const std::nullptr_t>;

template <NamedEnum E>
constexpr std::string_view name_of(E value) {
  return enum_names<E>[static_cast<std::size_t>(value)];
}

template <NamedEnum E>
constexpr std::optional<E> from_name(std::string_view name) {
  for (std::size_t i = 0; i < enum_names<E>.size(); ++i) {
    if (enum_names<E>[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace lntpay
