// Schedules background work: when to wake which shard, and which task to start next.
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "edge/contract/contract.hpp"
#include "host-adapters/server/engine/task_queue.hpp"
#include "host-adapters/server/ops/metrics.hpp"

namespace lntpay::host {

struct DueWorkLimits {
  /// Running tasks of one kind. A task that waits for a webhook receiver is cheap, and one workspace has a fifth of them at most:
  /// enough for 8 attempts at each of 20 endpoints.
  std::size_t tasks_max = 1'024;
  std::size_t wakes_max = 64;
  /// Queued tasks of one kind. More are dropped; the next wake of their shard lists them again.
  std::size_t queue_max = 8'192;
};

/// The shard of a wake or a task.
std::string due_shard(const Input& work);

/// Whether it is background work: a wake or a task.
inline bool is_work(const Input& input) {
  return std::holds_alternative<input::Wake>(input) || std::holds_alternative<input::Task>(input);
}

/// Decides which work to start; no wake or task runs twice at the same time. Each kind of task has its own queue and limit, and
/// the queues take turns, so a charge does not wait for slow webhook receivers; within a kind, workspaces take turns. A task whose
/// instance trapped is quarantined, longer each time, so that one poisoned row cannot end the sessions of others again and again.
class DueWorkScheduler {
 public:
  explicit DueWorkScheduler(DueWorkLimits limits = {}) : limits_(limits) {}

  /// False when the task is already queued or running, is quarantined, or its queue is full.
  bool offer_task(const std::string& key, UnixMillis now);
  /// Keeps only the earliest time of a shard: its wake returns the next one.
  void wake_at(const WakeAt& wake);
  /// The next input to start now; call until nullopt.
  std::optional<Input> next(UnixMillis now);
  /// A session that `next` returned has ended; `trapped` when its instance trapped.
  void ended(const Input& work, bool trapped, UnixMillis now);

  /// When `next` may return work: now when a task is queued, else the earliest wake.
  [[nodiscard]] std::optional<UnixMillis> next_time(UnixMillis now) const;
  [[nodiscard]] std::size_t tasks_running() const;
  /// By kind; kinds that never had a task are absent. Takes time in proportion to the tasks that wait.
  [[nodiscard]] std::vector<DueFigures> figures() const;

 private:
  struct Quarantine {
    UnixMillis until;
    int traps = 0;
  };

  std::optional<std::string> next_task();

  DueWorkLimits limits_;
  std::map<std::string, TaskQueue> queues_;  ///< by kind
  std::string last_kind_;                    ///< whose turn it was
  std::unordered_set<std::string> wakes_running_;
  std::unordered_map<std::string, UnixMillis> wake_times_;
  std::set<std::pair<UnixMillis, std::string>> wakes_by_time_;
  std::unordered_map<std::string, Quarantine> quarantined_;  ///< by due key without its time
};

}  // namespace lntpay::host
