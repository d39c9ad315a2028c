// Component values to contract types: what a call returned. Wasmtime has checked the values against the component's type,
// and the component is refused at start when its exports are not the contract's; `Malformed` guards what is left.
#include "host-adapters/server/engine/wasm/wasm_values.hpp"

namespace lntpay::host {
namespace {

struct Malformed {
  std::string what;
};

void expect(bool holds, const char* what) {
  if (!holds) throw Malformed{what};
}

std::string_view view(const wasm_name_t& name) { return {name.data, name.size}; }

std::string text(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_STRING, "a string");
  return std::string(view(value.of.string));
}

std::uint64_t u64(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_U64, "a u64");
  return value.of.u64;
}

std::uint32_t u32(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_U32, "a u32");
  return value.of.u32;
}

std::uint16_t u16(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_U16, "a u16");
  return value.of.u16;
}

bool boolean(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_BOOL, "a bool");
  return value.of.boolean;
}

const WasmValue& field(const WasmValue& value, std::size_t index) {
  expect(value.kind == WASMTIME_COMPONENT_RECORD && index < value.of.record.size, "a record");
  return value.of.record.data[index].val;
}

const WasmValue& item(const WasmValue& value, std::size_t index) {
  expect(value.kind == WASMTIME_COMPONENT_TUPLE && index < value.of.tuple.size, "a tuple");
  return value.of.tuple.data[index];
}

const WasmValue* option(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_OPTION, "an option");
  return value.of.option;
}

template <class Convert>
auto list(const WasmValue& value, Convert convert) {
  expect(value.kind == WASMTIME_COMPONENT_LIST, "a list");
  std::vector<decltype(convert(value))> items;
  items.reserve(value.of.list.size);
  for (std::size_t i = 0; i < value.of.list.size; ++i) items.push_back(convert(value.of.list.data[i]));
  return items;
}

struct Case {
  std::string_view which;
  const WasmValue* payload;
  const WasmValue& get() const {
    expect(payload != nullptr, "a payload");
    return *payload;
  }
};

Case variant(const WasmValue& value) {
  expect(value.kind == WASMTIME_COMPONENT_VARIANT, "a variant");
  return {view(value.of.variant.discriminant), value.of.variant.val};
}

std::vector<Header> headers(const WasmValue& value) {
  return list(value, [](const WasmValue& v) { return Header{text(item(v, 0)), text(item(v, 1))}; });
}

Response response(const WasmValue& value) { return {u16(field(value, 0)), headers(field(value, 1)), text(field(value, 2))}; }

Check check(const WasmValue& value) {
  const WasmValue* version = option(field(value, 1));
  return {text(field(value, 0)), version ? std::optional(u64(*version)) : std::nullopt};
}

Op op(const WasmValue& value) {
  const Case c = variant(value);
  if (c.which == "put") return Put{text(item(c.get(), 0)), text(item(c.get(), 1))};
  expect(c.which == "delete", "an op");
  return Delete{text(c.get())};
}

Outgoing outgoing(const WasmValue& value) {
  return {.upstream = text(field(value, 0)),
          .method = text(field(value, 1)),
          .target = text(field(value, 2)),
          .headers = headers(field(value, 3)),
          .body = text(field(value, 4)),
          .timeout_ms = u32(field(value, 5)),
          .lines = u32(field(value, 6)),
          .once = boolean(field(value, 7)),
          .body_limit = u32(field(value, 8))};
}

Effect effect(const WasmValue& value) {
  const Case c = variant(value);
  if (c.which == "get") return Get{list(c.get(), text)};
  if (c.which == "scan")
    return Range{text(field(c.get(), 0)), text(field(c.get(), 1)), u32(field(c.get(), 2)), boolean(field(c.get(), 3))};
  if (c.which == "commit") return Commit{list(field(c.get(), 0), check), list(field(c.get(), 1), op)};
  if (c.which == "fetch") return outgoing(c.get());
  expect(c.which == "wait", "an effect");
  return WaitFor{list(field(c.get(), 0), check), UnixMillis{u64(field(c.get(), 1))}};
}

Outcome outcome(const WasmValue& value) {
  Outcome out;
  if (const WasmValue* v = option(field(value, 0))) out.response = response(*v);
  if (const WasmValue* v = option(field(value, 1))) out.pass = text(*v);
  out.tasks = list(field(value, 2), text);
  out.wake = list(field(value, 3), [](const WasmValue& v) { return WakeAt{text(item(v, 0)), UnixMillis{u64(item(v, 1))}}; });
  if (const WasmValue* v = option(field(value, 4))) out.subscribe = outgoing(*v);
  out.log = list(field(value, 5), text);
  out.log = list(field(value, 5), text);
  return out;
}

}  // namespace

std::expected<Step, std::string> read_step(const WasmValue& value) try {
  const Case c = variant(value);
  if (c.which == "done") return outcome(c.get());
  expect(c.which == "ask", "a step");
  return Ask{u64(item(c.get(), 0)), list(item(c.get(), 1), effect)};
} catch (const Malformed& m) {
  return std::unexpected("the component returned something else than " + m.what);
}

std::expected<void, std::string> read_result(const WasmValue& value) {
  if (value.kind != WASMTIME_COMPONENT_RESULT) return std::unexpected("the component returned something else than a result");
  if (value.of.result.is_ok) return {};
  const WasmValue* why = value.of.result.val;
  if (why == nullptr || why->kind != WASMTIME_COMPONENT_STRING) return std::unexpected("refused without a reason");
  return std::unexpected(std::string(view(why->of.string)));
}

}  // namespace lntpay::host
