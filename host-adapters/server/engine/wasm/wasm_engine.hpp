// Wasmtime for this process: compiled once, instances from a pool, every call under a deadline.
#pragma once
#include <wasmtime.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace lntpay::host {

template <auto Delete>
struct WasmDelete {
  template <class T>
  void operator()(T* object) const {
    Delete(object);
  }
};

/// The message of an error, which is deleted.
std::string take_message(wasmtime_error_t* error);

struct WasmLimits {
  std::uint32_t instances_max = 4;
  std::uint64_t memory_bytes_max = 512ULL << 20;
  std::chrono::milliseconds call_time_max{2'000};
};

/// Increments Wasmtime's epoch periodically; call deadlines are counted in epochs.
class EpochTicker {
 public:
  explicit EpochTicker(wasm_engine_t* engine);
  ~EpochTicker();
  EpochTicker(const EpochTicker&) = delete;
  EpochTicker& operator=(const EpochTicker&) = delete;

  static constexpr std::chrono::milliseconds period_ms{50};

 private:
  std::mutex mutex_;
  std::condition_variable ending_;
  bool ended_ = false;
  std::thread thread_;
};

/// The compiled engine component with the indices of its exports. Shared by all instances of the process; thread-safe after
/// construction.
class WasmEngine {
 public:
  enum class Export : std::uint8_t { configure, begin, resume, abandon };

  /// Compiles `component`, or loads its compiled code from `cache_dir`, where it is stored under the SHA-256 of the component and
  /// Wasmtime's version. Write access to `cache_dir` permits running code in this process: it must belong to the operator.
  /// Refuses a component that has any import or lacks an export of the contract.
  static std::expected<std::shared_ptr<const WasmEngine>, std::string> load(const std::filesystem::path& component,
                                                                            const std::filesystem::path& cache_dir,
                                                                            const WasmLimits& limits);
  ~WasmEngine();
  WasmEngine(const WasmEngine&) = delete;
  WasmEngine& operator=(const WasmEngine&) = delete;

  [[nodiscard]] wasm_engine_t* engine() const { return engine_.get(); }
  [[nodiscard]] const wasmtime_component_t* component() const { return component_.get(); }
  [[nodiscard]] const wasmtime_component_linker_t* linker() const { return linker_.get(); }
  [[nodiscard]] const wasmtime_component_export_index_t* index(Export which) const {
    return exports_[static_cast<std::size_t>(which)].get();
  }
  [[nodiscard]] const WasmLimits& limits() const { return limits_; }
  /// The deadline of a call that starts now, in epoch ticks.
  [[nodiscard]] std::uint64_t call_ticks() const;

 private:
  explicit WasmEngine(const WasmLimits& limits);
  std::expected<void, std::string> load_code(const std::string& bytes, const std::filesystem::path& cache_dir);
  std::expected<void, std::string> find_exports();

  WasmLimits limits_;
  std::unique_ptr<wasm_engine_t, WasmDelete<wasm_engine_delete>> engine_;
  std::unique_ptr<wasmtime_component_t, WasmDelete<wasmtime_component_delete>> component_;
  std::unique_ptr<wasmtime_component_linker_t, WasmDelete<wasmtime_component_linker_delete>> linker_;
  std::array<std::unique_ptr<wasmtime_component_export_index_t, WasmDelete<wasmtime_component_export_index_delete>>, 4> exports_;
  std::unique_ptr<EpochTicker> ticker_;  ///< last member: destroyed first
};

}  // namespace lntpay::host
