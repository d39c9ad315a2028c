// A map, and faults.
#include "tests/support/model_store.hpp"

namespace lntpay::test {

Reply ModelStore::perform(const Effect& effect) {
  if (const auto* get = std::get_if<Get>(&effect)) {
    Entries found;
    for (const auto& key : get->keys) {
      const auto row = rows_.find(key);
      found.entries.push_back(row == rows_.end() ? std::nullopt : std::optional(row->second));
    }
    return found;
  }
  if (const auto* range = std::get_if<Range>(&effect)) {
    Scanned found;
    const auto take = [&](const Entry& entry) {
      if (entry.key.starts_with(range->prefix) && found.entries.size() < range->limit) found.entries.push_back(entry);
    };
    if (range->reverse) {
      for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
        if (range->after.empty() || row->first < range->after) take(row->second);
      }
    } else {
      for (auto row = rows_.upper_bound(range->after); row != rows_.end(); ++row) {
        take(row->second);
      }
    }
    return found;
  }
  if (const auto* asked = std::get_if<Commit>(&effect)) return commit(*asked);
  return Woken{};
}

bool ModelStore::holds(const std::vector<Check>& checks) const {
  for (const auto& check : checks) {
    const auto row = rows_.find(check.key);
    const auto version = row == rows_.end() ? std::nullopt : std::optional(row->second.version);
    if (version != check.version) return false;
  }
  return true;
}

bool ModelStore::write(const Commit& asked) {
  if (!holds(asked.checks)) return false;
  for (const auto& op : asked.ops) {
    if (const auto* put = std::get_if<Put>(&op)) {
      rows_[put->key] = {put->key, put->value, ++version_};
    } else {
      rows_.erase(std::get<Delete>(op).key);
    }
  }
  return true;
}

Reply ModelStore::commit(const Commit& asked) {
  ++commits_;
  auto fault = CommitFault::none;
  if (!faults.empty()) {
    fault = faults.front();
    faults.pop_front();
  }
  switch (fault) {
    case CommitFault::conflict: return Conflict{};
    case CommitFault::failed: return Failed{"the disk is full"};
    case CommitFault::unknown_not_written: return Unknown{"the connection broke"};
    case CommitFault::unknown_written: write(asked); return Unknown{"the connection broke"};
    case CommitFault::none: break;
  }
  if (write(asked)) return Committed{};
  return Conflict{};
}

}  // namespace lntpay::test
