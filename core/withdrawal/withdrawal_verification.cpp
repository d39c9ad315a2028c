// A withdrawal is read after the row that it is compared with, so its state is the same or later.
#include "core/withdrawal/withdrawal_verification.hpp"

#include <algorithm>
#include <array>

namespace lntpay {
namespace {

constexpr std::array open_statuses{WithdrawalStatus::pending, WithdrawalStatus::dispatched, WithdrawalStatus::unknown,
                                   WithdrawalStatus::needs_review};

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
    if (row) withdrawals.back() = co_await from_row<Withdrawal>(row->value);
  }
  co_return withdrawals;
}

/// The first entry that disagrees with its withdrawal.
Task<Result<std::optional<BrokenEntry>>> check_entries(Context& cx, TenantScope tenant, std::vector<LedgerEntry> entries) {
  static constexpr std::string_view rule = "I3 locked is the sum of open reservations";
  for (const auto& entry : entries) {
    if (!is_lock_entry(entry) && entry.locked_msat != 0) co_return BrokenEntry{entry.seq, std::string(rule)};
  }
  std::erase_if(entries, [](const LedgerEntry& entry) { return !is_lock_entry(entry); });
  std::vector<std::string> keys;
  for (const auto& entry : entries) keys.push_back(tenant.key("wd", entry.reference));
  const auto withdrawals = co_await withdrawals_of(cx, std::move(keys));
  std::vector<std::string> others;
  std::vector<std::uint64_t> seqs;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::optional<Bytes32> other;
    if (!withdrawals[i] || !matches_withdrawal(entries[i], *withdrawals[i], other))
      co_return BrokenEntry{entries[i].seq, std::string(rule)};
    if (!other) continue;
    others.push_back(transfer_key(tenant, *other));
    seqs.push_back(entries[i].seq);
  }
  const auto found = co_await cx.store.get_all(std::move(others));
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) co_return BrokenEntry{seqs[i], std::string(rule)};
  }
  co_return std::nullopt;
}

/// The next open withdrawals, as "status/id".
Task<Result<std::vector<std::string>>> open_after(Context& cx, TenantScope tenant, std::string at, std::uint32_t limit) {
  const auto status = std::string_view(at).substr(0, at.find('/'));
  auto next = std::ranges::find(open_statuses, status, [](WithdrawalStatus each) { return name_of(each); });
  if (next == open_statuses.end()) next = open_statuses.begin();
  std::vector<std::string> found;
  for (; next != open_statuses.end() && found.size() < limit; ++next) {
    const auto prefix = withdrawals_by_status(tenant, *next);
    const auto after = name_of(*next) == status ? prefix + at.substr(at.find('/') + 1) : std::string();
    const auto rows = co_await cx.store.scan({prefix, after, limit - static_cast<std::uint32_t>(found.size()), false});
    for (const auto& row : rows) found.push_back(std::string(name_of(*next)) + "/" + row.key.substr(prefix.size()));
  }
  co_return found;
}

/// The first open withdrawal without a lock.
Task<Result<std::optional<std::string>>> find_missing_lock(Context& cx, TenantScope tenant, std::vector<std::string> places) {
  std::vector<std::string> keys;
  for (const auto& place : places) keys.push_back(tenant.key("wd", std::string_view(place).substr(place.find('/') + 1)));
  const auto withdrawals = co_await withdrawals_of(cx, std::move(keys));
  std::vector<std::string> locks;
  std::vector<std::string> ids;
  for (const auto& withdrawal : withdrawals) {
    if (!withdrawal || !is_locked(withdrawal->status)) continue;  // it ended after the index was read
    locks.push_back(transfer_key(tenant, lock_transfer(*withdrawal).id));
    ids.push_back(withdrawal->id.text());
  }
  const auto found = co_await cx.store.get_all(std::move(locks));
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) co_return ids[i];
  }
  co_return std::nullopt;
}

}  // namespace

Task<Result<MoneyProof>> verify_money(Context& cx, TenantScope tenant, MoneyProof from, std::uint32_t rows) {
  MoneyProof proof{co_await verify_entries(cx, tenant, from.ledger.folded, rows, check_entries), from.open_at};
  if (!proof.ledger.complete) co_return proof;
  for (std::uint32_t checked = 0; checked < rows;) {
    const auto batch = std::min(rows - checked, scan_limit_max);
    const auto places = co_await open_after(cx, tenant, proof.open_at, batch);
    if (const auto id = co_await find_missing_lock(cx, tenant, places)) {
      proof.ledger.ok = false;
      proof.ledger.complete = false;
      proof.ledger.problem = "I3 locked is the sum of open reservations: " + *id + " has no lock";
      proof.ledger.problem_seq = proof.ledger.folded.entries;
      co_return proof;
    }
    if (places.size() < batch) {
      proof.open_at.clear();
      co_return proof;
    }
    proof.open_at = places.back();
    checked += batch;
  }
  proof.ledger.complete = false;
  co_return proof;
}

std::string proof_text(const MoneyProof& proof) {
  return fold_text(proof.ledger.folded) + (proof.open_at.empty() ? "" : "." + proof.open_at);
}

std::optional<MoneyProof> parse_proof(std::string_view text) {
  MoneyProof proof;
  if (std::ranges::count(text, '.') == 5) {
    const auto end = text.rfind('.');
    proof.open_at = text.substr(end + 1);
    text = text.substr(0, end);
    const auto slash = std::string_view(proof.open_at).find('/');
    const auto status = from_name<WithdrawalStatus>(std::string_view(proof.open_at).substr(0, slash));
    if (slash == std::string::npos || !status || !is_locked(*status)) return std::nullopt;
    if (!WithdrawalId::parse(std::string_view(proof.open_at).substr(slash + 1))) return std::nullopt;
  }
  const auto folded = parse_fold(text);
  if (!folded) return std::nullopt;
  proof.ledger.folded = *folded;
  return proof;
}

}  // namespace lntpay
