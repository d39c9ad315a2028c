// I3 as part of the verification of a ledger: `locked` is the sum of the open withdrawals' reservations.
//
// Verified row by row, because withdrawals continue while a verification of many calls runs. Entries: each one that moves `locked`
// is the lock or the resolution of its withdrawal, with its exact amounts; a final withdrawal's lock has a resolution, and a
// resolution has a lock. Withdrawals: each one has its lock and, if it is final, its resolution. So the unresolved locks, whose sum
// is `locked`, are those of the open withdrawals, and no entry of a withdrawal is missing. Each condition stays true once it is
// true, so concurrent changes raise no false alarm.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/ledger/verification.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// Those that have entries, in an order in which a withdrawal only moves forward: one that moves during a walk is not passed over.
inline constexpr std::array booked_withdrawal_statuses{WithdrawalStatus::pending,   WithdrawalStatus::dispatched,
                                                       WithdrawalStatus::unknown,   WithdrawalStatus::needs_review,
                                                       WithdrawalStatus::succeeded, WithdrawalStatus::failed};

/// The first entry that disagrees with its withdrawal.
Task<Result<std::optional<BrokenEntry>>> check_withdrawal_entries(Context& cx, TenantScope tenant,
                                                                  std::vector<LedgerEntry> entries);

/// The first of these withdrawals, listed under such a status, that lacks an entry: "wd_… has no lock", "… has no resolution", or,
/// if it was paid after it was given up, "… has no adjustment".
Task<Result<std::optional<std::string>>> find_missing_entry(Context& cx, TenantScope tenant, std::vector<std::string> ids);

}  // namespace lntpay
