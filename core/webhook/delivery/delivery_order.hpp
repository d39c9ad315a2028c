// The order of deliveries, for endpoints with `ordering: per_object`: the next event of an object leaves when the earlier one has
// been delivered or has become a dead letter. Events of different objects do not wait for each other.
//
// Row `…/order/{endpoint}/{object}/{seq of the event}`: the place of a delivery that has not ended. A delivery whose turn has not
// come leaves its queue and is *held*; the commit that ends the one before it queues it again. Deliveries of an endpoint without
// ordering have no places.
#pragma once
#include <array>
#include <string>

#include "core/webhook/delivery/delivery.hpp"

namespace lntpay {

struct OrderPlace {
  static constexpr int row_version = 1;
  DeliveryId delivery;
  bool is_held = false;  ///< it is in no queue

  auto fields(this auto& self) { return std::tie(self.delivery, self.is_held); }
};

/// Ends with "/": all places of an endpoint.
std::string order_prefix(const TenantScope& tenant, const EndpointId& endpoint);
/// The place of a delivery whose event is about an object.
std::string order_key(const TenantScope& tenant, const Delivery& delivery);

/// Adds the place of a queued delivery to the batch. None if its event is about no object.
void take_place(WriteBatch& batch, const TenantScope& tenant, const Delivery& delivery);

/// Whether the delivery may leave now. If not, the batch takes it out of its queue and holds it; that commit conflicts with the end
/// of the delivery before it.
Task<Result<bool>> has_turn(Context& cx, WriteBatch& batch, TenantScope tenant, Delivery delivery, QueueRow queued);

/// Removes the place of a delivery that has ended, and queues the object's next one if it is held.
Task<Result<>> pass_turn(Context& cx, WriteBatch& batch, TenantScope tenant, Delivery ended);

}  // namespace lntpay
