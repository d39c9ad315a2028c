// Taking a delivery from the queue into a slot of the window.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/webhook/attempt/attempt_window.hpp"
#include "core/webhook/attempt/receiver.hpp"

namespace lntpay {

/// Rows that a claim has read.
struct ReadWithClaim {
  Stored<Delivery> delivery;
  std::optional<Stored<Endpoint>> endpoint{};  ///< nullopt: a charge target's
};

/// A delivery that a run has taken, with what it needs to make the attempt.
struct ClaimedAttempt {
  TenantScope tenant;
  Receiver receiver;
  Slot slot = 0;
  Flight flight;
  Event event;
  std::optional<ReadWithClaim> read{};  ///< for the record, whose commit checks that they have not changed
};

/// The slot of an ended attempt as its record finds it.
struct StandingSlot {
  Entry flight;
  std::vector<std::vector<Entry>> heads;  ///< of its queues (head_ranges)
};

/// What started a run, and its random id.
struct DeliveryRun {
  DueWork work;
  EndpointId endpoint;
  std::string due_key;
  std::string id;
};

/// Removes the run's due row, takes the first delivery for a free slot, and, unless it was started for a slot, starts runs for the
/// other slots and deliveries, in one commit. Yields nothing when no slot or no delivery is left for the run, or the endpoint is
/// disabled; the queue of a deleted endpoint is canceled. Fails with lease_elsewhere when the due row is gone.
Task<Result<std::optional<ClaimedAttempt>>> claim_first(Context& cx, const DeliveryRun& run);

/// Adds to the batch that the slot takes its next delivery, if one is due. Otherwise it frees the slot, and makes sure that the
/// queue has a due row. Unless it `may_continue`, the run starts a successor instead.
Task<Result<std::optional<ClaimedAttempt>>> claim_next(Context& cx, WriteBatch& batch, const ClaimedAttempt& ended,
                                                       StandingSlot& standing, const Receiver& receiver, bool may_continue);

/// Frees the slot of an attempt whose receiver takes no more deliveries.
void free_slot(Context& cx, WriteBatch& batch, const ClaimedAttempt& ended, const Entry& flight_row);

}  // namespace lntpay
