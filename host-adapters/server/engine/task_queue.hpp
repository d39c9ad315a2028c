// The tasks of one kind that wait to be started. Workspaces take turns, and none has more than its share of those that run.
#pragma once
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/base/units.hpp"
#include "host-adapters/server/ops/shares.hpp"

namespace lntpay::host {

class TaskQueue {
 public:
  TaskQueue(std::size_t tasks_max, std::size_t queue_max) : queue_max_(queue_max), shares_(tasks_max) {}

  /// False when the task is queued or running, or when the queue, or the workspace's eighth of it, is full.
  bool offer(const std::string& key);
  /// The next task to start now.
  std::optional<std::string> next();
  /// A task that `next` returned has ended.
  void ended(const std::string& key);

  [[nodiscard]] bool may_start() const { return next_workspace() != waiting_.end(); }
  [[nodiscard]] std::size_t running() const { return shares_.taken(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_count_; }
  /// When the oldest task that waits became due; takes time in proportion to those that wait.
  [[nodiscard]] std::optional<UnixMillis> oldest() const;

 private:
  using Waiting = std::map<std::string, std::deque<std::string>>;  ///< by workspace; no queue is empty
  [[nodiscard]] Waiting::const_iterator next_workspace() const;

  std::size_t queue_max_;
  Shares shares_;
  Waiting waiting_;
  std::size_t waiting_count_ = 0;
  std::string last_workspace_;             ///< whose turn it was
  std::unordered_set<std::string> known_;  ///< queued or running
};

}  // namespace lntpay::host
