// The parts of wasm_values.hpp that are not generated: the arena, and results as std::expected.
#include "host-adapters/server/engine/wasm/wasm_values.hpp"

#include <algorithm>
#include <cstring>

#include "host-adapters/server/engine/wasm/wasm_accessors.hpp"
#include "host-adapters/server/engine/wasm/wasm_builders.hpp"

namespace lntpay::host {

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

WasmValue wasm_text(std::string_view text) { return wasm_build::text(text); }

WasmValue wasm_u64(std::uint64_t number) { return wasm_build::u64(number); }

WasmValue wasm_replies(ValueArena& arena, const std::vector<Reply>& replies) {
  return wasm_build::list<wasm_reply>(arena, replies);
}

std::expected<Step, std::string> read_step(const WasmValue& value) try {
  return step_of(value);
} catch (const wasm_read::Malformed& malformed) {
  return std::unexpected("the component returned something other than " + malformed.wanted);
}

std::expected<void, std::string> read_result(const WasmValue& value) {
  if (value.kind != WASMTIME_COMPONENT_RESULT) return std::unexpected("the component returned something other than a result");
  if (value.of.result.is_ok) return {};
  const WasmValue* why = value.of.result.val;
  if (why == nullptr || why->kind != WASMTIME_COMPONENT_STRING)
    return std::unexpected("the component returned no reason for its error");
  return std::unexpected(std::string(wasm_read::view(why->of.string)));
}

}  // namespace lntpay::host
