// One running engine, whichever way it is hosted: linked natively, or as a component in Wasmtime.
#pragma once
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "edge/engine/contract.hpp"

namespace lntpay::host {

/// The instance stopped for good in the middle of a call: a trap, a passed deadline, too much memory. It is never called again.
struct Trap {
  std::string reason;
};

/// The calls of wit/edge.wit that have a session. Used by one thread. `place` and `may_connect` are pure and need no instance:
/// hosts ask a native `Engine` for them.
class Instance {
 public:
  Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  virtual ~Instance() = default;

  /// Every string in `input` and `replies` is valid UTF-8: the caller has checked.
  virtual std::expected<Step, Trap> begin(const Moment& at, Input input) = 0;
  virtual std::expected<Step, Trap> resume(std::uint64_t session, const Moment& at, std::vector<Reply> replies) = 0;
  virtual std::expected<void, Trap> abandon(std::uint64_t session) = 0;
};

/// Makes an instance and configures it. The error says why it could not.
using MakeInstance = std::function<std::expected<std::unique_ptr<Instance>, std::string>()>;

/// Puts something before every instance: tests do.
using WrapInstance = std::function<std::unique_ptr<Instance>(std::unique_ptr<Instance>)>;

}  // namespace lntpay::host
