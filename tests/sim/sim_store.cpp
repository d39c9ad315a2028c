// Implements the store: reads, and commits with every outcome.
#include "tests/sim/sim_store.hpp"

namespace lntpay::sim {

Reply SimStore::perform(const Effect& effect, CommitFault fault) {
  if (fault == CommitFault::failed) return Failed{"the disk is full"};
  if (const auto* get = std::get_if<Get>(&effect)) {
    Entries found;
    found.entries.reserve(get->keys.size());
    for (const auto& key : get->keys) {
      const auto row = rows_.find(key);
      found.entries.push_back(row == rows_.end() ? std::nullopt : std::optional(row->second));
    }
    return found;
  }
  if (const auto* range = std::get_if<Range>(&effect)) return scan(*range);
  const auto& asked = std::get<Commit>(effect);
  switch (fault) {
    case CommitFault::conflict: return Conflict{};
    case CommitFault::unknown_not_written: return Unknown{"the connection broke"};
    case CommitFault::unknown_written: write(asked); return Unknown{"the connection broke"};
    case CommitFault::failed:
    case CommitFault::none: break;
  }
  if (write(asked)) return Committed{};
  return Conflict{};
}

Scanned SimStore::scan(const Range& range) const {
  Scanned found;
  const auto in_range = [&](const Entry& entry) { return entry.key.starts_with(range.prefix); };
  if (!range.reverse) {
    auto row = range.after.empty() ? rows_.lower_bound(range.prefix) : rows_.upper_bound(range.after);
    if (range.after < range.prefix) row = rows_.lower_bound(range.prefix);
    for (; row != rows_.end() && in_range(row->second) && found.entries.size() < range.limit; ++row) {
      found.entries.push_back(row->second);
    }
    return found;
  }
  auto row = rows_.lower_bound(range.after.empty() ? range.prefix + '\x7f' : range.after);
  while (row != rows_.begin() && found.entries.size() < range.limit) {
    --row;
    if (!in_range(row->second)) break;
    found.entries.push_back(row->second);
  }
  return found;
}

bool SimStore::holds(const std::vector<Check>& checks) const {
  for (const auto& check : checks) {
    const auto row = rows_.find(check.key);
    const auto version = row == rows_.end() ? std::nullopt : std::optional(row->second.version);
    if (version != check.version) return false;
  }
  return true;
}

const std::string* SimStore::find(std::string_view key) const {
  const auto row = rows_.find(key);
  return row == rows_.end() ? nullptr : &row->second.value;
}

bool SimStore::write(const Commit& asked) {
  if (!holds(asked.checks)) return false;
  std::vector<std::string> former(asked.ops.size());
  std::vector<RowChange> changes;
  changes.reserve(asked.ops.size());
  for (std::size_t i = 0; i < asked.ops.size(); ++i) {
    const auto* put = std::get_if<Put>(&asked.ops[i]);
    const std::string& key = put != nullptr ? put->key : std::get<Delete>(asked.ops[i]).key;
    auto row = rows_.find(key);
    RowChange change{.key = key};
    if (row != rows_.end()) {
      former[i] = std::move(row->second.value);
      change.before = &former[i];
    }
    if (put != nullptr) {
      change.after = &put->value;
      if (row != rows_.end()) {
        row->second.value = put->value;
        row->second.version = ++version_;
      } else {
        rows_.emplace(key, Entry{key, put->value, ++version_});
      }
    } else if (row != rows_.end()) {
      rows_.erase(row);
    }
    changes.push_back(change);
  }
  if (on_commit) on_commit(changes);
  return true;
}

}  // namespace lntpay::sim
