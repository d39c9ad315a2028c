// Claiming an Idempotency-Key: the first request runs, a repeated one gets the stored answer byte for byte, a different one with
// the same key is refused. Keys are scoped to environment and workspace, so rolling an API key does not matter. Authorise before
// claiming.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/request/idempotency_claim.hpp"

namespace lntpay::idempotency {

/// Longer than any operation takes.
inline constexpr Millis lease = seconds(60);
/// How long an answer is kept; the route table chooses.
inline constexpr Millis retention_default = days(1);
inline constexpr Millis retention_of_withdrawals = days(30);

/// The answer of the first request, byte for byte.
struct StoredAnswer {
  std::uint16_t status = 0;
  std::string body;
};

/// The claimed request.
struct Claiming {
  std::string key;
  Bytes32 fingerprint{};
  std::uint16_t success_status = 0;
  Millis retention = retention_default;
  std::string requester{};        ///< the id of the API key; empty: the operator
  bool answer_is_secret = false;  ///< the answer goes only to the requester of the first request
};

/// A claim if the key is new or its lease has expired: run the operation. The stored answer if the operation is done.
/// Fails with: idempotency_key_reused (another fingerprint, in any state), insufficient_scopes (a secret answer, of another
/// requester), idempotency_in_progress (retry after 1 s).
Task<Result<std::variant<IdempotencyClaim, StoredAnswer>>> claim_key(Context& cx, TenantScope tenant, Claiming asked);

/// Ends the lease of an operation that could not finish, so that a retry with the key resumes it at once.
Task<Result<>> pause(Context& cx, IdempotencyClaim claim);

/// Stores a refusal as the answer, unless another session holds the row by now or the operation has stored one.
Task<Result<>> refuse(Context& cx, IdempotencyClaim claim, Error error);

/// Frees the key after a refusal that is not stored. Does nothing if another session holds the row by now.
Task<Result<>> release(Context& cx, IdempotencyClaim claim);

/// Whether the withdrawal in this row is not final yet.
using IsUnderWay = Task<Result<bool>> (*)(Context& cx, std::string withdrawal_key);

/// Due work "idem": removes the row. Postponed while an operation holds the row or its withdrawal is not final.
Task<Result<>> purge(Context& cx, std::string task_key, IsUnderWay is_under_way);

}  // namespace lntpay::idempotency
