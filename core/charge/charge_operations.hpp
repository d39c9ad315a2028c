// What a user does with charges that exist.
#pragma once
#include <optional>
#include <string>

#include "core/charge/charge.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// Long-poll: yields the charge at once when it is final or `wait` is none, else when it changes or the time is over.
/// Fails with not_found.
Task<Result<Charge>> get_charge(Context& cx, TenantScope tenant, ChargeId id, Millis wait);

/// Cancels at the node first; the charge is `canceled` only when the node confirms.
/// Fails with not_found, node_unavailable, invalid_state when it did not become canceled: the message says what it is.
Task<Result<std::string>> cancel_charge(Context& cx, TenantScope tenant, ChargeId id, IdempotencyClaim claim = {});

/// The sandbox's payer: pays the charge now or after a delay. Fails as SandboxNode::pay.
struct SandboxPay {
  std::optional<Msat> amount;  ///< none: the charge's own
  Millis delay;
  bool late = false;  ///< after it expired or was canceled
};
Task<Result<std::string>> pay_in_sandbox(Context& cx, TenantScope tenant, ChargeId id, SandboxPay pay, IdempotencyClaim claim = {});

/// The sandbox's payer as a wallet: pays the invoice of one of the workspace's charges, and knows the preimage from then on. Yields
/// {"object":"sandbox_payment","charge_id","payment_hash","preimage"}. Fails with not_found; as SandboxNode::pay.
Task<Result<std::string>> pay_as_wallet(Context& cx, TenantScope tenant, Bytes32 payment_hash, IdempotencyClaim claim = {});

/// Lets the charge's invoice expire now. Fails with not_found, invalid_state.
Task<Result<std::string>> expire_in_sandbox(Context& cx, TenantScope tenant, ChargeId id, IdempotencyClaim claim = {});

}  // namespace lntpay
