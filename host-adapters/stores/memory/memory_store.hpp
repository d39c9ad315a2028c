// A store in memory, for tests and the simulator; the model that the conformance suite compares the others with.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host-adapters/stores/host_store.hpp"
#include "host-adapters/stores/memory/memory_table.hpp"

namespace lntpay::host {

/// Durable for the lifetime of the object. Deterministic: equal calls give equal versions.
class MemoryStore final : public Store {
 public:
  void begin_batch() override;
  Reply get(const Get& asked) override;
  Reply scan(const Range& asked) override;
  Reply commit(const Commit& asked) override;
  BatchEnd end_batch() override;

  /// For tests: the open batch, or else the next one, ends `lost`.
  void lose_next_batch() { lose_ = true; }
  /// For tests: the next commit whose checks hold returns Unknown, and is written or not.
  void next_commit_unknown(bool written) { unknown_ = written; }

  [[nodiscard]] const Table::Rows& rows() const { return table_.rows(); }

 private:
  Table table_;
  bool open_ = false;
  bool lose_ = false;
  std::optional<bool> unknown_;
  std::vector<std::pair<std::string, std::optional<Table::Row>>> former_;  // rows that the open batch replaced, in order
};

}  // namespace lntpay::host
