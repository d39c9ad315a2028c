// The ledger of one workspace in one environment: closed, double-entry, hash-chained. Rules: docs/money.md.
//
// Accounts: `node` (asset: the workspace's money on our Lightning node), `available` and `locked` (liabilities: withdrawable and
// reserved), `suspense` (0 after every reconciliation). An entry changes the last three; `node` changes by their sum, so each entry
// balances by construction: node = available + locked + suspense.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/storage/row.hpp"
#include "core/tenant/tenant_scope.hpp"

namespace lntpay {

/// `…/head`: checked and written by every commit with a ledger entry or an event.
struct AccountState {
  static constexpr int row_version = 2;
  static constexpr row::Earlier earlier_rows[] = {{.version = 1, .fields = 7}};
  Msat available;
  Msat locked;
  std::int64_t suspense_msat = 0;
  std::uint64_t entries = 0;    ///< seq of the last entry
  Bytes32 chain{};              ///< hash of the last entry; zeros before the first
  std::uint64_t events = 0;     ///< seq of the last event
  std::uint64_t endpoints = 0;  ///< number of webhook endpoints; 0 saves reading them
  UnixMillis latest_event_at;   ///< the latest time of any event: later than that of the last one after a clock went back

  auto fields(this auto& self) {
    return std::tie(self.available, self.locked, self.suspense_msat, self.entries, self.chain, self.events, self.endpoints,
                    self.latest_event_at);
  }

  /// The withdrawable amount: `available`, less a negative suspense, which the node no longer has.
  [[nodiscard]] Msat spendable() const;
};

enum class EntryType : std::uint8_t { charge_credit, withdrawal_lock, withdrawal_settle, withdrawal_release, adjustment };
template <>
inline constexpr auto enum_names<EntryType> =
    std::to_array<std::string_view>({"charge.credit", "withdrawal.lock", "withdrawal.settle", "withdrawal.release", "adjustment"});

/// A change of the accounts.
struct Transfer {
  /// Derived from its cause, never random, so that it can happen only once.
  Bytes32 id{};
  EntryType type{};
  std::int64_t available_msat = 0;
  std::int64_t locked_msat = 0;
  std::int64_t suspense_msat = 0;
  std::string reference;  ///< id of the charge, the withdrawal, the ticket
};

/// H("credit", payment_hash)
Bytes32 credit_transfer_id(const Bytes32& payment_hash);
/// H("lock", "wd_…/1"): the withdrawal and its attempt
Bytes32 lock_transfer_id(std::string_view lock);
/// H("resolve", "wd_…/1"): the same for settle and release, so that only one of them can be stored
Bytes32 resolve_transfer_id(std::string_view lock);
/// H("adjust", ticket)
Bytes32 adjust_transfer_id(std::string_view ticket);

/// `…/ledger/{seq}`: a transfer that happened. Never changed or deleted.
struct LedgerEntry {
  static constexpr int row_version = 1;
  EntryId id;
  std::uint64_t seq = 0;  ///< 1, 2, 3, … without gaps
  EntryType type{};
  Bytes32 transfer{};
  std::int64_t available_msat = 0;  ///< change, as the next two
  std::int64_t locked_msat = 0;
  std::int64_t suspense_msat = 0;
  Msat available_after;
  Msat locked_after;
  std::string reference;
  UnixMillis at;
  Bytes32 previous{};
  Bytes32 hash{};

  auto fields(this auto& self) {
    return std::tie(self.id, self.seq, self.type, self.transfer, self.available_msat, self.locked_msat, self.suspense_msat,
                    self.available_after, self.locked_after, self.reference, self.at, self.previous, self.hash);
  }
};

/// `…/transfer/{id}`: where a transfer's entry is. Created only where absent and never changed, so that a transfer happens once.
struct TransferPlace {
  static constexpr int row_version = 1;
  EntryId entry;
  std::uint64_t seq = 0;  ///< 0: not known, in a row from before format 8

  auto fields(this auto& self) { return std::tie(self.entry, self.seq); }
};
/// Also reads the form before format 8, the entry's id alone.
std::optional<TransferPlace> parse_transfer_place(std::string_view row);

/// SHA-256(previous hash | the row's text without its last field). The format is part of the API: docs/formats.md.
Bytes32 entry_hash(const LedgerEntry& entry);

/// Applies the transfer to the account and returns its entry.
/// Fails with insufficient_funds if `available` does not cover it; balance_limit_exceeded for a credit beyond 21 million bitcoin,
/// which only a sandbox can receive; internal_error on a broken invariant (I2).
Result<LedgerEntry> post(AccountState& account, const Transfer& transfer, EntryId id, UnixMillis now);

/// Checks that the entry follows from the account (I2, I4, I5) and applies it.
Result<> verify_next(AccountState& account, const LedgerEntry& entry);

std::string account_key(const TenantScope& tenant);
std::string entry_key(const TenantScope& tenant, std::uint64_t seq);
std::string transfer_key(const TenantScope& tenant, const Bytes32& transfer);

std::string entry_json(const LedgerEntry& entry);
/// {available, locked, total in sats and msat, as_of_seq}
std::string balance_json(const AccountState& account, const TenantScope& tenant);

}  // namespace lntpay
