// JSON values to and from C++, for the generated contract_json.cpp. A value of another shape traps.
#pragma once
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "edge/component/json/contract_json.hpp"

namespace lntpay::component::json_values {

using nlohmann::json;

// ---- in ----

inline const std::string& text(const json& from) { return from.get_ref<const std::string&>(); }

/// A u64, as decimal text.
inline std::uint64_t number(const json& from) { return number_from(text(from)); }

template <class Scalar>
Scalar scalar(const json& from) {
  return from.get<Scalar>();
}

template <auto each>
auto list(const json& from) {
  std::vector<std::remove_cvref_t<decltype(each(from))>> to;
  to.reserve(from.size());
  for (const auto& item : from) to.push_back(each(item));
  return to;
}

/// null is none.
template <auto each>
auto option(const json& from) {
  using Optional = std::optional<std::remove_cvref_t<decltype(each(from))>>;
  return from.is_null() ? Optional{} : Optional{each(from)};
}

/// A variant's "val"; for a case without one the variant itself, which is not read.
inline const json& payload(const json& variant) { return variant.contains("val") ? variant.at("val") : variant; }

template <std::size_t size>
std::size_t index_in(const std::array<std::string_view, size>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) __builtin_trap();
  return static_cast<std::size_t>(found - names.begin());
}

// ---- out ----

template <auto each, class Item>
json array_of(const std::vector<Item>& from) {
  auto to = json::array();
  for (const auto& item : from) to.push_back(each(item));
  return to;
}

inline json variant(const char* tag, json val) { return json::object({{"tag", tag}, {"val", std::move(val)}}); }

}  // namespace lntpay::component::json_values
