// A new charge in the place of one that has expired, for the payer who comes late to its checkout page.
#pragma once
#include "core/charge/charge.hpp"

namespace lntpay {

/// Whether `renew_charge` makes one.
constexpr bool can_renew(const Charge& charge) { return charge.renewable && charge.status == ChargeStatus::expired; }

/// A charge like the expired one, for as long; its `renews` names that one. All calls for one charge yield the same new charge.
/// Its id sorts at the time at which the old one expired.
/// Fails with invalid_state if the charge is not `renewable` or has not expired; not_found; as create_charge.
Task<Result<Charge>> renew_charge(Context& cx, TenantScope tenant, ChargeId id);

}  // namespace lntpay
