// Lengths of the log, compared.
#include "host-adapters/stores/sqlite/checkpoint_plan.hpp"

#include <algorithm>

namespace lntpay::host {

void CheckpointPlan::committed(std::uint32_t log_pages) {
  if (log_pages < log_pages_) {
    copied_ = 0;
    retry_at_ = 0;
    passes_ = 0;
  }
  log_pages_ = log_pages;
}

void CheckpointPlan::copied(std::uint32_t pages) {
  copied_ = pages;
  retry_at_ = 0;
  ++passes_;
}

void CheckpointPlan::failed() {
  copied_ = 0;
  retry_at_ = log_pages_ + std::max(due_pages_ / 2, 1U);
  passes_ = 0;
}

CheckpointPlan::Next CheckpointPlan::next() const {
  if (log_pages_ < std::max(due_pages_, retry_at_) || copied_ == log_pages_) return Next::nothing;
  const bool is_beside = retry_at_ != 0 || (passes_ < passes_max && !is_full());
  return is_beside ? Next::pass : Next::finish;
}

}  // namespace lntpay::host
