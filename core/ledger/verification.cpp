// Verifies that the fold of all entries equals the stored account.
#include "core/ledger/verification.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/ledger/ledger_list.hpp"

namespace lntpay {
namespace {

Verification broken(const AccountState& folded, std::string_view problem, std::uint64_t seq) {
  return {.folded = folded, .problem = std::string(problem), .problem_seq = seq};
}

/// The account, and whether an entry exists that it does not include. Both are read at once; again if entries were written before.
struct AccountEnd {
  AccountState account;
  bool is_end = true;
};
Task<Result<AccountEnd>> read_end(Context& cx, TenantScope tenant) {
  constexpr int reads_max = 8;
  AccountEnd end{.account = co_await read_account(cx, tenant)};
  for (int reads = 0; reads < reads_max; ++reads) {
    const auto next = entry_key(tenant, end.account.entries + 1);
    const auto rows = co_await cx.store.get_all({account_key(tenant), next});
    const auto seen = end.account.entries;
    if (rows[0]) end.account = co_await from_row<AccountState>(*rows[0]);
    end.is_end = !rows[1];
    if (end.account.entries == seen) break;
    end.is_end = true;
  }
  co_return end;
}

/// The transfer rows of these entries; a transfer's row makes it unique.
Task<Result<std::vector<std::optional<Entry>>>> transfers_of(Context& cx, TenantScope tenant, std::vector<LedgerEntry> entries) {
  std::vector<std::string> keys;
  keys.reserve(entries.size());
  for (const auto& entry : entries) keys.push_back(transfer_key(tenant, entry.transfer));
  co_return co_await cx.store.get_all(std::move(keys));
}

bool is_row_of(const std::optional<Entry>& row, const LedgerEntry& entry) {
  const auto place = row ? parse_transfer_place(row->value) : std::nullopt;
  return place && place->entry == entry.id && (place->seq == 0 || place->seq == entry.seq);
}

/// As `find_posted`, for as many as one read can ask for.
Task<Result<std::vector<bool>>> find_posted_page(Context& cx, TenantScope tenant, std::vector<Bytes32> transfers) {
  std::vector<std::string> keys;
  keys.reserve(transfers.size());
  for (const auto& transfer : transfers) keys.push_back(transfer_key(tenant, transfer));
  const auto rows = co_await cx.store.get_all(std::move(keys));
  std::vector<bool> posted(transfers.size());
  std::vector<std::string> entry_keys;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < transfers.size(); ++i) {
    const auto place = rows[i] ? parse_transfer_place(rows[i]->value) : std::nullopt;
    posted[i] = place.has_value();
    if (!place || place->seq == 0) continue;
    entry_keys.push_back(entry_key(tenant, place->seq));
    numbers.push_back(i);
  }
  const auto entries = co_await cx.store.get_all(std::move(entry_keys));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    posted[numbers[i]] = false;
    if (!entries[i]) continue;
    const auto entry = co_await from_row<LedgerEntry>(*entries[i]);
    posted[numbers[i]] = entry.transfer == transfers[numbers[i]];
  }
  co_return std::move(posted);
}

}  // namespace

Task<Result<AccountState>> read_account(Context& cx, TenantScope tenant) {
  const auto stored = co_await cx.store.load<AccountState>(account_key(tenant));
  co_return stored ? stored->record : AccountState{};
}

Task<Result<Verification>> verify_entries(Context& cx, TenantScope tenant, AccountState from, std::uint32_t rows,
                                          EntriesCheck also) {
  const auto [stored, is_end] = co_await read_end(cx, tenant);
  auto folded = from;
  if (!is_end) co_return broken(folded, "I4 the account includes every entry", stored.entries + 1);
  if (folded.entries > stored.entries) {
    co_return broken(folded, "I5 the ledger reaches what was verified before", stored.entries);
  }
  ReadBudget budget(cx.seam, rows);
  // Entries written after the account was read are left to the next call.
  while (folded.entries < stored.entries && budget.next_page() > 0) {
    const auto batch = static_cast<std::uint32_t>(std::min<std::uint64_t>(stored.entries - folded.entries, budget.next_page()));
    const auto entries = co_await read_entries(cx, tenant, folded.entries, batch);
    budget.count(entries.size());
    if (entries.empty()) co_return broken(folded, "I5 seq is gapless", folded.entries + 1);
    const auto transfers = co_await transfers_of(cx, tenant, entries);
    std::optional<BrokenEntry> other;
    if (also != nullptr) other = co_await also(cx, tenant, entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto& entry = entries[i];
      if (const auto next = verify_next(folded, entry); !next) co_return broken(folded, next.error().message, entry.seq);
      if (!is_row_of(transfers[i], entry)) co_return broken(folded, "I7 a transfer happens once", entry.seq);
      if (other && other->seq == entry.seq) co_return broken(folded, other->problem, entry.seq);
    }
  }
  const bool complete = folded.entries == stored.entries;
  if (complete && fold_text(folded) != fold_text(stored)) {
    co_return broken(folded, "I4 stored balances are the fold of the entries", folded.entries);
  }
  co_return Verification{.ok = true, .complete = complete, .folded = folded};
}

Task<Result<std::vector<bool>>> find_posted(Context& cx, TenantScope tenant, std::vector<Bytes32> transfers) {
  std::vector<bool> posted;
  for (std::size_t first = 0; first < transfers.size(); first += scan_limit_max) {
    const auto begin = transfers.begin() + static_cast<std::ptrdiff_t>(first);
    const auto count = std::min<std::size_t>(transfers.size() - first, scan_limit_max);
    const auto page = co_await find_posted_page(cx, tenant, {begin, begin + static_cast<std::ptrdiff_t>(count)});
    posted.insert(posted.end(), page.begin(), page.end());
  }
  co_return std::move(posted);
}

std::string fold_text(const AccountState& account) {
  return std::to_string(account.entries) + "." + hex(account.chain) + "." + std::to_string(account.available.value) + "." +
         std::to_string(account.locked.value) + "." + std::to_string(account.suspense_msat);
}

std::optional<AccountState> parse_fold(std::string_view text) {
  AccountState account;
  bool good = std::ranges::count(text, '.') == 4;
  const auto take = [&](auto& field) { good = good && row::read(row::cut(text, '.'), field); };
  take(account.entries);
  take(account.chain);
  take(account.available);
  take(account.locked);
  take(account.suspense_msat);
  return good ? std::optional(account) : std::nullopt;
}

}  // namespace lntpay
