// Every sequence of up to six operations on the accounts, with amounts 0 to 3, against an oracle of maps and loops that shares no
// code with the ledger: refusals, balances, and I1 to I5 after each operation.
#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/crypto/sha256.hpp"
#include "core/ledger/unit_of_work.hpp"
#include "tests/support/core_world.hpp"
#include "tests/support/sanitized.hpp"

namespace lntpay::entry_rules_test {
namespace {

constexpr int operations = test::sanitized ? 5 : 6;
constexpr int amount_max = 3;

/// The oracle: four accounts, and the open reservations. It does not depend on the order of the operations.
struct Books {
  std::map<std::string, int> accounts{{"node", 0}, {"available", 0}, {"locked", 0}, {"suspense", 0}};
  std::multiset<int> reservations;
  auto operator<=>(const Books&) const = default;
};

/// An operation as a bookkeeper writes it: moves between accounts. `opens`, `closes`: a reservation of that amount, or -1.
struct Operation {
  struct Move {
    std::string debit;
    std::string credit;
    int amount = 0;
  };
  EntryType type{};
  std::vector<Move> moves;
  int opens = -1;
  int closes = -1;
};

std::vector<Operation> operations_on(const Books& books) {
  std::vector<Operation> all;
  for (int amount = 0; amount <= amount_max; ++amount) {
    all.push_back({EntryType::charge_credit, {{"node", "available", amount}}});
    all.push_back({EntryType::withdrawal_lock, {{"available", "locked", amount}}, amount});
    all.push_back({EntryType::adjustment, {{"available", "suspense", amount}}});
    all.push_back({EntryType::adjustment, {{"suspense", "available", amount}}});
    all.push_back({EntryType::adjustment, {{"suspense", "node", amount}}});
    all.push_back({EntryType::adjustment, {{"node", "suspense", amount}}});
  }
  for (const int held : std::set<int>(books.reservations.begin(), books.reservations.end())) {
    all.push_back({EntryType::withdrawal_release, {{"locked", "available", held}}, -1, held});
    for (int paid = 0; paid <= held; ++paid) {
      all.push_back({EntryType::withdrawal_settle, {{"locked", "node", paid}, {"locked", "available", held - paid}}, -1, held});
    }
    // A node that took a fee above the limit.
    for (int excess = 1; excess <= amount_max; ++excess) {
      all.push_back({EntryType::withdrawal_settle, {{"locked", "node", held}, {"suspense", "node", excess}}, -1, held});
    }
  }
  return all;
}

/// The books after an operation, and its changes; or the reason why it is refused.
struct Verdict {
  Books books;
  std::map<std::string, int> changes;
  std::string refusal;
};

Verdict verdict_of(const Books& before, const Operation& operation) {
  Verdict verdict{.books = before, .changes = {}, .refusal = {}};
  for (const auto& [debit, credit, amount] : operation.moves) {
    // `node` is an asset: a debit increases it. The others are liabilities: a debit decreases them.
    verdict.changes[debit] += debit == "node" ? amount : -amount;
    verdict.changes[credit] += credit == "node" ? -amount : amount;
  }
  for (const auto& [account, change] : verdict.changes) verdict.books.accounts[account] += change;
  if (operation.opens >= 0) verdict.books.reservations.insert(operation.opens);
  if (operation.closes >= 0) verdict.books.reservations.erase(verdict.books.reservations.find(operation.closes));
  auto& after = verdict.books.accounts;
  const bool settles = operation.type == EntryType::withdrawal_settle;
  const bool asks = operation.type == EntryType::withdrawal_lock || operation.type == EntryType::adjustment;
  const bool takes = verdict.changes["available"] + verdict.changes["suspense"] < 0;
  if (after["available"] < 0) {
    verdict.refusal = "insufficient_funds";
  } else if (after["locked"] < 0) {
    verdict.refusal = "internal_error";
  } else if (asks && takes && after["available"] + after["suspense"] < 0) {
    verdict.refusal = "insufficient_funds";  // an amount that only locked money would cover cannot be taken
  } else if (!settles && after["node"] < 0 && verdict.changes["node"] < 0) {
    verdict.refusal = "internal_error";
  }
  if (!verdict.refusal.empty()) verdict.books = before;
  return verdict;
}

const EntryId id = *EntryId::parse("le_Ab0000000000000000000000000A");

bool equal(const AccountState& account, const Books& books) {
  int reserved = 0;
  for (const int amount : books.reservations) reserved += amount;
  const auto& accounts = books.accounts;
  const auto sum = static_cast<std::int64_t>(account.available.value + account.locked.value) + account.suspense_msat;
  return account.available.value == static_cast<std::uint64_t>(accounts.at("available")) &&
         account.locked.value == static_cast<std::uint64_t>(accounts.at("locked")) &&
         account.suspense_msat == accounts.at("suspense") && sum == accounts.at("node") && reserved == accounts.at("locked");
}

/// The ledger's difference from the oracle; empty if they agree.
std::string deviation(const AccountState& before, const Operation& operation, Verdict verdict, AccountState& after) {
  const Transfer transfer{
      .id = before.chain,
      .type = operation.type,
      .available_msat = verdict.changes["available"],
      .locked_msat = verdict.changes["locked"],
      .suspense_msat = verdict.changes["suspense"],
  };
  after = before;
  const auto entry = post(after, transfer, id, UnixMillis{1});
  if (!equal(after, verdict.books)) return "balances";
  if (!verdict.refusal.empty()) {
    if (entry || info(entry.error().code).name != verdict.refusal) return "should be refused: " + verdict.refusal;
    return to_row(after) == to_row(before) ? "" : "a refusal changed the head";
  }
  if (!entry) return "refused: " + entry.error().message;
  if (entry->seq != before.entries + 1 || after.entries != entry->seq) return "I5 seq";
  if (entry->previous != before.chain || after.chain != entry->hash || entry->hash == before.chain) return "I5 chain";
  auto folded = before;
  if (!verify_next(folded, *entry) || to_row(folded) != to_row(after)) return "I4 fold";
  return {};
}

}  // namespace

// Sequences that lead to the same books are merged. Besides the balances, `post` reads only seq and chain of the past; to test that
// these do not matter, books are continued from the first history that led to them and from the last.
TEST_CASE("every sequence of up to six operations agrees with the oracle") {
  struct Histories {
    AccountState first;
    AccountState last;
    double sequences = 0;
  };
  std::map<Books, Histories> states;
  states[Books{}] = {AccountState{}, AccountState{}, 1};
  std::size_t steps = 0;
  std::size_t refusals = 0;
  double sequences = 0;
  for (int depth = 0; depth < operations; ++depth) {
    std::map<Books, Histories> next;
    sequences = 0;
    for (const auto& [books, histories] : states) {
      for (const auto& operation : operations_on(books)) {
        const auto verdict = verdict_of(books, operation);
        for (const auto& before : {histories.first, histories.last}) {
          AccountState after;
          const auto wrong = deviation(before, operation, verdict, after);
          REQUIRE_MESSAGE(wrong.empty(), wrong);
          const auto [found, added] = next.try_emplace(verdict.books, Histories{after, after, 0});
          found->second.last = after;
        }
        next[verdict.books].sequences += histories.sequences;
        sequences += histories.sequences;
        steps += 1;
        refusals += verdict.refusal.empty() ? 0U : 1U;
      }
    }
    states = std::move(next);
  }
  MESSAGE(sequences << " sequences; " << states.size() << " books, " << steps << " different steps, " << refusals << " refused");
  CHECK(sequences > (test::sanitized ? 1e6 : 1e8));
  CHECK(refusals > 1'000);
}

// The same for the rules that only stored rows enforce: one credit per charge; one lock, and one settle or release per withdrawal.
TEST_CASE("in every sequence of up to six commits a transfer happens once") {
  struct Step {
    std::string transfer;
    EntryType type{};
    int available = 0;
    int locked = 0;
  };
  const std::vector<Step> steps{{"credit", EntryType::charge_credit, 3, 0},
                                {"lock", EntryType::withdrawal_lock, -2, 2},
                                {"resolve", EntryType::withdrawal_settle, 1, -2},
                                {"resolve", EntryType::withdrawal_release, 2, -2}};
  const auto id_of = [](const Step& step) { return Sha256{}.update(bytes_of(step.transfer)).finish(); };
  Random random({1, 2, 3, 4});
  const TenantScope tenant{Environment::test, WorkspaceId::generate(Shard::number(7), UnixMillis{1}, random)};
  std::size_t tried = 0;
  std::size_t sequences = 1;
  for (int i = 0; i < operations; ++i) sequences *= steps.size();
  for (std::size_t number = 0; number < sequences; ++number) {
    test::CoreWorld world;
    std::set<std::string> happened;
    int available = 0;
    int locked = 0;
    std::uint64_t entries = 0;
    std::size_t rest = number;
    for (int i = 0; i < operations; ++i, rest /= steps.size()) {
      const auto& step = steps[rest % steps.size()];
      const auto done = world.run([&](Context& cx) -> Task<Result<>> {
        auto unit = co_await UnitOfWork::load(cx, tenant);
        co_await unit.post({id_of(step), step.type, step.available, step.locked, 0, "x"});
        co_return co_await attempt(unit.commit());
      });
      const bool covered = available + step.available >= 0 && locked + step.locked >= 0;
      const bool expected = covered && !happened.contains(step.transfer);
      REQUIRE(done.has_value() == expected);
      if (expected) {
        happened.insert(step.transfer);
        available += step.available;
        locked += step.locked;
        entries += 1;
      }
      tried += 1;
    }
    if (entries > 0) {
      const auto account = from_row<AccountState>(world.store.rows().at(account_key(tenant)).value);
      REQUIRE(account.has_value());
      REQUIRE(account->available == Msat{static_cast<std::uint64_t>(available)});
      REQUIRE(account->locked == Msat{static_cast<std::uint64_t>(locked)});
      REQUIRE(account->entries == entries);
    }
    REQUIRE(world.store.count("/ledger/") == entries);
    REQUIRE(world.store.count("/transfer/") == entries);
  }
  CHECK(tried == sequences * operations);
}

}  // namespace lntpay::entry_rules_test
