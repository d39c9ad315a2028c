// One change of a withdrawal that holds or held a lock: the decision and its consequences in one commit.
#pragma once
#include <functional>
#include <optional>

#include "core/request/audit_trail.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/withdrawal/fence.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// The node's proof of payment, and the fee that it paid for the route.
struct Payment {
  Bytes32 preimage{};
  Msat fee;
};

/// A decision about a withdrawal. `payment` goes with `Action::settle` and `Action::adjust`, and with `Action::wait` if the node
/// paid a withdrawal under review: it is stored for the operator, with an alarm.
struct Decision {
  Action action = Action::wait;
  std::string reason{};        ///< the withdrawal's new reason; with `wait` only if it is `unknown` and this is not empty
  EndedBy by = EndedBy::node;  ///< if the action ends it
  std::optional<Payment> payment{};
  std::optional<Act> act{};  ///< for a decision by an operator
  IdempotencyClaim claim{};  ///< of the request; stores the changed withdrawal
};

/// Updates the withdrawal's record of the node, and decides. Pure; may run several times.
using Decide = std::function<Result<Decision>(Withdrawal&)>;

/// Commits the decision: settles or releases the reservation, and writes row, indexes, due row and event. Yields the changed
/// withdrawal. Fails with not_found, and as `decide`.
Task<Result<Withdrawal>> change_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Decide decide);

/// For a withdrawal that does not exist or is not visible.
std::unexpected<Error> no_such_withdrawal();

}  // namespace lntpay
