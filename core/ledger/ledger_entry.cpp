// Posts transfers as ledger entries; verifies entries.
#include "core/ledger/ledger_entry.hpp"

#include <algorithm>
#include <limits>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/storage/store.hpp"

namespace lntpay {
namespace {

/// The balance after a change; nullopt if it would be negative or exceed 64 bits.
std::optional<Msat> changed(Msat account, std::int64_t by_msat) {
  if (by_msat >= 0) return checked_add(account, Msat{static_cast<std::uint64_t>(by_msat)});
  return checked_sub(account, Msat{0 - static_cast<std::uint64_t>(by_msat)});
}

std::optional<std::int64_t> changed(std::int64_t account, std::int64_t by_msat) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(account, by_msat, &sum)) return std::nullopt;
  return sum;
}

/// The balance of `node`, by I1.
__int128 node_of(const AccountState& account) {
  return static_cast<__int128>(account.available.value) + account.locked.value + account.suspense_msat;
}

/// I2: no entry takes more than the node holds. Except a settlement: a fee beyond the limit is recorded as the node took it.
bool is_held(EntryType type, const AccountState& before, const AccountState& after) {
  return type == EntryType::withdrawal_settle || node_of(after) >= std::min<__int128>(node_of(before), 0);
}

Result<AccountState> after(const AccountState& before, std::int64_t available_msat, std::int64_t locked_msat,
                           std::int64_t suspense_msat) {
  AccountState account = before;
  const auto available = changed(before.available, available_msat);
  if (!available && available_msat < 0) return fail(ErrorCode::insufficient_funds);
  if (!available) return fail(ErrorCode::internal_error, "invariant broken: an account has left 64 bits");
  const auto locked = changed(before.locked, locked_msat);
  const auto suspense = changed(before.suspense_msat, suspense_msat);
  if (!locked || !suspense) return fail(ErrorCode::internal_error, "invariant broken: I2 no account is negative");
  account.available = *available;
  account.locked = *locked;
  account.suspense_msat = *suspense;
  if (static_cast<__int128>(account.available.value) + account.locked.value > std::numeric_limits<std::uint64_t>::max())
    return fail(ErrorCode::internal_error, "invariant broken: the accounts have left 64 bits");
  return account;
}

/// Whether all of `available` could be paid out. If not, a locked amount might not be settled later.
bool is_covered(const AccountState& account) { return static_cast<__int128>(account.available.value) + account.suspense_msat >= 0; }

/// A lock or an adjustment must not take what the node no longer has. Entries that record what the node did are exempt.
Result<> check_covered(const Transfer& transfer, const AccountState& next) {
  const bool takes = transfer.available_msat + transfer.suspense_msat < 0;
  if (!takes || is_covered(next)) return {};
  if (transfer.type != EntryType::withdrawal_lock && transfer.type != EntryType::adjustment) return {};
  return fail(ErrorCode::insufficient_funds,
              "The available balance, less a negative suspense, does not cover this. See GET /v1/balance.");
}

/// Whether the workspace holds no more bitcoin than there are.
bool has_room(const AccountState& account) {
  return static_cast<__int128>(account.available.value) + account.locked.value <= msat_max.value;
}

Bytes32 transfer_id(std::string_view what, ByteView of) { return Sha256{}.update(bytes_of(what)).update(of).finish(); }

}  // namespace

Msat AccountState::spendable() const {
  const auto sum = static_cast<__int128>(available.value) + std::min<std::int64_t>(suspense_msat, 0);
  return Msat{sum < 0 ? 0 : static_cast<std::uint64_t>(sum)};
}

Bytes32 credit_transfer_id(const Bytes32& payment_hash) { return transfer_id("credit", payment_hash); }
Bytes32 lock_transfer_id(std::string_view lock) { return transfer_id("lock", bytes_of(lock)); }
Bytes32 resolve_transfer_id(std::string_view lock) { return transfer_id("resolve", bytes_of(lock)); }
Bytes32 adjust_transfer_id(std::string_view ticket) { return transfer_id("adjust", bytes_of(ticket)); }

std::optional<TransferPlace> parse_transfer_place(std::string_view row) {
  if (auto entry = EntryId::parse(row)) return TransferPlace{.entry = std::move(*entry)};
  auto place = from_row<TransferPlace>(row);
  if (!place || place->seq == 0) return std::nullopt;
  return std::move(*place);
}

Bytes32 entry_hash(const LedgerEntry& entry) {
  const auto row = to_row(entry);
  const auto hashed = std::string_view(row).substr(0, row.rfind('|'));
  return Sha256{}.update(entry.previous).update(bytes_of(hashed)).finish();
}

Result<LedgerEntry> post(AccountState& account, const Transfer& transfer, EntryId id, UnixMillis now) {
  auto next = after(account, transfer.available_msat, transfer.locked_msat, transfer.suspense_msat);
  if (!next) return std::unexpected(next.error());
  if (auto taken = check_covered(transfer, *next); !taken) return std::unexpected(taken.error());
  if (transfer.type == EntryType::charge_credit && !has_room(*next)) return fail(ErrorCode::balance_limit_exceeded);
  if (auto holds = invariant(is_held(transfer.type, account, *next), "I2 the node account is not negative"); !holds)
    return std::unexpected(std::move(holds.error()));
  LedgerEntry entry{
      .id = std::move(id),
      .seq = account.entries + 1,
      .type = transfer.type,
      .transfer = transfer.id,
      .available_msat = transfer.available_msat,
      .locked_msat = transfer.locked_msat,
      .suspense_msat = transfer.suspense_msat,
      .available_after = next->available,
      .locked_after = next->locked,
      .reference = transfer.reference,
      .at = now,
      .previous = account.chain,
  };
  entry.hash = entry_hash(entry);
  account = *next;
  account.entries = entry.seq;
  account.chain = entry.hash;
  return entry;
}

Result<> verify_next(AccountState& account, const LedgerEntry& entry) {
  auto next = after(account, entry.available_msat, entry.locked_msat, entry.suspense_msat);
  if (!next || !is_held(entry.type, account, *next))
    return fail(ErrorCode::internal_error, "invariant broken: I2 an account would be negative");
  const auto rule = entry.seq != account.entries + 1  ? std::string_view("I5 seq is gapless")
                    : entry.previous != account.chain ? std::string_view("I5 the chain is whole")
                    : entry.hash != entry_hash(entry) ? std::string_view("I5 a row never changes")
                    : entry.available_after != next->available || entry.locked_after != next->locked
                        ? std::string_view("I4 balances are the fold of the entries")
                        : std::string_view();
  if (auto holds = invariant(rule.empty(), rule); !holds) return holds;
  account = *next;
  account.entries = entry.seq;
  account.chain = entry.hash;
  return {};
}

std::string account_key(const TenantScope& tenant) { return tenant.key("head"); }
std::string entry_key(const TenantScope& tenant, std::uint64_t seq) { return tenant.key("ledger", padded(seq)); }
std::string transfer_key(const TenantScope& tenant, const Bytes32& transfer) { return tenant.key("transfer", hex(transfer)); }

}  // namespace lntpay
