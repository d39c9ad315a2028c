// Strings, lists and options of the C bindings to and from C++, for the generated from_wit.hpp and to_wit.hpp.
//
// The canonical ABI decides who frees. An export owns its arguments: `take` converts one and frees it. A result lives in malloc's
// memory until the generated `cabi_post_*` frees it, after the host has read it. A string or list of length 0 has no memory.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge/component/gen/edge.h"

namespace lntpay::component {

// ---- arguments ----

inline std::string text_from_wit(const edge_string_t& from) {
  if (from.len == 0) return {};  // the pointer may be anything then
  return {reinterpret_cast<const char*>(from.ptr), from.len};
}

/// Any of the generated lists {ptr, len}; `each` converts an element.
template <auto each, typename List>
auto list_from_wit(const List& from) {
  std::vector<decltype(each(*from.ptr))> to;
  to.reserve(from.len);
  for (std::size_t i = 0; i < from.len; ++i) to.push_back(each(from.ptr[i]));
  return to;
}

/// Any of the generated options {is_some, val}.
template <auto each, typename Option>
auto option_from_wit(const Option& from) {
  using Optional = std::optional<decltype(each(from.val))>;
  return from.is_some ? Optional{each(from.val)} : Optional{};
}

template <auto convert, typename Wit>
auto take(Wit& argument, void (*release)(Wit*)) {
  auto taken = convert(argument);
  release(&argument);
  return taken;
}

// ---- results ----

/// An instance that is out of memory traps, and the host takes a new one.
inline void* allocate(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  return memory;
}

inline void text_to_wit(std::string_view from, edge_string_t& to) {
  to = {};
  if (from.empty()) return;
  to.ptr = static_cast<std::uint8_t*>(allocate(from.size()));
  to.len = from.size();
  std::memcpy(to.ptr, from.data(), from.size());
}

template <typename Scalar>
void scalar_to_wit(Scalar from, Scalar& to) {
  to = from;
}

template <auto each, typename From, typename List>
void list_to_wit(const std::vector<From>& from, List& to) {
  to = {};
  if (from.empty()) return;
  to.ptr = static_cast<decltype(to.ptr)>(allocate(from.size() * sizeof(*to.ptr)));
  to.len = from.size();
  for (std::size_t i = 0; i < from.size(); ++i) each(from[i], to.ptr[i]);
}

template <auto each, typename From, typename Option>
void option_to_wit(const std::optional<From>& from, Option& to) {
  to = {};
  to.is_some = from.has_value();
  if (from) each(*from, to.val);
}

}  // namespace lntpay::component
