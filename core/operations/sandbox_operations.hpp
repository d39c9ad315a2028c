// The sandbox's controls: time, faults, and beginning anew. Test workspaces only; each has its own, and moves nobody else.
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

/// Moves the workspace's clock, and with it its charges, invoices, payments and retries: what is due by it is due so much sooner.
/// Fails with invalid_request (ms) beyond clock_ahead_max.
Task<Result<std::string>> advance_clock(Context& cx, TenantScope tenant, Millis by, IdempotencyClaim claim);

/// The due task of kind "clock": due rows that were written by an operation which did not know yet how far the clock is ahead.
inline constexpr std::string_view clock_kind = "clock";
Task<Result<>> run_clock(Context& cx, std::string due_key);

/// These faults are on from now on, and no others.
Task<Result<std::string>> set_faults(Context& cx, TenantScope tenant, std::vector<SandboxFault> faults, IdempotencyClaim claim);

/// The workspace's test data begins anew: rows of a new generation, no faults, the host's time. Keys stay. What the former
/// generation still had to do is dropped as it comes due.
Task<Result<std::string>> reset_sandbox(Context& cx, TenantScope tenant, IdempotencyClaim claim);

}  // namespace lntpay
