// Closing a gate: DELETE ends its challenges at once, and the gate when the last credential that it sold has expired.
#pragma once
#include <string>

#include "core/gate/gate.hpp"

namespace lntpay {

/// Other instances may make challenges of a changed gate for as long as they cache it; clocks differ.
inline constexpr Millis gate_change_margin = minutes(1);

/// When everything has expired that was sold until `at`.
UnixMillis end_of_sold(const Gate& gate, UnixMillis at);

/// Closes the gate; one that is closed stays so. Payments stay credited. Fails with not_found.
Task<Result<>> close_gate(Context& cx, TenantScope tenant, GateId id);

/// The due work that removes a closed gate.
inline constexpr std::string_view gate_end_kind = "gate";
Task<Result<>> run_gate_end(Context& cx, std::string key);

}  // namespace lntpay
