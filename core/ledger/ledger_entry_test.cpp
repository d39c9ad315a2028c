// The ledger: entries follow from transfers, balances are their fold, and any change is detected.
#include "core/ledger/ledger_entry.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "core/base/encoding.hpp"

namespace lntpay::ledger_entry_test {
namespace {

const EntryId id = *EntryId::parse("le_Ab0000000000000000000000000A");

Bytes32 numbered(std::uint8_t n) {
  Bytes32 bytes{};
  bytes[31] = n;
  return bytes;
}

/// A ledger of a few credits, as it would be stored.
std::vector<LedgerEntry> some_entries(AccountState& account) {
  std::vector<LedgerEntry> entries;
  for (std::uint8_t n = 1; n <= 4; ++n) {
    const Transfer credit{.id = numbered(n), .type = EntryType::charge_credit, .available_msat = 1'000 * n, .reference = "ch"};
    entries.push_back(*post(account, credit, id, UnixMillis{1'000U + n}));
  }
  return entries;
}

}  // namespace

TEST_CASE("the worked example of docs/formats.md") {
  Bytes32 payment_hash{};
  for (std::size_t i = 0; i < payment_hash.size(); ++i) payment_hash[i] = static_cast<std::uint8_t>(i);
  AccountState account;
  const Transfer credit{
      .id = credit_transfer_id(payment_hash),
      .type = EntryType::charge_credit,
      .available_msat = 21'000,
      .reference = "ch_Ab0000000000000000000000000B",
  };
  const auto entry = post(account, credit, id, UnixMillis{1'700'000'000'000});
  REQUIRE(entry.has_value());
  CHECK(to_row(*entry) ==
        "1|le_Ab0000000000000000000000000A|1|charge.credit|d820334131643d6919267232e39bd02cda276cdf6330e40a573934b0e933521b|21000|"
        "0|0|"
        "21000|0|ch_Ab0000000000000000000000000B|1700000000000|"
        "0000000000000000000000000000000000000000000000000000000000000000|"
        "169850eab55e2ac4a20c1a7d0b8bf0857b5952dafe8df6d66ae49ffcdb3cd033");
  CHECK(hex(account.chain) == "169850eab55e2ac4a20c1a7d0b8bf0857b5952dafe8df6d66ae49ffcdb3cd033");
}

TEST_CASE("an entry round-trips through its row") {
  AccountState account;
  for (const auto& entry : some_entries(account)) {
    const auto read = from_row<LedgerEntry>(to_row(entry));
    REQUIRE(read.has_value());
    CHECK(to_row(*read) == to_row(entry));
  }
}

TEST_CASE("available and locked never become negative; a refusal changes nothing") {
  AccountState account;
  some_entries(account);
  const auto before = to_row(account);
  const Transfer too_much{.id = numbered(9), .type = EntryType::withdrawal_lock, .available_msat = -10'001, .locked_msat = 10'001};
  CHECK(post(account, too_much, id, {}).error().code == ErrorCode::insufficient_funds);
  const Transfer unlock{.id = numbered(9), .type = EntryType::withdrawal_release, .available_msat = 1, .locked_msat = -1};
  CHECK(post(account, unlock, id, {}).error().code == ErrorCode::internal_error);
  CHECK(to_row(account) == before);
}

TEST_CASE("amounts at the ends of 64 bits are rejected, not wrapped") {
  AccountState account;
  const Transfer most{.id = numbered(1), .type = EntryType::adjustment, .available_msat = INT64_MAX};
  CHECK(post(account, most, id, {}).has_value());
  CHECK(post(account, most, id, {}).has_value());
  CHECK_FALSE(post(account, most, id, {}).has_value());
  const Transfer least{.id = numbered(2), .type = EntryType::adjustment, .available_msat = INT64_MIN};
  CHECK(post(account, least, id, {}).has_value());
  CHECK(account.available == Msat{static_cast<std::uint64_t>(INT64_MAX) - 1});
}

TEST_CASE("a credit ends at 21 million bitcoin, locked amounts included") {
  AccountState account{.available = Msat{msat_max.value - 20}, .locked = Msat{10}};
  Transfer credit{.id = numbered(1), .type = EntryType::charge_credit, .available_msat = 11};
  CHECK(post(account, credit, id, {}).error().code == ErrorCode::balance_limit_exceeded);
  credit.available_msat = 10;
  CHECK(post(account, credit, id, {}).has_value());
}

TEST_CASE("an unchanged ledger verifies, and ends at the account state") {
  AccountState account;
  const auto entries = some_entries(account);
  AccountState folded;
  for (const auto& entry : entries) CHECK(verify_next(folded, entry).has_value());
  folded.events = account.events;
  CHECK(to_row(folded) == to_row(account));
}

TEST_CASE("any change of an entry is detected, and a missing or repeated one") {
  AccountState account;
  const auto entries = some_entries(account);
  const auto breaks = [&entries](auto&& change) {
    auto changed = entries;
    change(changed);
    AccountState folded;
    for (const auto& entry : changed) {
      if (!verify_next(folded, entry)) return true;
    }
    return false;
  };
  CHECK(breaks([](auto& all) { all[1].available_msat += 1; }));
  CHECK(breaks([](auto& all) { all[1].available_after.value += 1; }));
  CHECK(breaks([](auto& all) { all[1].locked_msat += 1; }));
  CHECK(breaks([](auto& all) { all[1].suspense_msat += 1; }));
  CHECK(breaks([](auto& all) { all[1].reference += "x"; }));
  CHECK(breaks([](auto& all) { all[1].at.value += 1; }));
  CHECK(breaks([](auto& all) { all[1].transfer[0] ^= 1; }));
  CHECK(breaks([](auto& all) { all[1].type = EntryType::adjustment; }));
  CHECK(breaks([](auto& all) { all[1].hash[0] ^= 1; }));
  CHECK(breaks([](auto& all) { all[1].previous[0] ^= 1; }));
  CHECK(breaks([](auto& all) { all.erase(all.begin() + 1); }));
  CHECK(breaks([](auto& all) { all.insert(all.begin() + 1, all[1]); }));
  CHECK(breaks([](auto& all) { std::swap(all[1], all[2]); }));
  CHECK_FALSE(breaks([](auto&) {}));
}

}  // namespace lntpay::ledger_entry_test
