// The simplest store that keeps the contract: a map. With scripted outcomes, so that a test can meet each of them.
#pragma once
#include <deque>
#include <map>
#include <string>

#include "core/effects/effect.hpp"

namespace lntpay::test {

/// What a commit is answered, beside what becomes of it.
enum class CommitFault : std::uint8_t { none, conflict, unknown_written, unknown_not_written, failed };

class ModelStore {
 public:
  /// The answer to a store effect; Woken to any other.
  Reply perform(const Effect& effect);

  /// Faults for the commits that come next, in order; `none` lets one pass.
  std::deque<CommitFault> faults;

  [[nodiscard]] const std::map<std::string, Entry>& rows() const { return rows_; }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  [[nodiscard]] bool holds(const std::vector<Check>& checks) const;

 private:
  Reply commit(const Commit& asked);
  bool write(const Commit& asked);

  std::map<std::string, Entry> rows_;
  std::uint64_t version_ = 0;
  std::uint64_t commits_ = 0;
};

}  // namespace lntpay::test
