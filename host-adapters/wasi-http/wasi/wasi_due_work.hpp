// Due work on a host without a timer: done after an answer and by the operator's tick. This holds hints only; the due rows are in
// the store.
//
// Tasks start in turns, limited per kind and shard and per kind, so that slow ones do not block others: a webhook receiver that
// does not respond occupies its task for 15 s, and a payment can take 75 s.
#pragma once
#include <deque>
#include <map>
#include <set>
#include <string>

#include "edge/contract/contract.hpp"
#include "host-adapters/wasi-http/wasi/wasi_sessions.hpp"

namespace lntpay::wasi_http {

class DueWork {
 public:
  explicit DueWork(Sessions& sessions) : sessions_(sessions) {}

  /// Schedules a wake of the shard.
  void wake(const std::string& shard, UnixMillis at);
  /// Adds the tasks and wakes of a session's outcome.
  void take(const Outcome& outcome);

  /// Wakes shards at their times and runs the tasks that they list. Waits for work due within `horizon`; starts nothing after
  /// `until`, and runs started work to its end.
  void run(Uptime until, Millis horizon);

  [[nodiscard]] bool has_any() const { return !wakes_.empty() || !queues_.empty(); }
  [[nodiscard]] std::size_t tasks_started() const { return started_; }
  /// Whether listed work was not started in time.
  [[nodiscard]] bool has_more() const;

 private:
  /// Tasks of one kind in one shard.
  struct Queue {
    std::deque<std::string> waiting{};
    std::size_t running = 0;
  };

  void start_wakes();
  void start_tasks();
  void start(const std::string& name, Queue& queue);
  [[nodiscard]] std::map<std::string, UnixMillis>::const_iterator next_wake() const;

  Sessions& sessions_;
  std::map<std::string, UnixMillis> wakes_;  ///< the earliest of each shard: its wake returns the next
  std::size_t waking_ = 0;
  std::map<std::string, Queue> queues_;         ///< by the prefix of their keys: "7K/due/webhook"
  std::map<std::string, std::size_t> running_;  ///< by kind, in all shards
  std::set<std::string> known_;                 ///< a task is started once: when it is due again its row has another key
  std::size_t started_ = 0;
};

}  // namespace lntpay::wasi_http
