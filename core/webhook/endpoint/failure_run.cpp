// The run of failures.
#include "core/webhook/endpoint/failure_run.hpp"

namespace lntpay {

std::string failing_key(const TenantScope& tenant, std::string_view endpoint) { return tenant.key("failing/").append(endpoint); }

FailureStep add_failure(FailureRun& run, const DeliveryId& delivery, UnixMillis at) {
  if (run.attempts == 0 || at - run.last > quiet_gap) run = {.epoch = run.epoch, .since = at, .last = at, .first = delivery};
  const bool is_steady = at - run.last <= failures_gap_max;
  ++run.attempts;
  run.is_of_several = run.is_of_several || delivery != run.first;
  run.last = std::max(run.last, at);
  if (!is_steady || !run.is_of_several || run.attempts < failures_min) return FailureStep::none;
  const Millis failing = at - run.since;
  if (failing >= failing_max) return FailureStep::disable;
  if (run.is_warned || failing.value < failing_max.value / 2) return FailureStep::none;
  run.is_warned = true;
  return FailureStep::warn;
}

}  // namespace lntpay
