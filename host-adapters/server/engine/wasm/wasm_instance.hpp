// An engine instance in Wasmtime: a store of its own, a memory limit, a deadline for every call.
#pragma once
#include <memory>
#include <string>

#include "host-adapters/common/instance.hpp"
#include "host-adapters/server/engine/wasm/wasm_engine.hpp"

namespace lntpay::host {

/// Creates wasm instances, each configured with `engine_config`.
MakeInstance wasm_instances(std::shared_ptr<const WasmEngine> engine, std::string engine_config);

}  // namespace lntpay::host
