// Turns and shares of workspaces.
#include "host-adapters/server/engine/task_queue.hpp"

#include <algorithm>

#include "core/tenant/due_work.hpp"
#include "core/webhook/delivery/charge_target.hpp"

namespace lntpay::host {
namespace {

/// Whose share the task takes. Empty for a task of no workspace.
std::string workspace_of(const std::string& key) {
  const auto work = parse_due_key(key);
  if (!work) return {};
  return work->kind == "webhook" ? share_of(work->tenant.workspace, work->id) : work->tenant.workspace.text();
}

}  // namespace

bool TaskQueue::offer(const std::string& key) {
  if (waiting_count_ >= queue_max_ || known_.contains(key)) return false;
  const auto workspace = workspace_of(key);
  auto& own = waiting_[workspace];
  if (!workspace.empty() && own.size() >= std::max<std::size_t>(queue_max_ / 8, 1)) return false;
  known_.insert(key);
  own.push_back(key);
  ++waiting_count_;
  return true;
}

TaskQueue::Waiting::const_iterator TaskQueue::next_workspace() const {
  auto turn = waiting_.upper_bound(last_workspace_);
  for (std::size_t i = 0; i < waiting_.size(); ++i, ++turn) {
    if (turn == waiting_.end()) turn = waiting_.begin();
    if (shares_.has_place_for(turn->first)) return turn;
  }
  return waiting_.end();
}

std::optional<std::string> TaskQueue::next() {
  const auto turn = next_workspace();
  if (turn == waiting_.end()) return std::nullopt;
  last_workspace_ = turn->first;
  const auto own = waiting_.find(last_workspace_);
  std::string key = std::move(own->second.front());
  own->second.pop_front();
  if (own->second.empty()) waiting_.erase(own);
  --waiting_count_;
  shares_.take(last_workspace_);
  return key;
}

std::optional<UnixMillis> TaskQueue::oldest() const {
  std::optional<UnixMillis> oldest;
  for (const auto& [workspace, keys] : waiting_)
    for (const auto& key : keys) oldest = std::min(due_time(key), oldest.value_or(unix_millis_max));
  return oldest;
}

void TaskQueue::ended(const std::string& key) {
  if (known_.erase(key) > 0) shares_.give_back(workspace_of(key));
}

}  // namespace lntpay::host
