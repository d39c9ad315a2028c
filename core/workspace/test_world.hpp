// A world in a map, for the tests of operations: rows, a clock, and stores that fail on demand.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/effects/context.hpp"

namespace lntpay::testing {

class TestWorld {
 public:
  TestWorld() : random({1, 2, 3, 4}) {
    settings.base_url = "http://127.0.0.1:8402";
    settings.peppers.push_back({"p1", Secret::copy_of("pepper one")});
    settings.seal.push_back({"s1", Bytes32{1}});
    settings.cursor_key = Secret::copy_of("cursor key");
  }

  Random random;
  Settings settings;
  UnixMillis now{1'770'091'506'000};
  std::map<std::string, Entry> rows;
  /// Answers the next commits, one each, instead of the store; an Unknown "written" writes all the same.
  std::vector<Reply> next_commits;
  bool down = false;
  /// Called before each commit: what somebody else does meanwhile.
  std::function<void()> before_commit;
  std::size_t commits = 0;
  std::size_t gets = 0;

  /// Runs an operation to its end: `run([&](Context& cx) { return operation(cx, …); })`.
  template <class Operation>
  auto run(Operation operation) {
    Seam seam{now};
    Context cx{seam, random, settings};
    auto task = operation(cx);
    task.start(seam);
    while (seam.waiting()) {
      std::vector<Reply> replies;
      for (auto& effect : seam.take_asked()) replies.push_back(perform(effect));
      seam.answer(now, std::move(replies));
    }
    return std::move(*task.value());
  }

  std::size_t count(std::string_view part) const {
    std::size_t found = 0;
    for (const auto& [key, row] : rows) found += key.contains(part) ? 1 : 0;
    return found;
  }
  bool holds(std::string_view text) const {
    for (const auto& [key, row] : rows) {
      if (key.contains(text) || row.value.contains(text)) return true;
    }
    return false;
  }

 private:
  Reply perform(const Effect& effect) {
    if (const auto* commit = std::get_if<Commit>(&effect)) return perform_commit(*commit);
    if (down) return Failed{"down"};
    if (const auto* get = std::get_if<Get>(&effect)) {
      ++gets;
      Entries found;
      for (const auto& key : get->keys) {
        const auto at = rows.find(key);
        found.entries.push_back(at != rows.end() ? std::optional(at->second) : std::nullopt);
      }
      return found;
    }
    if (const auto* range = std::get_if<Range>(&effect)) return scan(*range);
    return Woken{};
  }

  Reply scan(const Range& range) const {
    Scanned found;
    const auto wanted = [&](const std::string& key) {
      return key.starts_with(range.prefix) && (range.after.empty() || (range.reverse ? key < range.after : key > range.after));
    };
    for (const auto& [key, row] : rows) {
      if (wanted(key)) found.entries.push_back(row);
    }
    if (range.reverse) found.entries = {found.entries.rbegin(), found.entries.rend()};
    if (found.entries.size() > range.limit) found.entries.resize(range.limit);
    return found;
  }

  Reply perform_commit(const Commit& commit) {
    ++commits;
    if (before_commit) std::exchange(before_commit, {})();
    if (down) return Failed{"down"};
    std::optional<Reply> instead;
    if (!next_commits.empty()) {
      instead = next_commits.front();
      next_commits.erase(next_commits.begin());
      const auto* unknown = std::get_if<Unknown>(&*instead);
      if (unknown == nullptr || unknown->reason != "written") return *instead;
    }
    for (const auto& check : commit.checks) {
      const auto at = rows.find(check.key);
      const auto version = at != rows.end() ? std::optional(at->second.version) : std::nullopt;
      if (version != check.version) return Conflict{};
    }
    for (const auto& op : commit.ops) {
      if (const auto* put = std::get_if<Put>(&op)) {
        rows[put->key] = {put->key, put->value, ++version_};
      } else {
        rows.erase(std::get<Delete>(op).key);
      }
    }
    return instead.value_or(Committed{});
  }

  std::uint64_t version_ = 0;
};

}  // namespace lntpay::testing
