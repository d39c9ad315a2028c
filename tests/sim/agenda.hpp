// Virtual time: events in order. The clocks of the host and the node may be wrong; this one is not.
#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "core/base/units.hpp"

namespace lntpay::sim {

class Agenda {
 public:
  explicit Agenda(UnixMillis start) : now_(start) {}

  [[nodiscard]] UnixMillis now() const { return now_; }
  void at(UnixMillis when, std::function<void()> what) { events_.emplace(std::max(when, now_), std::move(what)); }
  void in(Millis span, std::function<void()> what) { at(now_ + span, std::move(what)); }

  [[nodiscard]] bool empty() const { return events_.empty(); }
  [[nodiscard]] UnixMillis next() const { return events_.empty() ? unix_millis_max : events_.begin()->first; }
  /// Moves to the next event and runs it, or to `until` if that is earlier. Returns whether an event ran.
  bool pass(UnixMillis until) {
    if (next() > until) {
      now_ = std::max(now_, until);
      return false;
    }
    now_ = std::max(now_, next());
    const auto what = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    what();
    return true;
  }

 private:
  UnixMillis now_;
  std::multimap<UnixMillis, std::function<void()>> events_;  // events of one moment keep their insertion order
};

}  // namespace lntpay::sim
