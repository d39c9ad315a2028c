// The simplest store that implements the contract: a map, with scripted outcomes of commits.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/storage/effect.hpp"

namespace lntpay::test {

/// The outcome that a commit reports, and whether it is written.
enum class CommitFault : std::uint8_t { none, conflict, unknown_written, unknown_not_written, failed };

class ModelStore {
 public:
  /// The reply to a store effect; Woken to any other.
  Reply perform(const Effect& effect);

  /// Faults of the next commits, in order; `none` for a regular one.
  std::deque<CommitFault> faults;
  /// The fault of the commit with this number, where 1 is the next; earlier commits are regular.
  void fault_at(std::size_t number, CommitFault fault);
  /// Every effect fails.
  bool down = false;
  /// Every commit of this shard fails.
  std::string down_shard;
  /// Called once, before the next commit, for concurrent changes.
  std::function<void()> before_commit;

  [[nodiscard]] const std::map<std::string, Entry>& rows() const { return rows_; }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  [[nodiscard]] std::uint64_t gets() const { return gets_; }
  [[nodiscard]] bool holds(const std::vector<Check>& checks) const;
  /// The number of rows whose key contains this.
  [[nodiscard]] std::size_t count(std::string_view part) const;
  /// Whether any key or value contains this.
  [[nodiscard]] bool mentions(std::string_view text) const;
  /// All rows but the volatile ones, as text: equal before and after means that nothing was written, except what every request of
  /// a key may leave: its row in the request log, and the key's last use.
  [[nodiscard]] std::string durable() const;

  // Writes that bypass the engine.
  void put(const std::string& key, std::string value) { rows_[key] = {key, std::move(value), ++version_}; }
  void erase(const std::string& key) { rows_.erase(key); }

 private:
  Reply scan(const Range& range) const;
  Reply commit(const Commit& asked);
  Reply write(const Commit& asked);

  std::map<std::string, Entry> rows_;
  std::uint64_t version_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t gets_ = 0;
};

}  // namespace lntpay::test
