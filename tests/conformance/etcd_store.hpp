// Rows in a real etcd, which is started with the first store and shared: each store has its own prefix.
#pragma once
#include <string>

#include "host-adapters/stores/etcd/etcd_json.hpp"
#include "host-adapters/stores/host_store.hpp"

namespace lntpay::test {

/// Effects are not batched: each is durable when it returns.
class EtcdStore final : public host::Store {
 public:
  EtcdStore();

  void begin_batch() override { open_ = true; }
  BatchEnd end_batch() override;
  Reply get(const Get& asked) override { return perform(asked); }
  Reply scan(const Range& asked) override { return perform(asked); }
  Reply commit(const Commit& asked) override { return perform(asked); }

  /// Kills the process and starts another on the same data.
  static void restart();

 private:
  template <class Effect>
  Reply perform(const Effect& asked);

  host::EtcdSpace space_;
  bool open_ = false;
};

}  // namespace lntpay::test
