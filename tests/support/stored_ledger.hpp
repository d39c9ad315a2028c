// A ledger's rows, written without the commits that would make them.
#pragma once
#include "core/base/encoding.hpp"
#include "core/ledger/ledger_entry.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::testing {

struct StoredLedger {
  test::CoreWorld world;
  TenantScope tenant{Environment::test, WorkspaceId::generate(Shard::number(7), UnixMillis{1}, world.random)};
  AccountState account;
  std::vector<LedgerEntry> entries;

  void put(const std::string& key, const std::string& value) { world.store.put(key, value); }

  /// Entries of several types and references, a second apart; every tenth is a minute earlier, as if the clock had moved back.
  /// `padding`: further bytes of each reference.
  explicit StoredLedger(std::uint64_t count, std::size_t padding = 0) {
    for (std::uint64_t i = 1; i <= count; ++i) {
      const auto number = static_cast<std::int64_t>(i);
      Transfer transfer{.type = EntryType::charge_credit, .available_msat = 1'000 + number, .reference = "ch_" + std::to_string(i)};
      for (std::size_t byte = 0; byte < 8; ++byte) transfer.id[byte] = static_cast<std::uint8_t>(i >> (8 * byte));
      if (i % 3 == 0) transfer = {transfer.id, EntryType::withdrawal_lock, -500, 500, 0, "wd_" + std::to_string(i / 6)};
      if (i % 7 == 0) transfer = {transfer.id, EntryType::adjustment, 20, 0, -20, "ticket, no. " + std::to_string(i)};
      transfer.reference.append(padding, 'x');
      const UnixMillis at{1'770'000'000'000 + i * 1'000 - (i % 10 == 0 ? 60'000U : 0U)};
      const auto entry = lntpay::post(account, transfer, EntryId::generate(tenant.shard(), at, world.random), at);
      put(entry_key(tenant, entry->seq), to_row(*entry));
      put(transfer_key(tenant, entry->transfer), to_row(TransferPlace{entry->id, entry->seq}));
      entries.push_back(*entry);
    }
    put(account_key(tenant), to_row(account));
  }
};

}  // namespace lntpay::testing
