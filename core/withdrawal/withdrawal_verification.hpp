// I3 as part of the verification of a ledger: `locked` is the sum of the open withdrawals' reservations.
//
// Verified row by row, because withdrawals continue while a verification of many calls runs. Entries: each one that moves `locked`
// is the lock or the resolution of its withdrawal, with its exact amounts; a final withdrawal's lock has a resolution, and a
// resolution has a lock. Withdrawals: each open one has its lock. So the unresolved locks, whose sum is `locked`, are those of the
// open withdrawals. Each condition stays true once it is true, so concurrent changes raise no false alarm.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/ledger/verification.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

inline constexpr std::array open_withdrawal_statuses{WithdrawalStatus::pending, WithdrawalStatus::dispatched,
                                                     WithdrawalStatus::unknown, WithdrawalStatus::needs_review};

/// The first entry that disagrees with its withdrawal.
Task<Result<std::optional<BrokenEntry>>> check_withdrawal_entries(Context& cx, TenantScope tenant,
                                                                  std::vector<LedgerEntry> entries);

/// The first of these withdrawals that is open and has no lock.
Task<Result<std::optional<std::string>>> find_missing_lock(Context& cx, TenantScope tenant, std::vector<std::string> ids);

}  // namespace lntpay
