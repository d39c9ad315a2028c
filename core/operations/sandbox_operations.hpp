// Changes of the sandbox controls: clock, faults, reset. Test workspaces only; each has its own controls.
#pragma once
#include <string>
#include <vector>

#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// {"object":"sandbox","now","clock_ahead_ms","generation","faults"}
std::string sandbox_json(const Context& cx);

inline constexpr Millis clock_ahead_max = days(3'650);

/// Advances the workspace's clock, and with it its charges, invoices, payments and retries.
/// Fails with invalid_request (ms) beyond clock_ahead_max.
Task<Result<std::string>> advance_clock(Context& cx, TenantScope tenant, Millis by, IdempotencyClaim claim);

/// The due task of kind "clock": moves due rows that an operation wrote by the old clock.
inline constexpr std::string_view clock_kind = "clock";
Task<Result<>> run_clock(Context& cx, std::string due_key);

/// Replaces the faults that are active, and the error with which requests fail; nullopt: none.
Task<Result<std::string>> set_faults(Context& cx, TenantScope tenant, std::vector<SandboxFault> faults,
                                     std::optional<ErrorCode> error, IdempotencyClaim claim);

/// Resets the workspace's test data: a new generation without rows, no faults, the host's time. API keys stay. Due work of the old
/// generation is dropped when it comes due.
Task<Result<std::string>> reset_sandbox(Context& cx, TenantScope tenant, IdempotencyClaim claim);

}  // namespace lntpay
