// Reading JSON, a request's or an answer's, strictly. The text is UTF-8 already (the host checks); nlohmann_json's scanner walks it
// once, without recursion, and what it may not hold is refused where it shows up.
//
// Refused beside what RFC 8259 refuses: nesting deeper than 32, more than 1,000 members and items in all, a member named twice,
// a lone surrogate, U+0000, a byte order mark, a number longer than 40 characters, anything after the value.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace lntpay {

inline constexpr std::size_t json_depth_max = 32;
inline constexpr std::size_t json_values_max = 1'000;
inline constexpr std::size_t json_number_size_max = 40;

/// A value that was read.
struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, text, object, array };
  struct Member;

  Kind kind = Kind::null;
  bool flag = false;
  /// text: decoded; number, object, array: the exact part of the request.
  std::string text{};
  std::vector<Member> members{};  ///< of an object, in the order that they came
  std::vector<Json> items{};      ///< of an array

  /// The member of that name; nullptr without.
  [[nodiscard]] const Json* find(std::string_view name) const;
  /// A number written as digits only, without sign, fraction or exponent: `1.0`, `1e3` and `-1` are none.
  [[nodiscard]] std::optional<std::uint64_t> whole() const;
};

struct Json::Member {
  std::string name;
  Json value;
};

inline const Json* Json::find(std::string_view name) const {
  for (const auto& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

/// Fails with invalid_request; the message says what is wrong and at which byte. Of objects and arrays deeper than `kept_depth`
/// only the kind is kept: what they hold must be JSON all the same, but is neither kept nor counted, so that long answers of a node
/// cost little where only their first members are asked for. `values_max` is for the one answer of a node that is long by nature.
Result<Json> read_json(std::string_view text, std::size_t kept_depth = json_depth_max, std::size_t values_max = json_values_max);

}  // namespace lntpay
