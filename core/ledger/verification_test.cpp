// Verification over several calls names the broken rule and the entry.
#include "core/ledger/verification.hpp"

#include <doctest/doctest.h>

#include "tests/support/stored_ledger.hpp"

namespace lntpay::verification_test {
namespace {

using testing::StoredLedger;

Verification verify(StoredLedger& ledger, AccountState from = {}, std::uint32_t rows = verified_rows_max) {
  return *ledger.world.run([&](Context& cx) { return verify_entries(cx, ledger.tenant, from, rows); });
}

/// "ok 12 complete" or "I5 seq is gapless at 7".
std::string text(const Verification& audit) {
  if (audit.ok) return "ok " + std::to_string(audit.folded.entries) + (audit.complete ? " complete" : "");
  const auto rule = audit.problem.starts_with("invariant broken: ") ? audit.problem.substr(18) : audit.problem;
  return rule + " at " + std::to_string(audit.problem_seq);
}

}  // namespace

TEST_CASE("a ledger is verified in parts, each resuming where the last one ended") {
  StoredLedger ledger(25);
  CHECK(text(verify(ledger)) == "ok 25 complete");
  auto part = verify(ledger, {}, 10);
  CHECK(text(part) == "ok 10");
  part = verify(ledger, *parse_fold(fold_text(part.folded)), 10);
  CHECK(text(part) == "ok 20");
  part = verify(ledger, *parse_fold(fold_text(part.folded)), 10);
  CHECK(text(part) == "ok 25 complete");
  CHECK(fold_text(part.folded) == fold_text(ledger.account));
  CHECK(text(verify(ledger, part.folded)) == "ok 25 complete");
}

TEST_CASE("more entries than one read or one call handles are verified") {
  StoredLedger ledger(verified_rows_max + 250);
  const auto part = verify(ledger, {}, 1'000'000);
  CHECK(text(part) == "ok 1000");
  CHECK(text(verify(ledger, part.folded)) == "ok 1250 complete");
}

TEST_CASE("a call verifies less of long rows, and some of them always") {
  StoredLedger ledger(400, 5'000);
  auto part = verify(ledger);
  CHECK(text(part) == "ok 250");
  CHECK(text(verify(ledger, part.folded)) == "ok 400 complete");
  StoredLedger longest(126, 10'000);
  CHECK(text(verify(longest)) == "ok 125");
}

TEST_CASE("an empty ledger verifies") {
  StoredLedger ledger(0);
  CHECK(text(verify(ledger)) == "ok 0 complete");
  ledger.world.store = {};
  CHECK(text(verify(ledger)) == "ok 0 complete");
}

TEST_CASE("resuming from another history than the stored one fails") {
  StoredLedger ledger(12);
  const auto good = verify(ledger, {}, 6).folded;
  auto from = good;
  from.chain[0] ^= 1;
  CHECK(text(verify(ledger, from)) == "I5 the chain is whole at 7");
  from = good;
  from.suspense_msat += 1;
  CHECK(text(verify(ledger, from)) == "I4 stored balances are the fold of the entries at 12");
  from = good;
  from.available.value += 1;
  CHECK(text(verify(ledger, from)) == "I4 balances are the fold of the entries at 7");
  from = ledger.account;
  from.entries += 1;
  CHECK(text(verify(ledger, from)) == "I5 the ledger reaches what was verified before at 12");
  from = ledger.account;
  from.chain[31] ^= 1;
  CHECK(text(verify(ledger, from)) == "I4 stored balances are the fold of the entries at 12");
}

TEST_CASE("a changed or missing row is named") {
  const auto after = [](auto&& damage) {
    StoredLedger ledger(12);
    damage(ledger);
    return text(verify(ledger));
  };
  CHECK(after([](StoredLedger& l) {
          auto entry = l.entries[4];
          entry.reference = "ch_other";
          l.put(entry_key(l.tenant, 5), to_row(entry));
        }) == "I5 a row never changes at 5");
  CHECK(after([](StoredLedger& l) { l.world.store.erase(entry_key(l.tenant, 5)); }) == "I5 seq is gapless at 6");
  CHECK(after([](StoredLedger& l) { l.world.store.erase(entry_key(l.tenant, 12)); }) == "I5 seq is gapless at 12");
  CHECK(after([](StoredLedger& l) { l.world.store.erase(transfer_key(l.tenant, l.entries[8].transfer)); }) ==
        "I7 a transfer happens once at 9");
  CHECK(after([](StoredLedger& l) { l.put(transfer_key(l.tenant, l.entries[8].transfer), l.entries[7].id.text()); }) ==
        "I7 a transfer happens once at 9");
  CHECK(after([](StoredLedger& l) {
          l.account.available.value += 1;
          l.put(account_key(l.tenant), to_row(l.account));
        }) == "I4 stored balances are the fold of the entries at 12");
}

TEST_CASE("an entry that repeats a transfer is detected although its hash is right") {
  StoredLedger ledger(3);
  Transfer again{.id = ledger.entries[0].transfer, .type = EntryType::charge_credit, .available_msat = 1, .reference = "ch_1"};
  const auto entry = *lntpay::post(ledger.account, again,
                                   EntryId::generate(ledger.tenant.shard(), UnixMillis{9}, ledger.world.random), UnixMillis{9});
  ledger.put(entry_key(ledger.tenant, entry.seq), to_row(entry));
  ledger.put(account_key(ledger.tenant), to_row(ledger.account));
  CHECK(text(verify(ledger)) == "I7 a transfer happens once at 4");
}

TEST_CASE("a fold round-trips through its text; other texts are rejected") {
  StoredLedger ledger(9);
  const auto fold = fold_text(ledger.account);
  CHECK(fold_text(*parse_fold(fold)) == fold);
  CHECK(fold_text(AccountState{}) == "0." + std::string(64, '0') + ".0.0.0");
  for (const auto& wrong : {std::string(), std::string("1"), std::string("1.2.3.4.5"), "a" + fold.substr(1)})
    CHECK_FALSE(parse_fold(wrong).has_value());
  CHECK_FALSE(parse_fold(fold + ".0").has_value());
  CHECK_FALSE(parse_fold(fold + " ").has_value());
  CHECK_FALSE(parse_fold(" " + fold).has_value());
}

}  // namespace lntpay::verification_test
