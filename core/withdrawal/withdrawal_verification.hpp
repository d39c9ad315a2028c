// I3 as part of the ledger's proof: `locked` is the sum of what open withdrawals reserve.
//
// It is proved row by row, because withdrawals go on while a proof of many calls runs. From the entries: each that moves `locked`
// is the lock or the one resolution of its withdrawal, in exactly its amounts; a lock whose withdrawal is over was resolved, a
// resolution had a lock. From the withdrawals: each that is open has its lock. So the locks that were not resolved, which is what
// `locked` folds to, are those of the open withdrawals. What is looked for stays true once it is, so nothing that moves meanwhile
// is a false alarm.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/ledger/verification.hpp"
#include "core/withdrawal/withdrawal.hpp"

namespace lntpay {

/// How far a proof of the money is: the entries, and then the open withdrawals, in the order of their status and id.
struct MoneyProof {
  Audit ledger;         ///< complete: no entry and no open withdrawal is left
  std::string open_at;  ///< "dispatched/wd_…", the last one looked at; empty: the next call begins with the first
};

/// As audit_ledger, with I3. Looks at up to `rows` entries and, with the last of them, at up to `rows` open withdrawals.
Task<Result<MoneyProof>> verify_money(Context& cx, TenantScope tenant, MoneyProof from, std::uint32_t rows);

/// `fold_text`, followed by "." and `open_at` where there is one: where the next call goes on.
std::string proof_text(const MoneyProof& proof);
std::optional<MoneyProof> parse_proof(std::string_view text);

}  // namespace lntpay
