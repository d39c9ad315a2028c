// Waits by session, by key and by time.
#include "host-adapters/server/engine/wait_table.hpp"

namespace lntpay::host {

void WaitTable::add(const Waiter& waiter, std::vector<std::string> keys, UnixMillis until) {
  for (const std::string& key : keys) by_key_[key].insert(waiter);
  by_time_.emplace(until, waiter);
  waits_.insert_or_assign(waiter, Wait{std::move(keys), until});
}

std::vector<Waiter> WaitTable::take_written(std::string_view key) {
  const auto found = by_key_.find(std::string(key));
  if (found == by_key_.end()) return {};
  const std::vector<Waiter> taken(found->second.begin(), found->second.end());
  for (const Waiter& waiter : taken) erase(waits_.find(waiter));
  return taken;
}

std::vector<Waiter> WaitTable::take_due(UnixMillis now) {
  std::vector<Waiter> taken;
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    taken.push_back(by_time_.begin()->second);
    erase(waits_.find(taken.back()));
  }
  return taken;
}

void WaitTable::forget(std::uint64_t session) {
  for (auto wait = waits_.lower_bound({session, 0}); wait != waits_.end() && wait->first.session == session;) erase(wait++);
}

std::optional<UnixMillis> WaitTable::next() const {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->first;
}

bool WaitTable::contains(std::uint64_t session) const {
  const auto first = waits_.lower_bound({session, 0});
  return first != waits_.end() && first->first.session == session;
}

void WaitTable::erase(std::map<Waiter, Wait>::iterator wait) {
  for (const std::string& key : wait->second.keys) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) continue;
    found->second.erase(wait->first);
    if (found->second.empty()) by_key_.erase(found);
  }
  by_time_.erase({wait->second.until, wait->first});
  waits_.erase(wait);
}

}  // namespace lntpay::host
