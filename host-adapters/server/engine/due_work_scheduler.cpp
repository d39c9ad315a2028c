// The queues of tasks and the wakes by time.
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

bool DueWorkScheduler::offer_task(const std::string& key, UnixMillis now) {
  if (const auto found = quarantined_.find(subject_of(key)); found != quarantined_.end() && now < found->second.until) return false;
  return queues_.try_emplace(kind_of(key), limits_.tasks_max, limits_.queue_max).first->second.offer(key);
}

void DueWorkScheduler::wake_at(const WakeAt& wake) {
  const auto [known, fresh] = wake_times_.try_emplace(wake.shard, wake.at);
  if (!fresh) {
    if (known->second <= wake.at) return;
    wakes_by_time_.erase({known->second, wake.shard});
    known->second = wake.at;
  }
  wakes_by_time_.emplace(wake.at, wake.shard);
}

std::optional<Input> DueWorkScheduler::next(UnixMillis now) {
  while (!wakes_by_time_.empty() && wakes_by_time_.begin()->first <= now && wakes_running_.size() < limits_.wakes_max) {
    const std::string shard = wakes_by_time_.begin()->second;
    wakes_by_time_.erase(wakes_by_time_.begin());
    wake_times_.erase(shard);
    if (wakes_running_.insert(shard).second) return input::Wake{shard};
    wake_at({shard, now + wake_again_after});  // already running: it may have read before this row was written
  }
  if (auto task = next_task()) return input::Task{std::move(*task)};
  return std::nullopt;
}

std::optional<std::string> DueWorkScheduler::next_task() {
  auto turn = queues_.upper_bound(last_kind_);
  for (std::size_t i = 0; i < queues_.size(); ++i, ++turn) {
    if (turn == queues_.end()) turn = queues_.begin();
    auto& [kind, queue] = *turn;
    auto key = queue.next();
    if (!key) continue;
    last_kind_ = kind;
    return key;
  }
  return std::nullopt;
}

void DueWorkScheduler::ended(const Input& work, bool trapped, UnixMillis now) {
  if (const auto* wake = std::get_if<input::Wake>(&work)) {
    wakes_running_.erase(wake->shard);
    return;
  }
  const auto* task = std::get_if<input::Task>(&work);
  if (task == nullptr) return;
  if (const auto queue = queues_.find(kind_of(task->key)); queue != queues_.end()) queue->second.ended(task->key);
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

std::optional<UnixMillis> DueWorkScheduler::next_time(UnixMillis now) const {
  if (std::ranges::any_of(queues_, [](const auto& each) { return each.second.may_start(); })) return now;
  if (wakes_by_time_.empty() || wakes_running_.size() >= limits_.wakes_max) return std::nullopt;
  return std::max(now, wakes_by_time_.begin()->first);
}

std::vector<DueFigures> DueWorkScheduler::figures() const {
  std::vector<DueFigures> figures;
  for (const auto& [kind, queue] : queues_)
    figures.push_back({.kind = kind, .waiting = queue.waiting(), .running = queue.running(), .oldest = queue.oldest()});
  return figures;
}

std::size_t DueWorkScheduler::tasks_running() const {
  std::size_t all = 0;
  for (const auto& [kind, queue] : queues_) all += queue.running();
  return all;
}

}  // namespace lntpay::host
