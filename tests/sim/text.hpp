// Naive readers of rows and responses: the oracle shares no code with the core.
#pragma once
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lntpay::sim {

/// The fields of a row, still escaped.
inline std::vector<std::string_view> split(std::string_view row, char by = '|') {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto at = row.find(by);
    fields.push_back(row.substr(0, at));
    if (at == std::string_view::npos) return fields;
    row.remove_prefix(at + 1);
  }
}

inline std::int64_t number(std::string_view digits) {
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// The first member with that name in a JSON text: a string without its quotes, or a bare word; empty when there is none or null.
inline std::string_view member(std::string_view json, std::string_view name) {
  std::string quoted = "\"";
  quoted.append(name).append("\":");
  const auto at = json.find(quoted);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + quoted.size());
  while (json.starts_with(' ')) json.remove_prefix(1);
  if (json.starts_with('"')) return json.substr(1, json.find('"', 1) - 1);
  const auto word = json.substr(0, json.find_first_of(",}]"));
  return word == "null" ? std::string_view{} : word;
}

}  // namespace lntpay::sim
