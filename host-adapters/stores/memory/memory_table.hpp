// A table of versioned rows in memory, shared by the memory store and the volatile store.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/storage/effect.hpp"

namespace lntpay::host {

/// An ordered table. Versions come from one counter over all keys, so a key never has a version twice, not even after its row was
/// deleted, dropped or restored.
class Table {
 public:
  struct Row {
    std::string value;
    std::uint64_t version = 0;
  };
  using Rows = std::map<std::string, Row, std::less<>>;

  [[nodiscard]] const Rows& rows() const { return rows_; }
  /// The last version assigned.
  [[nodiscard]] std::uint64_t version() const { return version_; }

  [[nodiscard]] std::optional<Entry> find(const std::string& key) const;
  /// Within the limits of a scan (rules/store_limits.hpp).
  [[nodiscard]] std::vector<Entry> scan(const Range& asked) const;
  [[nodiscard]] bool hold(std::span<const Check> checks) const;

  /// Returns the previous row, for `restore`.
  std::optional<Row> apply(const Op& op);
  /// Undoes an `apply`.
  void restore(const std::string& key, std::optional<Row> former);

 private:
  Rows rows_;
  std::uint64_t version_ = 0;
};

}  // namespace lntpay::host
