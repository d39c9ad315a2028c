// Due work on a host without a timer: done after an answer, and when the operator's tick says so. Hints only: the rows are in the
// store.
#pragma once
#include <deque>
#include <map>
#include <set>
#include <string>

#include "edge/engine/contract.hpp"
#include "host-adapters/wasi-http/wasi/sessions.hpp"

namespace lntpay::wasi_http {

class DueWork {
 public:
  explicit DueWork(Sessions& sessions) : sessions_(sessions) {}

  /// The shard is to be looked at, now or then.
  void wake(const std::string& shard, UnixMillis at);
  /// What a session ended with.
  void take(const Outcome& outcome);

  /// Wakes shards when their time has come and runs the tasks that they name. What comes due within `horizon` is waited for; after
  /// `span` nothing new begins; what began runs to its end.
  void run(Millis span, Millis horizon);

  [[nodiscard]] std::size_t tasks_run() const { return known_.size() - waiting_.size(); }

 private:
  void begin_due();
  [[nodiscard]] std::optional<UnixMillis> next_wake() const;

  Sessions& sessions_;
  std::map<std::string, UnixMillis> wakes_;  ///< of a shard the earliest: its wake ends with the next
  std::deque<std::string> waiting_;
  std::set<std::string> known_;  ///< a task is begun once: its row says by its key when it is due again
};

}  // namespace lntpay::wasi_http
