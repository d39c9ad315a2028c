// Calls into the component. After an error the store is dropped: Wasmtime permits no further call into such an instance.
#include "host-adapters/server/engine/wasm/wasm_instance.hpp"

#include <array>
#include <span>
#include <utility>

#include "host-adapters/server/engine/wasm/wasm_values.hpp"

namespace lntpay::host {
namespace {

/// Owns a returned value and everything in it.
struct Result {
  WasmValue value{};
  Result() = default;
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;
  ~Result() { wasmtime_component_val_delete(&value); }
};

class WasmInstance final : public Instance {
 public:
  explicit WasmInstance(std::shared_ptr<const WasmEngine> engine) : engine_(std::move(engine)) {}

  std::expected<void, std::string> start(std::string_view config) {
    store_.reset(wasmtime_store_new(engine_->engine(), nullptr, nullptr));
    wasmtime_store_limiter(store_.get(), static_cast<std::int64_t>(engine_->limits().memory_bytes_max), -1, -1, -1, -1);
    context_ = wasmtime_store_context(store_.get());
    wasmtime_context_set_epoch_deadline(context_, engine_->call_ticks());
    wasmtime_component_instance_t instance{};
    if (auto* error = wasmtime_component_linker_instantiate(engine_->linker(), context_, engine_->component(), &instance))
      return std::unexpected(take_message(error));
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      const auto* index = engine_->index(static_cast<WasmEngine::Export>(i));
      if (!wasmtime_component_instance_get_func(&instance, context_, index, &functions_[i]))
        return std::unexpected("an export of the component is not a function");
    }
    const std::array arguments{wasm_text(config)};
    Result result;
    if (auto called = call(WasmEngine::Export::configure, arguments, &result.value); !called)
      return std::unexpected(called.error().reason);
    return read_result(result.value);
  }

  std::expected<Step, Trap> begin(const Moment& at, Input input) override {
    const std::array arguments{wasm_moment(arena_, at), wasm_input(arena_, input)};
    return step(WasmEngine::Export::begin, arguments);
  }

  std::expected<Step, Trap> resume(std::uint64_t session, const Moment& at, std::vector<Reply> replies) override {
    const std::array arguments{wasm_u64(session), wasm_moment(arena_, at), wasm_replies(arena_, replies)};
    return step(WasmEngine::Export::resume, arguments);
  }

  std::expected<void, Trap> abandon(std::uint64_t session) override {
    const std::array arguments{wasm_u64(session)};
    return call(WasmEngine::Export::abandon, arguments, nullptr);
  }

 private:
  std::expected<Step, Trap> step(WasmEngine::Export which, std::span<const WasmValue> arguments) {
    Result result;
    if (auto called = call(which, arguments, &result.value); !called) return std::unexpected(called.error());
    auto read = read_step(result.value);
    if (!read) return std::unexpected(Trap{read.error()});
    return std::move(*read);
  }

  std::expected<void, Trap> call(WasmEngine::Export which, std::span<const WasmValue> arguments, WasmValue* result) {
    wasmtime_context_set_epoch_deadline(context_, engine_->call_ticks());
    auto* error = wasmtime_component_func_call(&functions_[static_cast<std::size_t>(which)], context_, arguments.data(),
                                               arguments.size(), result, result == nullptr ? 0 : 1);
    arena_.reset();
    if (error != nullptr) return std::unexpected(Trap{take_message(error)});
    return {};
  }

  std::shared_ptr<const WasmEngine> engine_;
  std::unique_ptr<wasmtime_store_t, WasmDelete<wasmtime_store_delete>> store_;
  wasmtime_context_t* context_ = nullptr;
  std::array<wasmtime_component_func_t, 4> functions_{};
  ValueArena arena_;
};

}  // namespace

MakeInstance wasm_instances(std::shared_ptr<const WasmEngine> engine, std::string engine_config) {
  return
      [engine = std::move(engine), config = std::move(engine_config)]() -> std::expected<std::unique_ptr<Instance>, std::string> {
        auto instance = std::make_unique<WasmInstance>(engine);
        if (auto started = instance->start(config); !started) return std::unexpected(started.error());
        return instance;
      };
}

}  // namespace lntpay::host
