// Reading a record whose damage stops nothing else.
#pragma once
#include <optional>
#include <string_view>
#include <utility>

#include "core/tenant/context.hpp"

namespace lntpay {

/// The record of a row that must be there. nullopt, with an alarm that has its key: the row is missing, cannot be read from the
/// store, or is not a T.
template <class T>
std::optional<Stored<T>> readable(Context& cx, std::string_view key, Result<std::optional<Entry>> row) {
  auto record = row && *row ? from_row<T>(**row) : Result<T>(damaged_row(key));
  if (record) return Stored<T>{std::move(*record), std::move(**row)};
  cx.alarms.push_back(record.error().message);
  return std::nullopt;
}

}  // namespace lntpay
