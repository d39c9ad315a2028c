// Claiming an Idempotency-Key: the first request runs, the same one again is answered with the stored bytes, another with the
// same key is refused. Scope: environment, workspace, key; so a rotated API key does not matter. Authorise before claiming.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/request/idempotency_claim.hpp"

namespace lntpay::idempotency {

/// Longer than any operation takes.
inline constexpr Millis lease = seconds(60);
/// How long an answer is kept; the route table says which is which.
inline constexpr Millis retention_default = days(1);
inline constexpr Millis retention_of_withdrawals = days(30);

/// What was answered then, byte for byte.
struct StoredAnswer {
  std::uint16_t status = 0;
  std::string body;
};

/// Fresh, or resumed after a lease that ran out: a IdempotencyClaim, and the operation is ours to run. Done: its answer.
/// Fails with: idempotency_key_reused (another fingerprint, whatever the state), idempotency_in_progress (retry after 1 s).
Task<Result<std::variant<IdempotencyClaim, StoredAnswer>>> claim_key(Context& cx, TenantScope tenant, std::string key,
                                                                     Bytes32 fingerprint, std::uint16_t success_status,
                                                                     Millis retention = retention_default);

/// Lets a later request with the key go on at once with what this one began, whose end it could not bring about.
Task<Result<>> pause(Context& cx, IdempotencyClaim claim);

/// Frees the key after a refusal that is not stored. Leaves the row alone when another has it by now.
Task<Result<>> release(Context& cx, IdempotencyClaim claim);

/// Whether the withdrawal in this row has not reached its final state.
using IsUnderWay = Task<Result<bool>> (*)(Context& cx, std::string withdrawal_key);

/// Due work "idem": removes the row. Postponed while an operation holds the row or the withdrawal that it made is under way.
Task<Result<>> purge(Context& cx, std::string task_key, IsUnderWay is_under_way);

}  // namespace lntpay::idempotency
