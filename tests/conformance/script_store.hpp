// A store in another process: `node tests/conformance/js_stores.mjs KIND`, a line of JSON each way.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host-adapters/stores/host_store.hpp"

namespace lntpay::test {

/// Effects are not gathered there: every one is durable when it is answered, so a batch is a matter of this side alone.
class ScriptStore final : public host::Store {
 public:
  /// "memory", "durable" or "indexed". Processes are shared: each store is a new one in the process of its kind.
  explicit ScriptStore(const std::string& kind);

  void begin_batch() override { open_ = true; }
  BatchEnd end_batch() override;
  Reply get(const Get& asked) override;
  Reply scan(const Range& asked) override;
  Reply commit(const Commit& asked) override;

  /// False: its rows do not outlive it.
  bool reopen();

 private:
  class Process;
  nlohmann::json perform(const char* op, nlohmann::json asked);

  Process& process_;
  std::uint64_t id_;
  bool open_ = false;
};

}  // namespace lntpay::test
