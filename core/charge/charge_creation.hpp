// Making a charge.
#pragma once
#include <optional>
#include <string>

#include "core/charge/charge.hpp"
#include "core/lightning/node/node.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

struct ChargeRequest {
  Msat amount;  ///< at least 1 msat
  std::string description;
  std::optional<Bytes32> description_hash;  ///< instead of the description
  std::uint32_t expires_in_s = 600;
  std::string external_id;
  std::string metadata;  ///< a JSON object, as it came
  std::string success_url;
  LatePolicy late_policy{};
};

/// A charge that is out, with the JSON that was stored as the request's answer and told by its event.
struct Published {
  Charge charge;
  std::string json;
};

/// Finder row, charge, invoice, and then the charge is `pending` with its event and the stored answer in one commit.
/// Repeating it after any interruption, with the same random seed, ends with the same charge.
/// Fails with node_unavailable; invalid_request when the node refuses it: then there is no charge.
Task<Result<Published>> create_charge(Context& cx, TenantScope tenant, ChargeRequest asked, IdempotencyClaim claim);

/// The last step: the charge that is still `creating` becomes `pending`. One that is published already is yielded as it is.
/// Fails with internal_error when the node's invoice is another than was asked for: then there is no charge.
Task<Result<Published>> publish_charge(Context& cx, TenantScope tenant, ChargeId id, NodeInvoice invoice, IdempotencyClaim claim);

/// Removes a charge that is still `creating`, with its due row. The row that finds it by its hash stays, as always: it then
/// leads nowhere. Fails with conflict when somebody took the charge over meanwhile.
Task<Result<>> forget_new_charge(Context& cx, TenantScope tenant, Stored<Charge> left);

}  // namespace lntpay
