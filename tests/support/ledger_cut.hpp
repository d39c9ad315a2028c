// A ledger that was set back, consistent in itself: its last entries are gone, and the account is as it was before them.
#pragma once
#include <doctest/doctest.h>

#include <string>

#include "core/ledger/ledger_entry.hpp"
#include "tests/support/model_store.hpp"

namespace lntpay::test {

inline AccountState stored_account(const ModelStore& store, const TenantScope& tenant) {
  return *from_row<AccountState>(store.rows().at(account_key(tenant)).value);
}

/// The rows that make transfers unique.
enum class TransferRows : std::uint8_t { cut_too, left };

/// Leaves the first `entries` entries.
inline void cut_ledger(ModelStore& store, const TenantScope& tenant, std::uint64_t entries, TransferRows transfers) {
  auto account = stored_account(store, tenant);
  for (auto seq = account.entries; seq > entries; --seq) {
    const auto entry = *from_row<LedgerEntry>(store.rows().at(entry_key(tenant, seq)).value);
    account.available.value -= static_cast<std::uint64_t>(entry.available_msat);
    account.locked.value -= static_cast<std::uint64_t>(entry.locked_msat);
    account.suspense_msat -= entry.suspense_msat;
    account.chain = entry.previous;
    store.erase(entry_key(tenant, seq));
    if (transfers == TransferRows::cut_too) store.erase(transfer_key(tenant, entry.transfer));
  }
  account.entries = entries;
  store.put(account_key(tenant), to_row(account));
}

}  // namespace lntpay::test
