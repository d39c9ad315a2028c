// Retention: which events of a workspace are kept.
//
// Row `…/retention`, one in each environment: written only by the due task that prunes (core/webhook/retention/pruning), and absent
// until its first run. A commit of money neither reads nor writes it. The task's due row (kind "prune") is written with the first
// event, and moved to the next day by each run.
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/tenant/context.hpp"
#include "core/tenant/due_work.hpp"

namespace lntpay {

/// Where a pass of the task is. A pass goes through them in this order.
enum class PruningStep : std::uint8_t {
  rest,        ///< no pass is under way
  find,        ///< reads events, oldest first, up to one that is kept
  deliveries,  ///< removes the deliveries of the expired events
  events       ///< removes the expired events
};
template <>
inline constexpr auto enum_names<PruningStep> = std::to_array<std::string_view>({"rest", "find", "deliveries", "events"});

struct Retention {
  static constexpr int row_version = 1;
  std::uint64_t oldest_seq = 1;   ///< of the events that are kept; the next event's if none is
  std::uint64_t expired_seq = 0;  ///< events up to this one are being removed, or are: never decreases
  UnixMillis expired_at{};        ///< the time of that event
  PruningStep step = PruningStep::rest;
  std::optional<UnixMillis> seen_at{};      ///< the workspace's clock at the start of the last pass
  UnixMillis cutoff{};                      ///< the present pass removes events before this time
  std::uint64_t examined_seq = 0;           ///< find: the last event that was read
  std::string position{};                   ///< deliveries: the end of the last index key that was handled, `{endpoint}/{seq}`
  std::optional<std::uint64_t> held_seq{};  ///< the first expired event that stays until the next pass, with its delivery

  auto fields(this auto& self) {
    return std::tie(self.oldest_seq, self.expired_seq, self.expired_at, self.step, self.seen_at, self.cutoff, self.examined_seq,
                    self.position, self.held_seq);
  }
  /// The oldest event that deliveries may still be made of.
  [[nodiscard]] std::uint64_t first_deliverable() const { return std::max(oldest_seq, expired_seq + 1); }
};

std::string retention_key(const TenantScope& tenant);

struct StoredRetention {
  Retention record{};
  std::optional<Entry> entry{};  ///< nullopt: no such row yet

  /// Adds the check that the row is unchanged: no event expires before the commit.
  void keep(WriteBatch& batch, const TenantScope& tenant) const;
};
/// A damaged row raises an alarm and is rebuilt from the events, so pruning and lists continue.
Task<Result<StoredRetention>> load_retention(Context& cx, TenantScope tenant);

/// The seq that ends the key of an event's row.
std::optional<std::uint64_t> seq_of_event_key(std::string_view key);

inline constexpr std::string_view pruning_kind = "prune";
/// By the workspace's clock.
inline constexpr Millis pruning_interval = days(1);
DueWork pruning_work(const TenantScope& tenant);
/// Adds the due row of the first run. For the commit of a workspace's first event.
void start_pruning(Context& cx, WriteBatch& batch, const TenantScope& tenant);

}  // namespace lntpay
