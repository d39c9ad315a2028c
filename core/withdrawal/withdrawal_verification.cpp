// A withdrawal is read after the row that it is compared with, so its state is the same or later.
#include "core/withdrawal/withdrawal_verification.hpp"

#include <algorithm>

namespace lntpay {
namespace {

bool same(const LedgerEntry& entry, const Transfer& transfer) {
  return entry.transfer == transfer.id && entry.type == transfer.type && entry.available_msat == transfer.available_msat &&
         entry.locked_msat == transfer.locked_msat && entry.suspense_msat == transfer.suspense_msat;
}

bool is_lock_entry(const LedgerEntry& entry) {
  return entry.type == EntryType::withdrawal_lock || entry.type == EntryType::withdrawal_settle ||
         entry.type == EntryType::withdrawal_release;
}

/// Whether the entry agrees with its withdrawal. `other` becomes the transfer that must exist too: the resolution of a lock, or the
/// lock of a resolution.
bool matches_withdrawal(const LedgerEntry& entry, const Withdrawal& withdrawal, std::optional<Bytes32>& other) {
  const auto lock = lock_transfer(withdrawal);
  const bool paid = withdrawal.status == WithdrawalStatus::succeeded;
  const auto resolution = paid ? settle_transfer(withdrawal, withdrawal.fee) : release_transfer(withdrawal);
  if (entry.type != EntryType::withdrawal_lock) {
    other = lock.id;
    return is_final(withdrawal.status) && same(entry, resolution);
  }
  if (is_final(withdrawal.status)) other = resolution.id;
  return is_visible(withdrawal.status) && same(entry, lock);
}

Task<Result<std::vector<std::optional<Withdrawal>>>> withdrawals_of(Context& cx, std::vector<std::string> keys) {
  const auto rows = co_await cx.store.get_all(std::move(keys));
  std::vector<std::optional<Withdrawal>> withdrawals;
  withdrawals.reserve(rows.size());
  for (const auto& row : rows) {
    withdrawals.emplace_back();
    if (row) withdrawals.back() = co_await from_row<Withdrawal>(*row);
  }
  co_return withdrawals;
}

}  // namespace

Task<Result<std::optional<BrokenEntry>>> check_withdrawal_entries(Context& cx, TenantScope tenant,
                                                                  std::vector<LedgerEntry> entries) {
  static constexpr std::string_view rule = "I3 locked is the sum of open reservations";
  for (const auto& entry : entries) {
    if (!is_lock_entry(entry) && entry.locked_msat != 0) co_return BrokenEntry{entry.seq, std::string(rule)};
  }
  std::erase_if(entries, [](const LedgerEntry& entry) { return !is_lock_entry(entry); });
  std::vector<std::string> keys;
  for (const auto& entry : entries) keys.push_back(tenant.key("wd", entry.reference));
  const auto withdrawals = co_await withdrawals_of(cx, std::move(keys));
  std::vector<Bytes32> others;
  std::vector<std::uint64_t> seqs;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::optional<Bytes32> other;
    if (!withdrawals[i] || !matches_withdrawal(entries[i], *withdrawals[i], other))
      co_return BrokenEntry{entries[i].seq, std::string(rule)};
    if (!other) continue;
    others.push_back(*other);
    seqs.push_back(entries[i].seq);
  }
  const auto posted = co_await find_posted(cx, std::move(tenant), std::move(others));
  const auto missing = std::ranges::find(posted, false);
  if (missing == posted.end()) co_return std::nullopt;
  co_return BrokenEntry{seqs[static_cast<std::size_t>(missing - posted.begin())], std::string(rule)};
}

Task<Result<std::optional<std::string>>> find_missing_entry(Context& cx, TenantScope tenant, std::vector<std::string> ids) {
  std::vector<std::string> keys;
  for (const auto& id : ids) keys.push_back(tenant.key("wd", id));
  const auto withdrawals = co_await withdrawals_of(cx, std::move(keys));
  std::vector<Bytes32> transfers;
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!withdrawals[i] || !is_visible(withdrawals[i]->status)) co_return ids[i] + " has no lock";  // its index row is left
    for (const auto& [transfer, name] : booked_transfers(*withdrawals[i])) {
      transfers.push_back(transfer);
      problems.push_back(ids[i] + " has no " + std::string(name));
    }
  }
  const auto posted = co_await find_posted(cx, std::move(tenant), std::move(transfers));
  const auto missing = std::ranges::find(posted, false);
  if (missing == posted.end()) co_return std::nullopt;
  co_return problems[static_cast<std::size_t>(missing - posted.begin())];
}

}  // namespace lntpay
