// The interface of a running engine: linked natively, or a component in Wasmtime.
#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "edge/contract/contract.hpp"

namespace lntpay::host {

/// A call ended the instance: a trap, an exceeded deadline or memory limit. It must not be called again.
struct Trap {
  std::string reason;
};

/// The calls of wit/edge.wit that belong to sessions. Single-threaded. `place` and `may_connect` are pure and need no instance:
/// hosts call a native `Engine`.
class Instance {
 public:
  Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  virtual ~Instance() = default;

  /// The caller ensures that every string in `input` and `replies` is UTF-8.
  virtual std::expected<Step, Trap> begin(const Moment& at, Input input) = 0;
  virtual std::expected<Step, Trap> resume(std::uint64_t session, const Moment& at, std::vector<Reply> replies) = 0;
  virtual std::expected<void, Trap> abandon(std::uint64_t session) = 0;
};

/// Creates and configures an instance; or the reason of the failure.
using MakeInstance = std::function<std::expected<std::unique_ptr<Instance>, std::string>()>;

/// Wraps every instance, in tests.
using WrapInstance = std::function<std::unique_ptr<Instance>(std::unique_ptr<Instance>)>;

}  // namespace lntpay::host
