// Finding a header of which a request must have only one line.
#pragma once
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "core/storage/effect.hpp"

namespace lntpay {

struct HeaderLine {
  std::optional<std::string_view> value;  ///< nullopt if there is no line, or several
  bool several = false;
};

/// `name` is lower case. The view is valid as long as `headers`.
inline HeaderLine only_line(const std::vector<Header>& headers, std::string_view name) {
  const auto line = std::ranges::find(headers, name, &Header::name);
  if (line == headers.end()) return {};
  if (std::ranges::contains(line + 1, headers.end(), name, &Header::name)) return {.several = true};
  return {.value = line->value};
}

}  // namespace lntpay
