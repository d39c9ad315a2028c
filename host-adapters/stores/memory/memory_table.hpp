// Rows in memory with versions: what the memory store and the volatile rows have in common.
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

/// An ordered table. Versions come from one counter over all keys, so that a key never sees a version again, not even after
/// its row was deleted, dropped or put back.
class Table {
 public:
  struct Row {
    std::string value;
    std::uint64_t version = 0;
  };
  using Rows = std::map<std::string, Row, std::less<>>;

  [[nodiscard]] const Rows& rows() const { return rows_; }
  /// The last version given.
  [[nodiscard]] std::uint64_t version() const { return version_; }

  [[nodiscard]] std::optional<Entry> find(const std::string& key) const;
  /// Within the limits of a scan, see limits.hpp.
  [[nodiscard]] std::vector<Entry> scan(const Range& asked) const;
  [[nodiscard]] bool hold(std::span<const Check> checks) const;

  /// The former row comes back, for those who may have to restore it.
  std::optional<Row> apply(const Op& op);
  /// As if it had never been touched.
  void restore(const std::string& key, std::optional<Row> former);

 private:
  Rows rows_;
  std::uint64_t version_ = 0;
};

}  // namespace lntpay::host
