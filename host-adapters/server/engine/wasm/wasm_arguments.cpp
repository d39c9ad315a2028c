// Contract types to component values: the arguments of a call.
#include <algorithm>
#include <cstring>

#include "core/base/overload.hpp"
#include "host-adapters/server/engine/wasm/wasm_values.hpp"

namespace lntpay::host {
namespace {

wasm_name_t name(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }

WasmValue u16(std::uint16_t number) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_U16;
  value.of.u16 = number;
  return value;
}

WasmValue boolean(bool flag) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_BOOL;
  value.of.boolean = flag;
  return value;
}

WasmValue variant(std::string_view which, WasmValue* payload = nullptr) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_VARIANT;
  value.of.variant = {name(which), payload};
  return value;
}

WasmValue boxed_variant(ValueArena& arena, std::string_view which, const WasmValue& payload) {
  WasmValue* box = arena.values(1);
  *box = payload;
  return variant(which, box);
}

template <class Items, class Convert>
WasmValue list(ValueArena& arena, const Items& items, Convert convert) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_LIST;
  value.of.list = {items.size(), arena.values(items.size())};
  std::size_t i = 0;
  for (const auto& item : items) value.of.list.data[i++] = convert(item);
  return value;
}

template <class... Values>
WasmValue tuple(ValueArena& arena, const Values&... values) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_TUPLE;
  value.of.tuple = {sizeof...(values), arena.values(sizeof...(values))};
  std::size_t i = 0;
  ((value.of.tuple.data[i++] = values), ...);
  return value;
}

struct Field {
  std::string_view name;
  WasmValue value;
};

WasmValue record(ValueArena& arena, std::initializer_list<Field> fields) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_RECORD;
  value.of.record = {fields.size(), arena.fields(fields.size())};
  std::size_t i = 0;
  for (const Field& field : fields) value.of.record.data[i++] = {name(field.name), field.value};
  return value;
}

WasmValue headers(ValueArena& arena, const std::vector<Header>& all) {
  return list(arena, all, [&](const Header& header) { return tuple(arena, wasm_text(header.name), wasm_text(header.value)); });
}

WasmValue request(ValueArena& arena, const Request& from) {
  return record(arena, {{"method", wasm_text(from.method)},
                        {"target", wasm_text(from.target)},
                        {"headers", headers(arena, from.headers)},
                        {"body", wasm_text(from.body)},
                        {"client", wasm_text(from.client)}});
}

WasmValue response(ValueArena& arena, const Response& from) {
  return record(arena, {{"status", u16(from.status)}, {"headers", headers(arena, from.headers)}, {"body", wasm_text(from.body)}});
}

WasmValue entry(ValueArena& arena, const Entry& from) {
  return record(arena, {{"key", wasm_text(from.key)}, {"value", wasm_text(from.value)}, {"version", wasm_u64(from.version)}});
}

WasmValue optional_entry(ValueArena& arena, const std::optional<Entry>& from) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_OPTION;
  if (from) {
    value.of.option = arena.values(1);
    *value.of.option = entry(arena, *from);
  }
  return value;
}

WasmValue refusal(Refusal why) {
  static constexpr std::string_view names[] = {"malformed",         "not-utf8", "timed-out",  "body-too-large", "target-too-long",
                                               "headers-too-large", "coding",   "overloaded", "storage-down",   "engine-lost"};
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_ENUM;
  value.of.enumeration = name(names[static_cast<std::size_t>(why)]);
  return value;
}

WasmValue reply(ValueArena& arena, const Reply& from) {
  return std::visit(
      Overload{
          [&](const Entries& r) {
            return boxed_variant(arena, "entries", list(arena, r.entries, [&](const auto& e) { return optional_entry(arena, e); }));
          },
          [&](const Scanned& r) {
            return boxed_variant(arena, "scanned", list(arena, r.entries, [&](const auto& e) { return entry(arena, e); }));
          },
          [&](const Committed&) { return variant("committed"); },
          [&](const Conflict&) { return variant("conflict"); },
          [&](const Unknown& r) { return boxed_variant(arena, "unknown", wasm_text(r.reason)); },
          [&](const Failed& r) { return boxed_variant(arena, "failed", wasm_text(r.reason)); },
          [&](const Answered& r) { return boxed_variant(arena, "answered", response(arena, r.response)); },
          [&](const Broken& r) {
            return boxed_variant(arena, "broken", tuple(arena, response(arena, r.response), wasm_text(r.reason)));
          },
          [&](const NotSent& r) { return boxed_variant(arena, "not-sent", wasm_text(r.reason)); },
          [&](const NoAnswer& r) { return boxed_variant(arena, "no-answer", wasm_text(r.reason)); },
          [&](const Woken&) { return variant("woken"); },
      },
      from);
}

}  // namespace

WasmValue wasm_text(std::string_view text) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_STRING;
  value.of.string = name(text);
  return value;
}

WasmValue wasm_u64(std::uint64_t number) {
  WasmValue value{};
  value.kind = WASMTIME_COMPONENT_U64;
  value.of.u64 = number;
  return value;
}

WasmValue wasm_moment(ValueArena& arena, const Moment& at) {
  const auto& e = at.entropy;
  return record(arena, {{"now-ms", wasm_u64(at.now.value)},
                        {"entropy", tuple(arena, wasm_u64(e[0]), wasm_u64(e[1]), wasm_u64(e[2]), wasm_u64(e[3]))}});
}

WasmValue wasm_input(ValueArena& arena, const Input& from) {
  return std::visit(Overload{
                        [&](const input::Http& i) { return boxed_variant(arena, "http", request(arena, i.request)); },
                        [&](const input::Gate& i) { return boxed_variant(arena, "gate", request(arena, i.request)); },
                        [&](const input::Redeemed& i) {
                          return boxed_variant(arena, "redeemed", tuple(arena, wasm_text(i.redemption), boolean(i.served)));
                        },
                        [&](const input::Refused& i) { return boxed_variant(arena, "refused", refusal(i.why)); },
                        [&](const input::Wake& i) { return boxed_variant(arena, "wake", wasm_text(i.shard)); },
                        [&](const input::Task& i) { return boxed_variant(arena, "task", wasm_text(i.key)); },
                        [&](const input::NodeEvents& i) {
                          return boxed_variant(arena, "node-events",
                                               list(arena, i.lines, [](const auto& line) { return wasm_text(line); }));
                        },
                        [&](const input::NodeStreamClosed&) { return variant("node-stream-closed"); },
                    },
                    from);
}

WasmValue wasm_replies(ValueArena& arena, const std::vector<Reply>& replies) {
  return list(arena, replies, [&](const Reply& from) { return reply(arena, from); });
}

WasmValue* ValueArena::values(std::size_t count) { return static_cast<WasmValue*>(take(count * sizeof(WasmValue))); }

wasmtime_component_valrecord_entry_t* ValueArena::fields(std::size_t count) {
  return static_cast<wasmtime_component_valrecord_entry_t*>(take(count * sizeof(wasmtime_component_valrecord_entry_t)));
}

void ValueArena::reset() { block_ = used_ = 0; }

void* ValueArena::take(std::size_t bytes) {
  static constexpr std::size_t block_bytes_min = 16 * 1024;
  while (block_ < blocks_.size() && used_ + bytes > blocks_[block_].bytes) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const std::size_t size = std::max(bytes, block_bytes_min);
    blocks_.push_back({std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1), size});
  }
  auto* start = reinterpret_cast<std::byte*>(blocks_[block_].memory.get()) + used_;
  used_ += (bytes + alignof(std::max_align_t) - 1) / alignof(std::max_align_t) * alignof(std::max_align_t);
  std::memset(start, 0, bytes);
  return start;
}

}  // namespace lntpay::host
