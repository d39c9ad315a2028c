// Creation of a charge.
#pragma once
#include <optional>
#include <string>

#include "core/charge/charge.hpp"
#include "core/lightning/node/node.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

struct ChargeRequest {
  std::optional<Msat> amount;  ///< at least 1 msat; nullopt: the payer chooses it
  AmountBounds bounds{};       ///< without an amount
  std::string description;
  std::optional<Bytes32> description_hash{};  ///< the invoice has it instead of the description
  std::uint32_t expires_in_s = 600;
  std::string external_id;
  std::string metadata;  ///< a JSON object, as received
  std::string success_url;
  std::string webhook_url;  ///< checked by check_charge_webhook (core/webhook/delivery/charge_target)
  LatePolicy late_policy{};
  std::string cancel_url{};
  bool renewable = false;
  std::optional<ChargeId> renews{};
  std::string gate_terms{};
};

/// A visible charge, with the JSON of its response and its event.
struct Published {
  Charge charge;
  std::string json;
};

/// Writes finder row and charge, adds the invoice to the node, then publishes the charge. A retry after any interruption, with the
/// same random seed, returns the same charge.
/// Fails with node_unavailable; invalid_request when the node rejects it: then there is no charge.
Task<Result<Published>> create_charge(Context& cx, TenantScope tenant, ChargeRequest asked, IdempotencyClaim claim);

/// The last step: a `creating` charge becomes `pending`, with its event and the stored answer in one commit. One that is already
/// published is returned unchanged. Fails with internal_error when the node's invoice is not as requested: then there is no charge.
Task<Result<Published>> publish_charge(Context& cx, TenantScope tenant, ChargeId id, NodeInvoice invoice, IdempotencyClaim claim);

/// Whether the node's invoice has the requested amount, time and description.
bool agrees(const NodeInvoice& invoice, std::optional<Msat> amount, Millis valid_for, const bolt11::Description& description);

/// Removes a `creating` charge with its due row; its finder row stays. Fails with conflict when another run has taken it over.
Task<Result<>> remove_new_charge(Context& cx, TenantScope tenant, Stored<Charge> left);

}  // namespace lntpay
