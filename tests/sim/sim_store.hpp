// The simulator's store: a sorted map with every outcome of a commit, and a listener that sees
// each row change.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/storage/effect.hpp"
#include "tests/support/model_store.hpp"

namespace lntpay::sim {

using test::CommitFault;

/// A row before and after a commit; null: no row.
struct RowChange {
  std::string_view key;
  const std::string* before = nullptr;
  const std::string* after = nullptr;
};

class SimStore {
 public:
  using Rows = std::map<std::string, Entry, std::less<>>;

  /// The reply to a store effect. `failed` applies to any effect; other faults apply to commits.
  Reply perform(const Effect& effect, CommitFault fault);

  [[nodiscard]] bool holds(const std::vector<Check>& checks) const;
  [[nodiscard]] const Rows& rows() const { return rows_; }
  [[nodiscard]] const std::string* find(std::string_view key) const;
  /// Calls `visit(key, value)` for every row with the prefix, in order, until it returns false.
  template <class Visit>
  void below(std::string_view prefix, Visit visit) const {
    for (auto row = rows_.lower_bound(prefix); row != rows_.end() && row->first.starts_with(prefix); ++row) {
      if (!visit(row->first, row->second.value)) return;
    }
  }

  /// Called for every commit that wrote, with all its changes.
  std::function<void(const std::vector<RowChange>&)> on_commit;

 private:
  bool write(const Commit& asked);
  [[nodiscard]] Scanned scan(const Range& range) const;

  Rows rows_;
  std::uint64_t version_ = 0;
};

}  // namespace lntpay::sim
