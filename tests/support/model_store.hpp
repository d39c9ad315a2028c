// The simplest store that keeps the contract: a map. With scripted outcomes, so that a test can meet each of them.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/storage/effect.hpp"

namespace lntpay::test {

/// What a commit is answered, beside what becomes of it.
enum class CommitFault : std::uint8_t { none, conflict, unknown_written, unknown_not_written, failed };

class ModelStore {
 public:
  /// The answer to a store effect; Woken to any other.
  Reply perform(const Effect& effect);

  /// Faults for the commits that come next, in order; `none` lets one pass.
  std::deque<CommitFault> faults;
  /// The commit with that number, 1 the next, is answered so; those before it pass.
  void fault_at(std::size_t number, CommitFault fault);
  /// Nothing is answered but "failed".
  bool down = false;
  /// No commit of this shard is taken.
  std::string down_shard;
  /// Called once, before the next commit: what somebody else does meanwhile.
  std::function<void()> before_commit;

  [[nodiscard]] const std::map<std::string, Entry>& rows() const { return rows_; }
  [[nodiscard]] std::uint64_t commits() const { return commits_; }
  [[nodiscard]] std::uint64_t gets() const { return gets_; }
  [[nodiscard]] bool holds(const std::vector<Check>& checks) const;
  /// How many rows have this in their key.
  [[nodiscard]] std::size_t count(std::string_view part) const;
  /// Whether any key or value has this in it.
  [[nodiscard]] bool mentions(std::string_view text) const;
  /// All rows but the volatile ones, as text: equal before and after means that nothing was written.
  [[nodiscard]] std::string durable() const;

  /// What happens to the store behind the engine's back.
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
