// Operations on challenges: waiting for the payment, and payments in the sandbox.
#pragma once
#include "core/charge/charge.hpp"
#include "core/charge/charge_operations.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

/// As `get_charge`, for a challenge, whose node is polled meanwhile. Fails with not_found, also once it was deleted.
Task<Result<Charge>> get_challenge(Context& cx, TenantScope tenant, Bytes32 payment_hash, Millis wait);

/// As `pay_in_sandbox`, for a challenge. `at`: when the payment arrives, the same in every run of the operation. Yields its charge.
Task<Result<Charge>> pay_challenge_in_sandbox(Context& cx, TenantScope tenant, Bytes32 payment_hash, SandboxPay pay, UnixMillis at);

}  // namespace lntpay
