// The causes of reviews: only what the node did, or another withdrawal, may send a withdrawal to an operator.
#include <algorithm>

#include "tests/sim/oracle.hpp"

namespace lntpay::sim {

/// Another withdrawal of the hash was sent, so the node may have a payment that is not of this one.
bool Oracle::was_sent_by_another(const Withdrawal& withdrawal) const {
  return std::ranges::any_of(withdrawals_, [&](const auto& each) {
    const auto& other = each.second;
    const bool same_node = is_live(other.tenant) ? is_live(withdrawal.tenant) : other.tenant == withdrawal.tenant;
    return &other != &withdrawal && same_node && other.payment_hash == withdrawal.payment_hash && other.sends > 0;
  });
}

/// Causes that a correct engine cannot find here have no branch: a preimage of another hash, a restored node.
void Oracle::check_review(const Withdrawal& withdrawal, std::string_view reason) const {
  if (is_past(withdrawal.tenant)) return;  // its sandbox was reset
  const bool live = is_live(withdrawal.tenant);
  const bool deleted = live ? lnd_.forgotten.contains(withdrawal.payment_hash) : forgetful_.contains(lasting(withdrawal.tenant));
  const bool repeated = live && lnd_.repeated.contains(withdrawal.payment_hash);
  bool caused = false;
  if (reason == "the node has no record of a payment that it had") {
    caused = deleted;
    if (caused) scene_.marks.reach("review: a record was deleted");
  } else if (reason == "the node already had a payment for this invoice") {
    caused = repeated || was_sent_by_another(withdrawal);
    if (caused) scene_.marks.reach("review: the node already had a payment");
  } else if (reason == "the node replaced a payment that had not failed") {
    // A send that arrives late replaces a payment whose failure no poll has seen.
    caused = deleted || repeated || withdrawal.sends > 1;
    if (caused) scene_.marks.reach("review: a payment was replaced");
  }
  require(caused, "a review without a cause: ", withdrawal.id, ", ", std::string(reason));
}

}  // namespace lntpay::sim
