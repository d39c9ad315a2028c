// The line of tasks and the timetable of wakes.
#include "host-adapters/wasmtime/background.hpp"

#include <algorithm>

namespace lntpay::host {
namespace {

constexpr Millis quarantine_first = seconds(30);
constexpr int quarantine_doublings_max = 7;  // about an hour
constexpr std::size_t quarantined_max = 1'024;
constexpr Millis wake_again_after = Millis{100};

}  // namespace

void Background::offer_task(const std::string& key, UnixMillis now) {
  if (line_.size() >= limits_.line_max || in_line_.contains(key) || tasks_at_work_.contains(key)) return;
  if (const auto found = quarantined_.find(key); found != quarantined_.end() && now < found->second.until) return;
  in_line_.insert(key);
  line_.push_back(key);
}

void Background::wake_at(const WakeAt& wake) {
  const auto [known, fresh] = wake_times_.try_emplace(wake.shard, wake.at);
  if (!fresh) {
    if (known->second <= wake.at) return;
    wakes_by_time_.erase({known->second, wake.shard});
    known->second = wake.at;
  }
  wakes_by_time_.emplace(wake.at, wake.shard);
}

std::optional<Input> Background::next(UnixMillis now) {
  while (!wakes_by_time_.empty() && wakes_by_time_.begin()->first <= now && wakes_at_work_.size() < limits_.wakes_max) {
    const std::string shard = wakes_by_time_.begin()->second;
    wakes_by_time_.erase(wakes_by_time_.begin());
    wake_times_.erase(shard);
    if (wakes_at_work_.insert(shard).second) return input::Wake{shard};
    wake_at({shard, now + wake_again_after});  // at work already: it may have read before the row that this wake is for
  }
  if (line_.empty() || tasks_at_work_.size() >= limits_.tasks_max) return std::nullopt;
  std::string key = std::move(line_.front());
  line_.pop_front();
  in_line_.erase(key);
  tasks_at_work_.insert(key);
  return input::Task{std::move(key)};
}

void Background::ended(const Input& work, bool trapped, UnixMillis now) {
  if (const auto* wake = std::get_if<input::Wake>(&work)) {
    wakes_at_work_.erase(wake->shard);
    return;
  }
  const auto* task = std::get_if<input::Task>(&work);
  if (task == nullptr) return;
  tasks_at_work_.erase(task->key);
  if (!trapped) {
    quarantined_.erase(task->key);
    return;
  }
  if (quarantined_.size() >= quarantined_max) quarantined_.clear();
  Quarantine& entry = quarantined_[task->key];
  entry.until = now + quarantine_first * (std::int64_t{1} << entry.traps);
  entry.traps = std::min(entry.traps + 1, quarantine_doublings_max);
}

std::optional<UnixMillis> Background::next_time(UnixMillis now) const {
  if (!line_.empty() && tasks_at_work_.size() < limits_.tasks_max) return now;
  if (wakes_by_time_.empty() || wakes_at_work_.size() >= limits_.wakes_max) return std::nullopt;
  return std::max(now, wakes_by_time_.begin()->first);
}

}  // namespace lntpay::host
