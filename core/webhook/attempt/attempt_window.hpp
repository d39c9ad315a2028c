// The window of an endpoint: at most 8 attempts at once, each in a slot with a lease of its own.
//
// Row `…/flight/{endpoint}/{slot}`: the attempt that is being made in the slot. It is created absent, so two runs never share a
// slot. At the end of its lease a due row starts a run, which attempts the delivery again when the flight is still there: after a
// crash only unanswered attempts are retried.
#pragma once
#include <array>
#include <optional>
#include <string>

#include "core/tenant/context.hpp"
#include "core/webhook/queue/delivery_queue.hpp"

namespace lntpay {

using Slot = std::uint32_t;
inline constexpr Slot window_slots = 8;
/// Slots below this one take retries, and what a recovery queued, before first attempts; the others take first attempts only.
inline constexpr Slot retry_slots = 4;
/// A lease ends within its last second, and is longer than an attempt (delivery_timeout_ms). By the host's clock.
inline constexpr Millis flight_lease = seconds(20);

struct Flight {
  static constexpr int row_version = 2;
  static constexpr row::Earlier earlier_rows[] = {{.version = 1, .fields = 7}};
  DeliveryId delivery;
  std::uint64_t event_seq = 0;
  QueueKind kind{};
  UnixMillis queued_at;     ///< its place in the queue
  UnixMillis until;         ///< the end of the lease, on a full second
  std::string run;          ///< random id of the run that makes the attempt
  std::uint64_t epoch = 0;  ///< of the endpoint when the attempt began
  std::string process;      ///< Settings::process

  auto fields(this auto& self) {
    return std::tie(self.delivery, self.event_seq, self.kind, self.queued_at, self.until, self.run, self.epoch, self.process);
  }
  [[nodiscard]] QueueRow queued() const { return {kind, queued_at, delivery, event_seq}; }
};

std::string flight_key(const TenantScope& tenant, const EndpointId& endpoint, Slot slot);
/// The run that takes the slot again: at the end of a lease, or at once.
DueWork slot_run(const TenantScope& tenant, const EndpointId& endpoint, Slot slot);
/// The slot in the id of a due row; nullopt: the run takes any.
std::optional<Slot> slot_of(const DueWork& work);

/// The slots as a run finds them.
struct Window {
  std::array<std::optional<Stored<Flight>>, window_slots> flights{};

  [[nodiscard]] bool is_free(Slot slot) const { return !flights[slot]; }
  /// The flight's attempt will not be recorded: its lease has ended, or the process that made it.
  [[nodiscard]] bool is_lost(Slot slot, const Context& cx) const {
    return flights[slot] && (!is_leased(flights[slot]->record.until, cx.host_now()) || is_of_former_process(slot, cx));
  }
  [[nodiscard]] bool is_of_former_process(Slot slot, const Context& cx) const {
    return flights[slot] && !cx.settings.process.empty() && flights[slot]->record.process != cx.settings.process;
  }
};
/// A damaged flight holds its slot no longer: it is removed by the batch, with an alarm.
Task<Result<Window>> load_window(Context& cx, TenantScope tenant, EndpointId endpoint, WriteBatch& batch);

/// What is due: how many first attempts and retries.
struct DueCounts {
  std::size_t first = 0;
  std::size_t retry = 0;
};
/// The queue that a slot takes its next attempt from; nullopt: there is nothing for it.
std::optional<QueueKind> next_for(Slot slot, const DueCounts& due);
/// The slot for a new run: the wanted one, else a free one, those for first attempts only first, else one whose flight is lost. The
/// due row at the end of a lease wants its slot, so each lost flight has a run of its own.
std::optional<Slot> choose_slot(const Context& cx, const Window& window, std::optional<Slot> wanted, const DueCounts& due);

}  // namespace lntpay
