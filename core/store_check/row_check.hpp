// The check of one row, offline: its value parses, and it agrees with its key and with the rows that it is linked with. The rules
// of each kind are in row_kinds.cpp and *_rows.cpp; they are pure. The store's check reads the linked rows
// (store_verification.hpp).
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/ledger/ledger_entry.hpp"
#include "core/storage/store.hpp"
#include "core/tenant/due_work.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// A row that the checked one is linked with. `problem`: what is wrong with it, or ""; nullptr: there is no such row.
struct LinkedRow {
  std::string key;
  std::function<std::string(const Entry*)> problem;
};

/// The rows of one workspace and environment, counted while they are checked, and its account. Compared after the last one.
struct TenantRows {
  TenantScope scope{};
  bool current = true;  ///< false: a sandbox reset left these rows, and their due work deletes itself
  UnixMillis now{};     ///< by the workspace's clock
  std::uint64_t entries = 0;
  std::uint64_t transfers = 0;
  std::uint64_t events = 0;
  std::uint64_t first_event = 0;  ///< the seq of the first one; 0: there is none
  std::uint64_t oldest_seq = 1;   ///< by the row of retention: events before it were pruned
  std::uint64_t endpoints = 0;
  std::optional<AccountState> account{};
  std::unordered_set<std::string> unplaced{};  ///< pending deliveries that were found neither in a queue nor in flight, so far
};

/// Due work of one record, by kind.
std::string due_name(const DueWork& work);

class RowCheck {
 public:
  /// `names`: the parts of the key that its kind's shape leaves open, after the tenant's. `due`: all due work of the shard.
  RowCheck(const Entry& checked, std::vector<std::string_view> parts, TenantRows& of, std::unordered_set<std::string>& due_work)
      : row(checked), names(std::move(parts)), tenant(of), due(due_work) {}

  const Entry& row;
  std::vector<std::string_view> names;
  TenantRows& tenant;
  std::unordered_set<std::string>& due;
  std::vector<std::string> problems{};
  std::vector<LinkedRow> links{};

  void expect(bool good, std::string_view problem) {
    if (!good) problems.emplace_back(problem);
  }

  /// The row as a T. Reports one that is not a T, or is not written as LNTPay writes it: no other rule may cover the bit that
  /// changed.
  template <class T>
  std::optional<T> record() {
    auto read = from_row<T>(std::string_view(row.value));
    expect(read.has_value(), "cannot be read");
    if (!read) return std::nullopt;
    expect(to_row(*read) == row.value, "is not written as LNTPay writes it");
    return std::move(*read);
  }
  /// An empty row: its key has everything.
  void expect_index() { expect(row.value.empty(), "is an index row and has a value"); }
  /// One of the open parts of the key.
  void expect_name(std::size_t position, std::string_view name) { expect(names[position] == name, "is not the row of its key"); }
  template <class Id>
  void expect_id(std::size_t position) {
    expect(Id::parse(names[position]).has_value(), "has no valid id in its key");
  }
  void expect_hash(std::size_t position);

  /// There must be a row with this key, and with this value.
  void needs(std::string key);
  void needs(std::string key, std::string value);
  /// There must be a row with this key that is a T and for which `agrees(record)` holds. `what` names the disagreement. A row that
  /// is not a T is reported by its own check.
  template <class T, class Agrees>
  void needs_record(std::string key, std::string what, Agrees agrees) {
    auto missing = "has no row " + key;
    links.push_back({std::move(key), [missing, what = std::move(what), agrees = std::move(agrees)](const Entry* linked) {
                       if (linked == nullptr) return missing;
                       const auto read = from_row<T>(std::string_view(linked->value));
                       return !read || agrees(*read) ? std::string() : what + ": " + linked->key;
                     }});
  }
  /// There must be a due row for this record; not after a reset of the sandbox.
  void needs_due(std::string_view kind, std::string_view id);
};

}  // namespace lntpay
