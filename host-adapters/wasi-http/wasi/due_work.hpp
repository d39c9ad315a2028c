// Due work on a host without a timer: done after an answer, and when the operator's tick says so. Hints only: the rows are in the
// store.
//
// Nobody holds up others: tasks are begun in turns, a few at a time of each kind in each shard, and of each kind in all of them. (A
// webhook's receiver that does not answer keeps its task for 15 s, with a payment's sending it can be 75.)
#pragma once
#include <deque>
#include <map>
#include <set>
#include <string>

#include "edge/engine/contract.hpp"
#include "host-adapters/wasi-http/wasi/wasi_sessions.hpp"

namespace lntpay::wasi_http {

class DueWork {
 public:
  explicit DueWork(Sessions& sessions) : sessions_(sessions) {}

  /// The shard is to be looked at, now or then.
  void wake(const std::string& shard, UnixMillis at);
  /// What a session ended with.
  void take(const Outcome& outcome);

  /// Wakes shards when their time has come and runs the tasks that they name. What comes due within `horizon` is waited for; from
  /// `until` on nothing new begins; what began runs to its end.
  void run(Uptime until, Millis horizon);

  [[nodiscard]] bool is_any() const { return !wakes_.empty() || !lines_.empty(); }
  [[nodiscard]] std::size_t tasks_begun() const { return begun_; }
  /// Something was named that could not be begun in time.
  [[nodiscard]] bool has_more() const;

 private:
  /// Tasks of one kind in one shard.
  struct Line {
    std::deque<std::string> waiting{};
    std::size_t at_work = 0;
  };

  void begin_wakes();
  void begin_tasks();
  void begin(const std::string& name, Line& line);
  [[nodiscard]] std::map<std::string, UnixMillis>::const_iterator next_wake() const;

  Sessions& sessions_;
  std::map<std::string, UnixMillis> wakes_;  ///< of a shard the earliest: its wake ends with the next
  std::size_t waking_ = 0;
  std::map<std::string, Line> lines_;           ///< by the beginning of their keys: "7K/due/webhook"
  std::map<std::string, std::size_t> at_work_;  ///< of a kind, in all shards
  std::set<std::string> known_;                 ///< a task is begun once: its row says by its key when it is due again
  std::size_t begun_ = 0;
};

}  // namespace lntpay::wasi_http
