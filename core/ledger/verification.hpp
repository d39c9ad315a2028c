// Proving the ledger: the entries are folded and compared with what is stored, in as many calls as it takes.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/ledger_entry.hpp"
#include "core/tenant/context.hpp"

namespace lntpay {

Task<Result<AccountState>> read_account(Context& cx, TenantScope tenant);

inline constexpr std::uint32_t verified_rows_max = 10'000;

struct Verification {
  bool ok = false;
  bool complete = false;  ///< the account was reached: no entry is left to check
  AccountState folded;    ///< what the entries up to the last good one come to: where the next call goes on
  std::string problem;    ///< the broken rule, when not ok
  std::uint64_t problem_seq = 0;
};

struct BrokenEntry {
  std::uint64_t seq = 0;
  std::string problem;
};
/// What others know of a batch of entries: the first that is not as it must be.
using EntriesCheck = Task<Result<std::optional<BrokenEntry>>> (*)(Context&, TenantScope, std::vector<LedgerEntry>);

/// Checks I1, I2, I4, I5 and that each transfer happened once, over at most `rows` entries (up to verified_rows_max) after those
/// that `from` stands for; as of one account. An empty `from` is the beginning. `also` is asked about each batch.
Task<Result<Verification>> verify_entries(Context& cx, TenantScope tenant, AccountState from, std::uint32_t rows,
                                          EntriesCheck also = nullptr);

/// "seq.hash.available.locked.suspense": all that the fold of the entries up to a seq leaves. Written by the API and by
/// `lntpay ledger verify` alike, so that either goes on where the other ended.
std::string fold_text(const AccountState& account);
std::optional<AccountState> parse_fold(std::string_view text);

}  // namespace lntpay
