// I3 as part of the ledger's verification: `locked` is the sum of the open withdrawals' reservations.
//
// Verified row by row, because withdrawals continue while a verification of many calls runs. Entries: each one that moves `locked`
// is the lock or the resolution of its withdrawal, with its exact amounts; a final withdrawal's lock has a resolution, and a
// resolution has a lock. Withdrawals: each open one has its lock. So the unresolved locks, whose sum is `locked`, are those of the
// open withdrawals. Each condition stays true once it is true, so concurrent changes raise no false alarm.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/ledger/verification.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// The progress of a verification: first the entries, then the open withdrawals in order of status and id.
struct MoneyProof {
  Verification ledger;  ///< complete: every entry and open withdrawal was checked
  std::string open_at;  ///< "dispatched/wd_…", the last one checked; empty: none yet
};

/// verify_entries, with I3. Checks up to `rows` entries and, after the last one, up to `rows` open withdrawals.
Task<Result<MoneyProof>> verify_money(Context& cx, TenantScope tenant, MoneyProof from, std::uint32_t rows);

/// `fold_text`, then "." and `open_at` unless empty: the next call resumes there.
std::string proof_text(const MoneyProof& proof);
std::optional<MoneyProof> parse_proof(std::string_view text);

}  // namespace lntpay
