// The verification of a workspace's money: the ledger's own rules, and that entries, withdrawals and charges agree in both
// directions. It finds forged, missing and altered rows of a store; what only the node can know, reconciliation finds
// (docs/money.md).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/ledger/verification.hpp"

namespace lntpay {

/// The progress of a verification: first the entries, then what must have entries: withdrawals, settled charges and the tickets of
/// adjustments, in order of status and id.
struct MoneyProof {
  Verification ledger;  ///< complete: every entry, withdrawal, settled charge and ticket was checked
  std::string at;       ///< "dispatched/wd_…", "paid/ch_…", "adjustment/{transfer}": the last one checked; empty: none yet
};

/// Checks up to `rows` entries and, after the last one, others: as much as a ReadBudget allows.
Task<Result<MoneyProof>> verify_money(Context& cx, TenantScope tenant, MoneyProof from, std::uint32_t rows);

/// `fold_text`, then "." and `at` unless empty: the next call resumes there.
std::string proof_text(const MoneyProof& proof);
std::optional<MoneyProof> parse_proof(std::string_view text);

}  // namespace lntpay
