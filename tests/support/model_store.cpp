// Implements the model store: a map, and faults.
#include "tests/support/model_store.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace lntpay::test {
namespace {

/// As in every store (host-adapters/stores/rules/store_limits.hpp).
constexpr std::size_t commit_ops_max = 1'000;

/// A commit may change a key only once; stores need not define two changes of one key.
bool changes_a_key_twice(const Commit& asked) {
  std::set<std::string_view> keys;
  return !std::ranges::all_of(
      asked.ops, [&](const Op& op) { return std::visit([&](const auto& each) { return keys.insert(each.key).second; }, op); });
}

}  // namespace

Reply ModelStore::perform(const Effect& effect) {
  if (const auto* asked = std::get_if<Commit>(&effect)) return commit(*asked);
  if (down) return Failed{"down"};
  if (const auto* range = std::get_if<Range>(&effect)) return scan(*range);
  const auto* get = std::get_if<Get>(&effect);
  if (get == nullptr) return Woken{};
  ++gets_;
  Entries found;
  for (const auto& key : get->keys) {
    const auto row = rows_.find(key);
    found.entries.push_back(row == rows_.end() ? std::nullopt : std::optional(row->second));
  }
  return found;
}

void ModelStore::fault_at(std::size_t number, CommitFault fault) {
  faults.assign(number - 1, CommitFault::none);
  faults.push_back(fault);
}

Reply ModelStore::scan(const Range& range) const {
  Scanned found;
  const auto take = [&](const Entry& entry) {
    if (entry.key.starts_with(range.prefix) && found.entries.size() < range.limit) found.entries.push_back(entry);
  };
  if (range.reverse) {
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
      if (range.after.empty() || row->first < range.after) take(row->second);
    }
  } else {
    for (auto row = rows_.upper_bound(range.after); row != rows_.end(); ++row) take(row->second);
  }
  return found;
}

bool ModelStore::holds(const std::vector<Check>& checks) const {
  return std::ranges::all_of(checks, [&](const Check& check) {
    const auto row = rows_.find(check.key);
    return (row == rows_.end() ? std::nullopt : std::optional(row->second.version)) == check.version;
  });
}

std::size_t ModelStore::count(std::string_view part) const {
  return static_cast<std::size_t>(std::ranges::count_if(rows_, [&](const auto& row) { return row.first.contains(part); }));
}

bool ModelStore::mentions(std::string_view text) const {
  return std::ranges::any_of(rows_, [&](const auto& row) { return row.first.contains(text) || row.second.value.contains(text); });
}

namespace {

/// The row of an API key without the last use, its second field from the end.
std::string without_last_use(std::string value) {
  const auto end = value.rfind('|');
  const auto begin = value.rfind('|', end - 1);
  return value.erase(begin, end - begin);
}

}  // namespace

std::string ModelStore::durable() const {
  std::string text;
  for (const auto& [key, entry] : rows_) {
    if (key.starts_with('~') || key.contains("/request/req_") || key.contains("/due/requests/")) continue;
    const auto is_key = key.substr(2, 5) == "/key/";
    text += key + "=" + (is_key ? without_last_use(entry.value) : entry.value) + "\n";
  }
  return text;
}

Reply ModelStore::write(const Commit& asked) {
  if (changes_a_key_twice(asked)) return Failed{"a commit changes a key twice"};
  if (!holds(asked.checks)) return Conflict{};
  for (const auto& op : asked.ops) {
    if (const auto* each = std::get_if<Put>(&op)) {
      put(each->key, each->value);
    } else {
      erase(std::get<Delete>(op).key);
    }
  }
  return Committed{};
}

Reply ModelStore::commit(const Commit& asked) {
  ++commits_;
  if (asked.ops.size() > commit_ops_max) return Failed{"the commit has more than 1,000 rows"};
  if (before_commit) std::exchange(before_commit, nullptr)();
  if (down) return Failed{"down"};
  const auto is_of_it = [this](const Op& op) {
    return std::visit([this](const auto& each) { return each.key.starts_with(down_shard + "/"); }, op);
  };
  if (!down_shard.empty() && std::ranges::any_of(asked.ops, is_of_it)) return Failed{"the shard is down"};
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
  return write(asked);
}

}  // namespace lntpay::test
