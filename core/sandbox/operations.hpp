// The sandbox's controls: time, faults, and beginning anew. Test workspaces only; each has its own, and moves nobody else.
#pragma once
#include <string>
#include <vector>

#include "core/effects/context.hpp"
#include "core/idempotency/receipt.hpp"
#include "core/workspace/realm.hpp"

namespace lntpay {

/// The session works in this realm from now on: reads the controls of a test workspace, and yields the realm in its present
/// generation.
Task<Result<Realm>> enter_realm(Context& cx, Realm realm);

/// {"object":"sandbox","now","clock_ahead_ms","generation","faults"}
std::string sandbox_json(const Context& cx);

inline constexpr Millis clock_ahead_max = days(3'650);

/// Moves the workspace's clock, and with it its charges, invoices, payments and retries: what is due by it is due so much sooner.
/// Fails with invalid_request (ms) beyond clock_ahead_max.
Task<Result<std::string>> advance_clock(Context& cx, Realm realm, Millis by, idempotency::Receipt receipt);

/// The due task of kind "clock": due rows that were written by an operation which did not know yet how far the clock is ahead.
inline constexpr std::string_view clock_kind = "clock";
Task<Result<>> run_clock(Context& cx, std::string due_key);

/// These faults are on from now on, and no others.
Task<Result<std::string>> set_faults(Context& cx, Realm realm, std::vector<SandboxFault> faults, idempotency::Receipt receipt);

/// The workspace's test data begins anew: rows of a new generation, no faults, the host's time. Keys stay. What the former
/// generation still had to do is dropped as it comes due.
Task<Result<std::string>> reset_sandbox(Context& cx, Realm realm, idempotency::Receipt receipt);

}  // namespace lntpay
