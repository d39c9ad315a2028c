// The pace of an endpoint: at most `max_per_second` attempts a second, evenly spread but for bursts of a tenth of a second (GCRA).
//
// Row `…/pace/{endpoint}`, by the host's clock, written by the commit that takes a delivery. An attempt that a crash interrupted is
// made again without waiting.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "core/storage/row.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

inline constexpr std::uint32_t max_per_second_max = 1'000;

struct Pace {
  static constexpr int row_version = 1;
  std::int64_t arrival_us = 0;  ///< the theoretical arrival time of the next attempt

  auto fields(this auto& self) { return std::tie(self.arrival_us); }
};
std::string pace_key(const TenantScope& tenant, std::string_view endpoint = {});

struct PaceDecision {
  std::optional<UnixMillis> wait_until{};  ///< nullopt: the attempt may be made
  UnixMillis next;                         ///< when another one may be made after it
};
/// Counts the attempt if it may be made. A time further ahead than the limit allows comes from a clock that has gone back.
PaceDecision decide(Pace& pace, std::uint32_t max_per_second, UnixMillis now);

/// The decision about an attempt now; the batch counts one that may be made. `max_per_second` 0: no limit, and no row.
Task<Result<PaceDecision>> take_pace(Context& cx, WriteBatch& batch, TenantScope tenant, EndpointId endpoint,
                                     std::uint32_t max_per_second);

}  // namespace lntpay
