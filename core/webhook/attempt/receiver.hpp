// The receiver of deliveries, as an attempt sees it: an endpoint, or the charge target of a `webhook_url`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/webhook/delivery/delivery.hpp"
#include "core/webhook/endpoint/endpoint.hpp"

namespace lntpay {

struct Receiver {
  EndpointId id;
  std::string url{};  ///< of a charge target: that of its delivery, once `address_receiver` has read it
  SigningSecrets secrets{};
  std::string active_secret{};  ///< the id of the chosen one; empty: the newest
  std::vector<CustomHeader> headers{};
  DeliveryOrder ordering{};
  std::uint32_t max_per_second = 0;
  std::uint64_t epoch = 0;
  bool is_enabled = true;
};

/// `endpoint`: the one with this id; null: there is none. nullopt: it was deleted, as only charge targets have no endpoint.
std::optional<Receiver> receiver_of(const EndpointId& id, const Endpoint* endpoint);

/// Gives a charge target the URL of the delivery and the workspace's secrets; leaves an endpoint as it is. A URL or secret that
/// cannot be read stays empty, so that nothing is sent and the attempt fails.
Task<Result<>> address_receiver(Context& cx, TenantScope tenant, Receiver& receiver, DeliveryId delivery);

/// The row key that the secrets of a receiver are sealed under.
std::string secrets_key(const TenantScope& tenant, const EndpointId& id);

}  // namespace lntpay
