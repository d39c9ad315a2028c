// The contract's types as component values of Wasmtime's C API. The conversions are generated (gen/); this is their interface.
//
// Arguments are borrowed: the values point into the C++ objects and into an arena, and Wasmtime copies what it needs during
// the call. That is a third faster than values that own their memory.
#pragma once
#include <wasmtime.h>

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

using WasmValue = wasmtime_component_val_t;

/// Memory for the nodes of one call's arguments; `reset` makes it available again without returning it to the system.
class ValueArena {
 public:
  /// Zeroed nodes at an address that is stable until `reset`.
  WasmValue* values(std::size_t count);
  wasmtime_component_valrecord_entry_t* fields(std::size_t count);
  void reset();

 private:
  void* take(std::size_t bytes);

  struct Block {
    std::unique_ptr<std::max_align_t[]> memory;
    std::size_t bytes = 0;
  };
  std::vector<Block> blocks_;
  std::size_t block_ = 0;
  std::size_t used_ = 0;
};

/// The string must outlive the call, and so must every object below.
WasmValue wasm_text(std::string_view text);
WasmValue wasm_u64(std::uint64_t number);
WasmValue wasm_moment(ValueArena& arena, const Moment& from);
WasmValue wasm_input(ValueArena& arena, const Input& from);
WasmValue wasm_reply(ValueArena& arena, const Reply& from);
WasmValue wasm_replies(ValueArena& arena, const std::vector<Reply>& replies);

/// A step that `begin` or `resume` returned. Throws `wasm_read::Malformed` where the value has another shape.
Step step_of(const WasmValue& value);
/// The same without exceptions; the error names the part that differs from wit/edge.wit.
std::expected<Step, std::string> read_step(const WasmValue& value);
/// A `result<_, string>`: nothing, or the component's error text.
std::expected<void, std::string> read_result(const WasmValue& value);

}  // namespace lntpay::host
