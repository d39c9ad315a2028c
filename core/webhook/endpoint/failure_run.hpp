// When an endpoint is failing, and when it is disabled.
#pragma once
#include <string>

#include "core/storage/row.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// The owner is warned after half of this time, and the endpoint is disabled after all of it.
inline constexpr Millis failing_max = days(5);
inline constexpr std::uint32_t failures_min = 10;
inline constexpr Millis failures_gap_max = hours(24);
/// Longer than the longest delay between two attempts of a delivery, with its jitter.
inline constexpr Millis quiet_gap = hours(48);

/// Row `…/failing/{endpoint}`: the attempts that have failed since the last success. No row: none has.
struct FailureRun {
  static constexpr int row_version = 1;
  std::uint64_t epoch = 0;  ///< of the endpoint: a new url, or enabling it, starts a new run
  UnixMillis since;
  UnixMillis last;
  std::uint32_t attempts = 0;
  DeliveryId first;            ///< the delivery of the first failure
  bool is_of_several = false;  ///< another delivery failed as well
  bool is_warned = false;      ///< `webhook_endpoint.failing` was emitted

  auto fields(this auto& self) {
    return std::tie(self.epoch, self.since, self.last, self.attempts, self.first, self.is_of_several, self.is_warned);
  }
};
std::string failing_key(const TenantScope& tenant, std::string_view endpoint = {});

enum class FailureStep : std::uint8_t { none, warn, disable };
/// Adds a failed attempt to the run. To disable takes failing_max without a success AND failures_min failures of at least two
/// deliveries AND at most failures_gap_max between the newest two. After quiet_gap without a failure a new run begins: a quiet
/// month between two failures proves nothing.
FailureStep add_failure(FailureRun& run, const DeliveryId& delivery, UnixMillis at);

}  // namespace lntpay
