// Due work that no request waits for: when to wake which shard, and which tasks to begin next.
#pragma once
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "edge/engine/contract.hpp"

namespace lntpay::host {

struct BackgroundLimits {
  /// Tasks of one kind at work at once. Those that wait for a receiver of webhooks are cheap, and few would let slow ones block.
  std::size_t tasks_max = 256;
  std::size_t wakes_max = 64;
  /// Beyond this many tasks of one kind in line more are dropped: the next wake of their shard names them again.
  std::size_t line_max = 8'192;
};

/// The shard that a wake or a task works in.
std::string due_shard(const Input& work);

/// Decides what to begin; a wake or a task is never at work twice at a time. Each kind of task has a line and a cap of its own,
/// and lines take turns: a charge does not wait for slow receivers of webhooks. A task that brought its instance down is left
/// alone for a while, longer each time, so that one poisoned row cannot keep ending everybody's sessions.
class Background {
 public:
  explicit Background(BackgroundLimits limits = {}) : limits_(limits) {}

  /// False when the task is known already, or not to be begun now.
  bool offer_task(const std::string& key, UnixMillis now);
  /// Only the earliest time of a shard is kept: its wake answers with the next one.
  void wake_at(const WakeAt& wake);
  /// The next input to begin now; call again until nullopt.
  std::optional<Input> next(UnixMillis now);
  /// A session that `next` gave out has ended; `trapped` when its instance did not survive it.
  void ended(const Input& work, bool trapped, UnixMillis now);

  /// When `next` may have something again: now when there is work in line, else the earliest wake.
  [[nodiscard]] std::optional<UnixMillis> next_time(UnixMillis now) const;
  [[nodiscard]] std::size_t tasks_at_work() const;

 private:
  struct Line {
    std::deque<std::string> waiting;
    std::unordered_set<std::string> at_work;
  };
  struct Quarantine {
    UnixMillis until;
    int traps = 0;
  };

  [[nodiscard]] bool may_begin(const Line& line) const { return !line.waiting.empty() && line.at_work.size() < limits_.tasks_max; }
  std::optional<std::string> next_task();

  BackgroundLimits limits_;
  std::map<std::string, Line> lines_;  ///< by kind
  std::string last_kind_;              ///< whose turn it was
  std::unordered_set<std::string> in_line_;
  std::unordered_set<std::string> wakes_at_work_;
  std::unordered_map<std::string, UnixMillis> wake_times_;
  std::set<std::pair<UnixMillis, std::string>> wakes_by_time_;
  std::unordered_map<std::string, Quarantine> quarantined_;  ///< by what the row is about
};

}  // namespace lntpay::host
