// The arithmetic of GCRA in microseconds, and its row.
#include "core/webhook/queue/pace.hpp"

#include <algorithm>

namespace lntpay {
namespace {

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t burst_us = second_us / 10;
constexpr std::int64_t ms_us = 1'000;

/// Never earlier.
UnixMillis millis_of(std::int64_t us) { return {static_cast<std::uint64_t>((us + ms_us - 1) / ms_us)}; }

}  // namespace

std::string pace_key(const TenantScope& tenant, std::string_view endpoint) { return tenant.key("pace/").append(endpoint); }

PaceDecision decide(Pace& pace, std::uint32_t max_per_second, UnixMillis now) {
  const std::int64_t emission = (second_us + max_per_second - 1) / max_per_second;
  const std::int64_t tolerance = std::max<std::int64_t>(burst_us - emission, 0);
  const std::int64_t now_us = static_cast<std::int64_t>(now.value) * ms_us;
  pace.arrival_us = std::clamp(pace.arrival_us, now_us, now_us + tolerance + emission);
  PaceDecision decision;
  if (pace.arrival_us > now_us + tolerance) {
    decision.wait_until = millis_of(pace.arrival_us - tolerance);
  } else {
    pace.arrival_us += emission;
  }
  decision.next = std::max(now, millis_of(pace.arrival_us - tolerance));
  return decision;
}

Task<Result<PaceDecision>> take_pace(Context& cx, WriteBatch& batch, TenantScope tenant, EndpointId endpoint,
                                     std::uint32_t max_per_second) {
  if (max_per_second == 0) co_return PaceDecision{.next = cx.host_now()};
  auto key = pace_key(tenant, endpoint.text());
  const auto row = co_await cx.store.get(key);
  auto pace = row ? from_row<Pace>(std::string_view(row->value)).value_or(Pace{}) : Pace{};  // a damaged one counts as none
  const auto decision = decide(pace, max_per_second, cx.host_now());
  if (!decision.wait_until) batch.replace_or_create(row ? &*row : nullptr, std::move(key), to_row(pace));
  co_return decision;
}

}  // namespace lntpay
