// Wakes in order of time, tasks in turns.
#include "host-adapters/wasi-http/wasi/wasi_due_work.hpp"

#include <algorithm>

namespace lntpay::wasi_http {
namespace {

constexpr std::size_t wakes_max = 16;
constexpr std::size_t tasks_per_queue_max = 32;
constexpr std::size_t tasks_per_kind_max = 128;

/// "7K/due/webhook" of "7K/due/webhook/00…07/test/ws_…/we_…".
std::string queue_of(const std::string& task) {
  std::size_t end = 0;
  for (int part = 0; part < 3 && end != std::string::npos; ++part) end = task.find('/', part == 0 ? 0 : end + 1);
  return task.substr(0, end);
}

std::string kind_of(const std::string& queue) { return queue.substr(queue.rfind('/') + 1); }

}  // namespace

void DueWork::wake(const std::string& shard, UnixMillis at) {
  const auto [known, is_new] = wakes_.try_emplace(shard, at);
  if (!is_new) known->second = std::min(known->second, at);
}

void DueWork::take(const Outcome& outcome) {
  for (const auto& wake_at : outcome.wake) wake(wake_at.shard, wake_at.at);
  for (const auto& task : outcome.tasks)
    if (known_.insert(task).second) queues_[queue_of(task)].waiting.push_back(task);
}

bool DueWork::has_more() const {
  const bool waits = std::ranges::any_of(queues_, [](const auto& queue) { return !queue.second.waiting.empty(); });
  return waits || (next_wake() != wakes_.end() && next_wake()->second <= now());
}

void DueWork::run(Uptime until, Millis horizon) {
  const auto last = now() + horizon;
  for (;;) {
    const bool open = uptime() < until;
    if (open) start_wakes();
    if (open) start_tasks();
    std::optional<Uptime> wake_at;
    if (const auto next = next_wake(); open && waking_ < wakes_max && next != wakes_.end() && next->second <= last)
      wake_at = std::min(until, uptime() + std::max(next->second - now(), Millis{1}));
    if (sessions_.size() > 0) {
      sessions_.run(wake_at);
    } else if (wake_at) {
      wait_for({}, *wake_at - uptime());
    } else {
      return;
    }
  }
}

void DueWork::start_wakes() {
  for (auto next = next_wake(); waking_ < wakes_max && next != wakes_.end() && next->second <= now(); next = next_wake()) {
    const auto shard = next->first;
    wakes_.erase(next);
    ++waking_;
    sessions_.begin(input::Wake{shard}, [this](const Outcome& outcome) {
      --waking_;
      take(outcome);
    });
  }
}

/// Starts one task of each queue in turn until the limits are reached.
void DueWork::start_tasks() {
  for (bool started = true; started;) {
    started = false;
    for (auto& [name, queue] : queues_) {
      if (queue.waiting.empty() || queue.running == tasks_per_queue_max || running_[kind_of(name)] == tasks_per_kind_max) continue;
      started = true;
      start(name, queue);
    }
  }
}

void DueWork::start(const std::string& name, Queue& queue) {
  auto task = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  ++started_;
  ++queue.running;
  ++running_[kind_of(name)];
  sessions_.begin(input::Task{std::move(task)}, [this, &name, &queue](const Outcome& outcome) {
    --queue.running;
    --running_[kind_of(name)];
    take(outcome);
  });
}

std::map<std::string, UnixMillis>::const_iterator DueWork::next_wake() const {
  return std::ranges::min_element(wakes_, {}, [](const auto& wake) { return wake.second; });
}

}  // namespace lntpay::wasi_http
