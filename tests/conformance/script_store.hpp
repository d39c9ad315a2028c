// A store in another process: `node tests/conformance/js_stores.mjs KIND`, a line of JSON each way.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host-adapters/stores/host_store.hpp"

namespace lntpay::test {

/// Effects are not batched there: each is durable when it returns, so a batch exists only on this side.
class ScriptStore final : public host::Store {
 public:
  /// "memory", "durable" or "indexed". Processes are shared: each store is new, in the process of its kind.
  explicit ScriptStore(const std::string& kind);

  void begin_batch() override { open_ = true; }
  BatchEnd end_batch() override;
  Reply get(const Get& asked) override;
  Reply scan(const Range& asked) override;
  Reply commit(const Commit& asked) override;

  /// False: its rows are lost when it is closed.
  bool reopen();

 private:
  class Process;
  nlohmann::json perform(const char* op, nlohmann::json asked);

  Process& process_;
  std::uint64_t id_;
  bool open_ = false;
};

}  // namespace lntpay::test
