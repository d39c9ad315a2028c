// Recovery: the delivery of everything of a period that an endpoint did not get.
//
// Row `…/recovery/{endpoint}`: the last recovery of the endpoint, which due work (kind "recovery") continues in pieces of
// recovery_piece events. Selection is by the time of the event. A delivery that is missing is made, one that failed is queued
// again; those that succeeded or are pending stay as they are. So it serves a new endpoint as well, and can be repeated.
#pragma once
#include <array>
#include <optional>
#include <vector>

#include "core/webhook/endpoint/endpoint.hpp"

namespace lntpay {

inline constexpr std::string_view recovery_kind = "recovery";
inline constexpr std::uint32_t recovery_piece = 50;

struct Recovery {
  static constexpr int row_version = 1;
  EndpointId endpoint;
  UnixMillis since;
  UnixMillis until;                   ///< exclusive
  std::vector<EventPattern> types{};  ///< empty: all that the endpoint receives
  bool dry_run = false;               ///< counts, and queues nothing
  std::uint64_t next_seq = 0;
  std::uint64_t last_seq = 0;
  std::uint64_t examined = 0;  ///< events of the period
  std::uint64_t queued = 0;    ///< deliveries that were queued; in a dry run: that would be
  UnixMillis started_at;
  std::optional<UnixMillis> ended_at{};
  bool pruned = false;  ///< events of the period are gone (core/webhook/retention/pruning)

  auto fields(this auto& self) {
    return std::tie(self.endpoint, self.since, self.until, self.types, self.dry_run, self.next_seq, self.last_seq, self.examined,
                    self.queued, self.started_at, self.ended_at, self.pruned);
  }
};

struct RecoveryRequest {
  UnixMillis since;
  std::optional<UnixMillis> until{};  ///< nullopt: now
  std::vector<EventPattern> types{};
  bool dry_run = false;
};
/// Fails with not_found, invalid_state (disabled, or a recovery is running), invalid_request (until).
Task<Result<Recovery>> start_recovery(Context& cx, TenantScope tenant, EndpointId id, RecoveryRequest asked,
                                      IdempotencyClaim claim = {});
/// The last one. Fails with not_found.
Task<Result<Recovery>> get_recovery(Context& cx, TenantScope tenant, EndpointId id);
std::string recovery_json(const Recovery& recovery);

/// The due task: continues a recovery.
Task<Result<>> run_recovery(Context& cx, std::string due_key);

}  // namespace lntpay
