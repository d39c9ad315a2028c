// A write batch: the checks and writes of one commit, all or nothing.
#pragma once
#include <optional>
#include <string>
#include <utility>

#include "core/storage/effect.hpp"

namespace lntpay {

/// Built by an operation and passed to Store::commit once. Rows that were read are checked: they must be unchanged at the commit.
class WriteBatch {
 public:
  /// The row must not exist yet.
  void create(std::string key, std::string value);
  /// As `create`, for a row that only this operation writes and that is never changed or deleted: after an unknown outcome its
  /// presence proves that the commit happened.
  void create_final(std::string key, std::string value);
  void replace(const Entry& read, std::string value);
  /// As `replace`, with a value that only this operation writes and that never changes again: a proof like `create_final`.
  void replace_final(const Entry& read, std::string value);
  /// `replace` if the row was there, else (nullptr) `create`.
  void replace_or_create(const Entry* read, std::string key, std::string value);
  void remove(const Entry& read);
  /// Only the check.
  void keep(const Entry& read);
  /// The row must not exist, and this commit does not write it.
  void keep_absent(std::string key);
  /// Unconditional writes, for rows with a single writer.
  void put(std::string key, std::string value);
  void erase(std::string key);

  [[nodiscard]] bool empty() const { return commit_.ops.empty(); }
  [[nodiscard]] const Commit& commit() const { return commit_; }
  Commit take_commit() { return std::move(commit_); }
  [[nodiscard]] const std::optional<Put>& proof() const { return proof_; }

 private:
  Commit commit_;
  std::optional<Put> proof_;
};

}  // namespace lntpay
