// The kinds of rows, by the shape of their keys: the table of docs/formats.md, "Keys". Each has the rules of its rows.
#pragma once
#include <string_view>
#include <vector>

#include "core/store_check/row_check.hpp"

namespace lntpay {

struct RowKind {
  std::string_view name;  ///< for people: "charge"
  /// The key. "{tenant}" and "{shard}" are parsed; any other name in braces is one part that the rules read.
  std::string_view shape;
  void (*check)(RowCheck&);
};

struct FoundKind {
  const RowKind* kind = nullptr;  ///< null: no kind has such a key
  std::optional<TenantScope> tenant{};
  std::vector<std::string_view> names{};  ///< into the key
};
FoundKind kind_of(std::string_view key);

/// Rows with a key that begins with "~": hosts may lose them at any time, and nothing depends on them.
inline constexpr std::string_view volatile_kind = "volatile";

}  // namespace lntpay
