// One change of a withdrawal that holds, or held, a lock: what is decided about it, and all that follows, in one commit.
#pragma once
#include <functional>
#include <optional>

#include "core/request/audit_trail.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/tenant/context.hpp"
#include "core/withdrawal/fence.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// The node's proof that it paid, and what it took for the route.
struct Payment {
  Bytes32 preimage{};
  Msat fee;
};

/// What is to become of a withdrawal; `payment` goes with `Action::settle` and `Action::adjust`, and with `Action::wait` where the
/// node paid one that needs review: it is kept for the operator, and they are told.
struct Decision {
  Action action = Action::wait;
  std::string
      reason{};  ///< the withdrawal's reason from now on; of one that waits, if it is `unknown` and there is something to say
  EndedBy by = EndedBy::node;  ///< where the move ends it
  std::optional<Payment> payment{};
  std::optional<AuditNote> note{};  ///< who decided it, where that was a person
  IdempotencyClaim claim{};         ///< of the request that decided it: answered with the withdrawal as it then is
};

/// Reads the withdrawal as it is now, changes what is known of it, and decides. Pure; may run several times.
using Decide = std::function<Result<Decision>(Withdrawal&)>;

/// Commits what `decide` makes of the withdrawal: the reservation is settled or released with its end, the index, the due row and
/// the event move with its status. Yields it as it then is. Fails with not_found, and as `decide` does.
Task<Result<Withdrawal>> change_withdrawal(Context& cx, TenantScope tenant, WithdrawalId id, Decide decide);

/// As for a withdrawal that does not exist or is not shown.
std::unexpected<Error> no_such_withdrawal();

}  // namespace lntpay
