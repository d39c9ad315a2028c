// The lines of tasks and the timetable of wakes.
#include "host-adapters/server/engine/due_work_scheduler.hpp"

#include <algorithm>

#include "core/tenant/due_work.hpp"

namespace lntpay::host {
namespace {

constexpr Millis quarantine_first = seconds(30);
constexpr int quarantine_doublings_max = 7;  // about an hour
constexpr std::size_t quarantined_max = 1'024;
constexpr Millis wake_again_after = Millis{100};

std::string kind_of(const std::string& key) {
  auto work = parse_due_key(key);
  return work ? std::move(work->kind) : std::string();
}

/// The key without its time, which a claim moves.
std::string subject_of(const std::string& key) {
  const auto work = parse_due_key(key);
  return work ? due_key(*work, {}) : key;
}

}  // namespace

std::string due_shard(const Input& work) {
  if (const auto* wake = std::get_if<input::Wake>(&work)) return wake->shard;
  const auto* task = std::get_if<input::Task>(&work);
  return task == nullptr ? std::string() : task->key.substr(0, task->key.find('/'));
}

bool Background::offer_task(const std::string& key, UnixMillis now) {
  Line& line = lines_[kind_of(key)];
  if (line.waiting.size() >= limits_.line_max || line.at_work.contains(key) || in_line_.contains(key)) return false;
  if (const auto found = quarantined_.find(subject_of(key)); found != quarantined_.end() && now < found->second.until) return false;
  in_line_.insert(key);
  line.waiting.push_back(key);
  return true;
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
  if (auto task = next_task()) return input::Task{std::move(*task)};
  return std::nullopt;
}

std::optional<std::string> Background::next_task() {
  auto turn = lines_.upper_bound(last_kind_);
  for (std::size_t looked = 0; looked < lines_.size(); ++looked, ++turn) {
    if (turn == lines_.end()) turn = lines_.begin();
    auto& [kind, line] = *turn;
    if (!may_begin(line)) continue;
    last_kind_ = kind;
    std::string key = std::move(line.waiting.front());
    line.waiting.pop_front();
    in_line_.erase(key);
    line.at_work.insert(key);
    return key;
  }
  return std::nullopt;
}

void Background::ended(const Input& work, bool trapped, UnixMillis now) {
  if (const auto* wake = std::get_if<input::Wake>(&work)) {
    wakes_at_work_.erase(wake->shard);
    return;
  }
  const auto* task = std::get_if<input::Task>(&work);
  if (task == nullptr) return;
  lines_[kind_of(task->key)].at_work.erase(task->key);
  const std::string subject = subject_of(task->key);
  if (!trapped) {
    quarantined_.erase(subject);
    return;
  }
  if (quarantined_.size() >= quarantined_max) quarantined_.clear();
  Quarantine& entry = quarantined_[subject];
  entry.until = now + quarantine_first * (std::int64_t{1} << entry.traps);
  entry.traps = std::min(entry.traps + 1, quarantine_doublings_max);
}

std::optional<UnixMillis> Background::next_time(UnixMillis now) const {
  if (std::ranges::any_of(lines_, [this](const auto& each) { return may_begin(each.second); })) return now;
  if (wakes_by_time_.empty() || wakes_at_work_.size() >= limits_.wakes_max) return std::nullopt;
  return std::max(now, wakes_by_time_.begin()->first);
}

std::size_t Background::tasks_at_work() const {
  std::size_t all = 0;
  for (const auto& [kind, line] : lines_) all += line.at_work.size();
  return all;
}

}  // namespace lntpay::host
