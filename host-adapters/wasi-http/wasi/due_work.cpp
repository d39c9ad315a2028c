// Wakes in the order of their time, tasks in the order that they were named, some at once.
#include "host-adapters/wasi-http/wasi/due_work.hpp"

#include <algorithm>

#include "host-adapters/wasi-http/wasi/wasi.hpp"

namespace lntpay::wasi_http {
namespace {

constexpr std::size_t sessions_max = 16;

}  // namespace

void DueWork::wake(const std::string& shard, UnixMillis at) {
  const auto [known, is_new] = wakes_.try_emplace(shard, at);
  if (!is_new) known->second = std::min(known->second, at);
}

void DueWork::take(const Outcome& outcome) {
  for (const auto& wake_at : outcome.wake) wake(wake_at.shard, wake_at.at);
  for (const auto& task : outcome.tasks)
    if (known_.insert(task).second) waiting_.push_back(task);
}

void DueWork::run(Millis span, Millis horizon) {
  const auto last = now() + horizon;
  const auto until = uptime() + span;
  for (;;) {
    const bool open = uptime() < until;
    if (open) begin_due();
    const auto next = next_wake();
    std::optional<Uptime> wake_at;
    if (open && next && *next <= last) wake_at = uptime() + std::max(*next - now(), Millis{1});
    if (sessions_.size() > 0) {
      sessions_.run(wake_at);
    } else if (wake_at) {
      wait_for({}, *wake_at - uptime());
    } else if (!open || waiting_.empty()) {
      return;
    }
  }
}

void DueWork::begin_due() {
  const auto time = now();
  while (sessions_.size() < sessions_max && !waiting_.empty()) {
    auto task = std::move(waiting_.front());
    waiting_.pop_front();
    sessions_.begin(input::Task{std::move(task)}, [this](const Outcome& outcome) { take(outcome); });
  }
  while (sessions_.size() < sessions_max) {
    const auto due = std::ranges::find_if(wakes_, [time](const auto& wake) { return wake.second <= time; });
    if (due == wakes_.end()) return;
    const auto shard = due->first;
    wakes_.erase(due);
    sessions_.begin(input::Wake{shard}, [this](const Outcome& outcome) { take(outcome); });
  }
}

std::optional<UnixMillis> DueWork::next_wake() const {
  if (wakes_.empty()) return std::nullopt;
  return std::ranges::min_element(wakes_, {}, [](const auto& wake) { return wake.second; })->second;
}

}  // namespace lntpay::wasi_http
