// The deliveries of one run of an endpoint's task, and the claim that gives them to it.
#pragma once
#include <string>
#include <vector>

#include "core/tenant/context.hpp"
#include "core/tenant/due_work.hpp"
#include "core/webhook/delivery.hpp"

namespace lntpay {

struct ClaimedDelivery {
  QueueRow queued;
  Event event;
  AttemptOutcome outcome{};
};

/// What one run attempts; no deliveries: nothing is due.
struct DeliveryBatch {
  TenantScope tenant;
  EndpointId endpoint;
  std::string lease{};
  std::string url{};
  Result<std::vector<Secret>> secrets{};
  std::vector<ClaimedDelivery> deliveries{};
  UnixMillis sent_at{};
  UnixMillis signed_at{};  ///< `sent_at` on the host's clock, which is the receiver's
  std::uint32_t latency_ms = 0;
};

/// Takes the endpoint's lease and up to delivery_batch_max due deliveries, in one commit. Where none is due it only moves the due
/// row to its place; the queue of a deleted endpoint is canceled. Fails with lease_elsewhere when there is nothing to run now.
Task<Result<DeliveryBatch>> claim_deliveries(Context& cx, std::string due_key, DueWork work, EndpointId id, std::string lease);

}  // namespace lntpay
