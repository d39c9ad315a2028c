// Revoking all that a gate has sold. Only a challenge that was open at that time and is paid later still buys: its invoice could
// not be recalled.
#pragma once
#include "core/gate/gate.hpp"

namespace lntpay {

/// Rotates the secret. The former one is kept until everything under it has expired. Yields the gate's JSON. Fails with not_found.
Task<Result<std::string>> revoke_gate(Context& cx, TenantScope tenant, GateId id, IdempotencyClaim claim);

/// Whether it was not paid by then. lnd reports whole seconds: in the second of the revocation it may have been paid after it.
bool is_paid_after(std::optional<UnixMillis> paid_at, UnixMillis revoked_at, Environment environment);

/// Whether a payment under a former secret still passes: its challenge was open when the gate was last revoked, was not paid by
/// then, and was sold on terms that these narrow. A leaked secret could sign any others. Fails with storage_unavailable.
Task<Result<bool>> outlives_revocation(Context& cx, const EnteredGate& at, Terms shown, Bytes32 payment_hash);

}  // namespace lntpay
