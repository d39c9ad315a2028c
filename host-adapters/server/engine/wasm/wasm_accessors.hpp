// Checked access to component values, for the generated wasm_results.cpp. Wasmtime has checked results against the component's
// type, and a component with other exports is refused at start; `Malformed` covers the rest.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "host-adapters/server/engine/wasm/wasm_values.hpp"

namespace lntpay::host::wasm_read {

/// A value of another shape than `wanted`, such as "a record".
struct Malformed {
  std::string wanted;
};

inline void expect(bool holds, const char* wanted) {
  if (!holds) throw Malformed{wanted};
}

inline std::string_view view(const wasm_name_t& name) { return {name.data, name.size}; }

inline std::string text_of(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_STRING, "a string");
  return std::string(view(value.of.string));
}

inline std::uint64_t u64_of(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_U64, "a u64");
  return value.of.u64;
}

inline std::uint32_t u32_of(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_U32, "a u32");
  return value.of.u32;
}

inline std::uint16_t u16_of(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_U16, "a u16");
  return value.of.u16;
}

inline bool boolean_of(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_BOOL, "a bool");
  return value.of.boolean;
}

/// A record's field; Wasmtime keeps them in the order of the type.
inline const WasmValue& field(const WasmValue& value, std::size_t index) {
  expect(value.kind == WASMTIME_COMPONENT_RECORD && index < value.of.record.size, "a record");
  return value.of.record.data[index].val;
}

inline const WasmValue& item(const WasmValue& value, std::size_t index) {
  expect(value.kind == WASMTIME_COMPONENT_TUPLE && index < value.of.tuple.size, "a tuple");
  return value.of.tuple.data[index];
}

template <auto each>
auto option_of(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_OPTION, "an option");
  using Optional = std::optional<decltype(each(value))>;
  return value.of.option != nullptr ? Optional{each(*value.of.option)} : Optional{};
}

template <auto each>
auto list_of(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_LIST, "a list");
  std::vector<decltype(each(value))> items;
  items.reserve(value.of.list.size);
  for (std::size_t i = 0; i < value.of.list.size; ++i) items.push_back(each(value.of.list.data[i]));
  return items;
}

struct Case {
  std::string_view which;
  const WasmValue* value;  ///< null for a case without a payload

  [[nodiscard]] const WasmValue& payload() const {
    expect(value != nullptr, "a payload");
    return *value;
  }
};

inline Case case_of(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_VARIANT, "a variant");
  return {view(value.of.variant.discriminant), value.of.variant.val};
}

}  // namespace lntpay::host::wasm_read
