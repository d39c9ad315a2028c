// API operations on existing charges.
#pragma once
#include <optional>
#include <string>

#include "core/charge/charge.hpp"
#include "core/request/audit_trail.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// Long poll: returns when the charge is final, and at the latest after `wait`.
/// Fails with not_found.
Task<Result<Charge>> get_charge(Context& cx, TenantScope tenant, ChargeId id, Millis wait);

/// Cancels at the node first; the charge is `canceled` only when the node confirms.
/// Fails with not_found, node_unavailable, invalid_state when it is not canceled; the message has its status.
Task<Result<std::string>> cancel_charge(Context& cx, TenantScope tenant, ChargeId id, IdempotencyClaim claim = {});

/// Replaces the charge's metadata; empty: none. Yields the charge. Fails with not_found.
Task<Result<Charge>> change_metadata(Context& cx, TenantScope tenant, ChargeId id, std::string metadata);

/// Fails with balance_limit_exceeded if the workspace would hold more than 21 million bitcoin, as only a sandbox can.
Task<Result<>> require_room(Context& cx, TenantScope tenant, Msat amount);

/// The preimage of a charge that has been paid, which proves the payment; nullopt before. Fails with internal_error when the
/// configured keys do not decrypt it.
Result<std::optional<Bytes32>> preimage_of(const Context& cx, const TenantScope& tenant, const Charge& charge);

/// When the due task polls a sandbox payment made at `at`. One without delay is credited by its request; the task polls later, in
/// case that request was cut off.
UnixMillis poll_of_payment(UnixMillis at, UnixMillis now);

/// A sandbox payment of the charge, now or after a delay; a delayed one fails where there is no room by then. Fails as
/// SandboxNode::pay, and as `require_room`.
struct SandboxPay {
  std::optional<Msat> amount;  ///< none: the charge's amount; required if it has none
  Millis delay;
  bool late = false;  ///< after it expired or was canceled
  Act act{};          ///< the audit note, written with the payment; empty: none
};
Task<Result<std::string>> pay_in_sandbox(Context& cx, TenantScope tenant, ChargeId id, SandboxPay pay, IdempotencyClaim claim = {});

/// A sandbox wallet: pays the invoice of a charge or challenge of the workspace, and returns the preimage. Yields
/// {"object":"sandbox_payment","charge_id","payment_hash","preimage"}. `amount` as in SandboxPay. Fails with not_found; as
/// SandboxNode::pay.
Task<Result<std::string>> pay_as_wallet(Context& cx, TenantScope tenant, Bytes32 payment_hash, std::optional<Msat> amount,
                                        IdempotencyClaim claim = {});

/// The amount of a sandbox payment of the charge. Fails with invalid_request if nobody states one.
Result<Msat> amount_to_pay(const Charge& charge, std::optional<Msat> asked);

/// Expires the charge's invoice now, with an audit note. Fails with not_found, invalid_state.
Task<Result<std::string>> expire_in_sandbox(Context& cx, TenantScope tenant, ChargeId id, IdempotencyClaim claim = {});

}  // namespace lntpay
