// Making the process-wide engine: configuration, compiled code on disk, export indices, the epoch ticker.
#include "host-adapters/server/engine/wasm/wasm_engine.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "host-adapters/server/ops/private_file.hpp"

namespace lntpay::host {
namespace {

constexpr std::string_view interface_name = "lntpay:edge/engine@0.1.0";
constexpr std::array<std::string_view, 4> export_names{"configure", "begin", "resume", "abandon"};

wasm_engine_t* make_engine(const WasmLimits& limits) {
  wasm_config_t* config = wasm_config_new();
  wasmtime_config_epoch_interruption_set(config, true);
  wasmtime_config_wasm_component_model_async_set(config, false);
  wasmtime_config_concurrency_support_set(config, false);
  wasmtime_config_gc_support_set(config, false);
  std::unique_ptr<wasmtime_pooling_allocation_config_t, WasmDelete<wasmtime_pooling_allocation_config_delete>> pool(
      wasmtime_pooling_allocation_config_new());
  // A component has the engine's core module and up to three small ones of glue; only the first has a memory.
  wasmtime_pooling_allocation_config_total_component_instances_set(pool.get(), limits.instances_max);
  wasmtime_pooling_allocation_config_total_core_instances_set(pool.get(), limits.instances_max * 4);
  wasmtime_pooling_allocation_config_total_memories_set(pool.get(), limits.instances_max);
  wasmtime_pooling_allocation_config_total_tables_set(pool.get(), limits.instances_max * 2);
  wasmtime_pooling_allocation_config_max_memory_size_set(pool.get(), limits.memory_bytes_max);
  wasmtime_pooling_allocation_strategy_set(config, pool.get());
  return wasm_engine_new_with_config(config);
}

std::expected<std::string, std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected("cannot read " + path.string());
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// Whether the file exists and only this user can have written it: compiled code is trusted.
bool is_own_file(const std::filesystem::path& path) {
  struct stat about{};
  return stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() && check_private_file(path);
}

/// Names of cached code files.
constexpr std::string_view code_prefix = "engine-";
constexpr std::string_view code_suffix = ".cwasm";

/// Deletes the code of other components.
void remove_old_code(const std::filesystem::path& kept) {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(kept.parent_path(), ignored)) {
    const auto name = file.path().filename().string();
    if (name.starts_with(code_prefix) && name.ends_with(code_suffix) && file.path() != kept) {
      std::filesystem::remove(file.path(), ignored);
    }
  }
}

/// Writes the code to the cache. Where the folder cannot be written, the next start compiles again.
void store_code(const wasmtime_component_t* component, const std::filesystem::path& path) {
  wasm_byte_vec_t code{};
  if (auto* error = wasmtime_component_serialize(component, &code)) {
    wasmtime_error_delete(error);
    return;
  }
  const auto unfinished = path.string() + "." + std::to_string(getpid());
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file.write(code.data, static_cast<std::streamsize>(code.size));
  file.close();
  wasm_byte_vec_delete(&code);
  std::error_code ignored;
  chmod(unfinished.c_str(), 0600);
  if (file) std::filesystem::rename(unfinished, path, ignored);
  if (!file || ignored) std::filesystem::remove(unfinished, ignored);
  remove_old_code(path);
}

}  // namespace

std::string take_message(wasmtime_error_t* error) {
  wasm_name_t text{};
  wasmtime_error_message(error, &text);
  std::string message(text.data, text.size);
  wasm_name_delete(&text);
  wasmtime_error_delete(error);
  return message;
}

EpochTicker::EpochTicker(wasm_engine_t* engine)
    : thread_([this, engine] {
        std::unique_lock lock(mutex_);
        while (!ending_.wait_for(lock, period_ms, [this] { return ended_; })) wasmtime_engine_increment_epoch(engine);
      }) {}

EpochTicker::~EpochTicker() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ending_.notify_one();
  thread_.join();
}

WasmEngine::WasmEngine(const WasmLimits& limits) : limits_(limits), engine_(make_engine(limits)) {}

WasmEngine::~WasmEngine() = default;

std::expected<std::shared_ptr<const WasmEngine>, std::string> WasmEngine::load(const std::filesystem::path& component,
                                                                               const std::filesystem::path& cache_dir,
                                                                               const WasmLimits& limits) {
  const auto bytes = read_file(component);
  if (!bytes) return std::unexpected(bytes.error());
  std::shared_ptr<WasmEngine> made(new WasmEngine(limits));
  if (!made->engine_) {
    return std::unexpected(
        "Wasmtime could not reserve its address space: raise the limit on virtual memory (ulimit -v), or lower the number of "
        "instances");
  }
  if (auto loaded = made->load_code(*bytes, cache_dir); !loaded) return std::unexpected(component.string() + ": " + loaded.error());
  if (auto found = made->find_exports(); !found) return std::unexpected(component.string() + ": " + found.error());
  made->ticker_ = std::make_unique<EpochTicker>(made->engine_.get());
  return made;
}

std::uint64_t WasmEngine::call_ticks() const { return static_cast<std::uint64_t>(limits_.call_time_max / EpochTicker::period_ms); }

std::expected<void, std::string> WasmEngine::load_code(const std::string& bytes, const std::filesystem::path& cache_dir) {
  const auto path = cache_dir / (std::string(code_prefix) + hex(sha256(bytes_of(bytes))) + "-wasmtime-" WASMTIME_VERSION +
                                 std::string(code_suffix));
  wasmtime_component_t* component = nullptr;
  if (is_own_file(path)) {
    if (auto* error = wasmtime_component_deserialize_file(engine_.get(), path.c_str(), &component)) wasmtime_error_delete(error);
  }
  if (component == nullptr) {
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    if (auto* error = wasmtime_component_new(engine_.get(), data, bytes.size(), &component))
      return std::unexpected(take_message(error));
    store_code(component, path);
  }
  component_.reset(component);
  return {};
}

std::expected<void, std::string> WasmEngine::find_exports() {
  const std::unique_ptr<wasmtime_component_type_t, WasmDelete<wasmtime_component_type_delete>> type(
      wasmtime_component_type(component_.get()));
  if (wasmtime_component_type_import_count(type.get(), engine_.get()) != 0) {
    return std::unexpected(
        "the component has imports, but the engine component has none: pass this version's lntpay.wasm with --component");
  }
  const decltype(exports_)::value_type interface(
      wasmtime_component_get_export_index(component_.get(), nullptr, interface_name.data(), interface_name.size()));
  if (!interface) {
    return std::unexpected("it does not export " + std::string(interface_name) +
                           ": pass this version's lntpay.wasm with --component");
  }
  for (std::size_t i = 0; i < exports_.size(); ++i) {
    exports_[i].reset(
        wasmtime_component_get_export_index(component_.get(), interface.get(), export_names[i].data(), export_names[i].size()));
    if (!exports_[i]) {
      return std::unexpected("it does not export the function " + std::string(export_names[i]) +
                             ": pass this version's lntpay.wasm with --component");
    }
  }
  linker_.reset(wasmtime_component_linker_new(engine_.get()));
  return {};
}

}  // namespace lntpay::host
