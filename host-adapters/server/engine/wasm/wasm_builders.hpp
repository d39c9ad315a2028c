// Component values from C++ values, for the generated wasm_arguments.cpp. Nodes live in the arena; text is borrowed.
#pragma once
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "host-adapters/server/engine/wasm/wasm_values.hpp"

namespace lntpay::host::wasm_build {

inline wasm_name_t name(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

inline WasmValue of_kind(wasmtime_component_valkind_t kind) {
  WasmValue value{};
  value.kind = kind;
  return value;
}

inline WasmValue text(std::string_view from) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_STRING);
  value.of.string = name(from);
  return value;
}

/// An element of a list of strings.
inline WasmValue text_in(ValueArena& /*arena*/, std::string_view from) { return text(from); }

inline WasmValue u64(std::uint64_t number) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_U64);
  value.of.u64 = number;
  return value;
}

inline WasmValue u16(std::uint16_t number) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_U16);
  value.of.u16 = number;
  return value;
}

inline WasmValue boolean(bool flag) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_BOOL);
  value.of.boolean = flag;
  return value;
}

inline WasmValue enumeration(std::string_view which) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_ENUM);
  value.of.enumeration = name(which);
  return value;
}

inline WasmValue* boxed(ValueArena& arena, const WasmValue& value) {
  WasmValue* box = arena.values(1);
  *box = value;
  return box;
}

/// A case without a payload.
inline WasmValue variant(std::string_view which) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_VARIANT);
  value.of.variant = {name(which), nullptr};
  return value;
}

inline WasmValue variant(ValueArena& arena, std::string_view which, const WasmValue& payload) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_VARIANT);
  value.of.variant = {name(which), boxed(arena, payload)};
  return value;
}

template <auto each, class Item>
WasmValue option(ValueArena& arena, const std::optional<Item>& item) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_OPTION);
  if (item) value.of.option = boxed(arena, each(arena, *item));
  return value;
}

template <auto each, class Item>
WasmValue list(ValueArena& arena, const std::vector<Item>& items) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_LIST);
  value.of.list = {items.size(), arena.values(items.size())};
  for (std::size_t i = 0; i < items.size(); ++i) value.of.list.data[i] = each(arena, items[i]);
  return value;
}

inline WasmValue tuple(ValueArena& arena, std::initializer_list<WasmValue> items) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_TUPLE);
  value.of.tuple = {items.size(), arena.values(items.size())};
  std::size_t i = 0;
  for (const WasmValue& item : items) value.of.tuple.data[i++] = item;
  return value;
}

struct Field {
  std::string_view name;
  WasmValue value;
};

inline WasmValue record(ValueArena& arena, std::initializer_list<Field> fields) {
  WasmValue value = of_kind(WASMTIME_COMPONENT_RECORD);
  value.of.record = {fields.size(), arena.fields(fields.size())};
  std::size_t i = 0;
  for (const Field& field : fields) value.of.record.data[i++] = {name(field.name), field.value};
  return value;
}

}  // namespace lntpay::host::wasm_build
