// A set of an enum's values.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/enum_names.hpp"
#include "core/base/json.hpp"

namespace lntpay {

/// In rows and messages: the names in the enum's order, separated by spaces. At most 32 values.
template <NamedEnum E>
class NameSet {
 public:
  constexpr NameSet() = default;
  constexpr NameSet(std::initializer_list<E> values) {
    for (const auto value : values) add(value);
  }
  static constexpr NameSet all() {
    NameSet set;
    for (std::size_t i = 0; i < enum_names<E>.size(); ++i) set.add(static_cast<E>(i));
    return set;
  }
  /// nullopt if a name is unknown.
  static std::optional<NameSet> parse(std::string_view names) {
    NameSet set;
    while (!names.empty()) {
      const auto space = names.find(' ');
      const auto value = from_name<E>(names.substr(0, space));
      if (!value) return std::nullopt;
      set.add(*value);
      names.remove_prefix(space == names.npos ? names.size() : space + 1);
    }
    return set;
  }

  static constexpr NameSet of(const auto& values) {
    NameSet set;
    for (const E value : values) set.add(value);
    return set;
  }

  constexpr void add(E value) { bits_ |= 1U << static_cast<unsigned>(value); }
  [[nodiscard]] constexpr bool has(E value) const { return (bits_ >> static_cast<unsigned>(value) & 1U) != 0; }
  [[nodiscard]] constexpr bool includes(NameSet other) const { return (other.bits_ & ~bits_) == 0; }
  [[nodiscard]] constexpr NameSet with(NameSet other) const { return NameSet(bits_ | other.bits_); }
  [[nodiscard]] constexpr NameSet without(NameSet other) const { return NameSet(bits_ & ~other.bits_); }
  [[nodiscard]] constexpr NameSet common(NameSet other) const { return NameSet(bits_ & other.bits_); }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const NameSet&) const = default;

  [[nodiscard]] std::string text() const {
    std::string text;
    each([&text](std::string_view name) { text.append(text.empty() ? "" : " ").append(name); });
    return text;
  }
  /// ["charges:read","charges:write"]
  [[nodiscard]] std::string json() const {
    JsonArray names;
    each([&names](std::string_view name) { names.add(name); });
    return names.text();
  }

 private:
  static_assert(enum_names<E>.size() <= 32);
  constexpr explicit NameSet(std::uint32_t bits) : bits_(bits) {}
  void each(auto&& visit) const {
    for (std::size_t i = 0; i < enum_names<E>.size(); ++i) {
      if (has(static_cast<E>(i))) visit(enum_names<E>[i]);
    }
  }
  std::uint32_t bits_ = 0;
};

}  // namespace lntpay
