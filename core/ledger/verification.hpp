// Verification of the ledger: folds the entries and compares the result with the stored account, over as many calls as needed.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/ledger_entry.hpp"
#include "core/storage/read_budget.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

Task<Result<AccountState>> read_account(Context& cx, TenantScope tenant);

inline constexpr std::uint32_t verified_rows_max = read_rows_max;

struct Verification {
  bool ok = false;
  bool complete = false;  ///< no entry is left to check
  AccountState folded;    ///< the fold up to the last good entry: `from` of the next call
  std::string problem;    ///< the broken rule, if not ok
  std::uint64_t problem_seq = 0;
};

struct BrokenEntry {
  std::uint64_t seq = 0;
  std::string problem;
};
/// A further check of a batch of entries by a higher layer: the first that breaks a rule.
using EntriesCheck = Task<Result<std::optional<BrokenEntry>>> (*)(Context&, TenantScope, std::vector<LedgerEntry>);

/// Checks I1, I2, I4, I5 and I7 (each transfer happened once) over at most `rows` entries (up to verified_rows_max, and as much as
/// a ReadBudget allows) after the fold `from`; an empty one is the start. `also` is called for each batch.
Task<Result<Verification>> verify_entries(Context& cx, TenantScope tenant, AccountState from, std::uint32_t rows,
                                          EntriesCheck also = nullptr);

/// Whether each of these transfers was posted: it has its row, and the entry that the row names is there and is the transfer's. A
/// row that does not name its entry's seq (TransferPlace) is only known to be there.
Task<Result<std::vector<bool>>> find_posted(Context& cx, TenantScope tenant, std::vector<Bytes32> transfers);

/// "seq.hash.available.locked.suspense": the fold of the entries up to a seq. The API and `lntpay ledger verify` use the same text,
/// so either can resume from the other.
std::string fold_text(const AccountState& account);
std::optional<AccountState> parse_fold(std::string_view text);

}  // namespace lntpay
