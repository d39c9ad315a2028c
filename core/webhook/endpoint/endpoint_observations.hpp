// What is read beside an endpoint's row: since when it has been failing, and how many events its disabled times missed.
#pragma once
#include <cstdint>
#include <span>

#include "core/webhook/endpoint/endpoint.hpp"

namespace lntpay {

/// Events that are read to count the missed ones, of all endpoints together.
inline constexpr std::uint32_t missed_examined_max = 5'000;

/// Fills in `failing_since`, `missed_events` and `missed_events_capped`, and forgets missed events that were pruned. An event of a
/// disabled time counts if a recovery would deliver it: the endpoint receives its type, and has no delivery of it or a failed one.
Task<Result<>> add_observations(Context& cx, TenantScope tenant, std::span<Endpoint> endpoints);

}  // namespace lntpay
