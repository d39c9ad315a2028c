// Strict reader of JSON, for requests and for responses of upstreams. The text is UTF-8 already (the host checks); nlohmann_json's
// scanner reads it once, without recursion, and stops at the first violation.
//
// Rejected beyond RFC 8259: nesting deeper than 32, more than 1,000 members and items in all, duplicate member names, a lone
// surrogate, U+0000, a byte order mark, a number longer than 40 characters.
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

/// A parsed value.
struct Json {
  enum class Kind : std::uint8_t { null, boolean, number, text, object, array };
  struct Member;

  Kind kind = Kind::null;
  bool flag = false;
  /// text: decoded; number, object, array: the exact source text.
  std::string text{};
  std::vector<Member> members{};  ///< of an object, in source order
  std::vector<Json> items{};      ///< of an array

  /// The member of that name; nullptr if there is none.
  [[nodiscard]] const Json* find(std::string_view name) const;
  /// The value of a number written as digits only; nullopt for a sign, fraction or exponent (`-1`, `1.0`, `1e3`).
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

/// Fails with invalid_request; the message gives the reason and the byte. Objects and arrays deeper than `kept_depth` are checked
/// but kept without their contents, which do not count towards `values_max`: long responses of a node cost little when only the
/// outer members are needed.
Result<Json> read_json(std::string_view text, std::size_t kept_depth = json_depth_max, std::size_t values_max = json_values_max);

}  // namespace lntpay
