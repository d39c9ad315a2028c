// Exports as the engine writes them are proved; whatever is changed in one is found, by its rule.
#include "host-adapters/server/cli/ledger_proof.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <sstream>
#include <vector>

#include "core/ledger/ledger_export.hpp"
#include "core/ledger/verification.hpp"

namespace ledger_proof_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

const EntryId id = *EntryId::parse("le_Ab0000000000000000000000000A");

Bytes32 numbered(std::uint8_t n) {
  Bytes32 bytes{};
  bytes[0] = n;
  return bytes;
}

/// Entries with everything in them that a file can get wrong.
struct Ledger {
  AccountState head;
  std::vector<LedgerEntry> entries;
  Ledger() {
    add({numbered(1), EntryType::charge_credit, 21'000, 0, 0, "ch_Ab0000000000000000000000000B"});
    add({numbered(2), EntryType::withdrawal_lock, -5'000, 5'000, 0, "wd_1"});
    add({numbered(3), EntryType::adjustment, 70, 0, -70, "ticket \"7\", line\nbreak | pipe \\ slash"});
    add({numbered(4), EntryType::withdrawal_settle, 1'000, -5'000, 0, "wd_1"});
    add({numbered(5), EntryType::charge_credit, 2'000'000'000'000'000'000, 0, 0, "€"});
  }
  void add(const Transfer& transfer) { entries.push_back(*post(head, transfer, id, UnixMillis{1'700'000'000'000 + head.entries})); }

  [[nodiscard]] std::string csv() const {
    std::string text(csv_header);
    for (const auto& entry : entries) text += entry_csv(entry);
    return text;
  }
  [[nodiscard]] std::string jsonl() const {
    std::string text;
    for (const auto& entry : entries) text += entry_json(entry) + "\n";
    return text;
  }
};

std::vector<ExportedEntry> read(const std::string& text) {
  std::istringstream in(text);
  ExportReader reader(in);
  std::vector<ExportedEntry> all;
  for (;;) {
    auto entry = reader.next();
    REQUIRE_MESSAGE(entry.has_value(), (entry ? "" : entry.error()));
    if (!*entry) return all;
    all.push_back(std::move(**entry));
  }
}

std::string refusal(const std::string& text) {
  std::istringstream in(text);
  ExportReader reader(in);
  for (;;) {
    const auto entry = reader.next();
    if (!entry) return entry.error();
    if (!*entry) return "none";
  }
}

/// "holds", or the entry's place and its rule.
std::string verdict(const std::vector<ExportedEntry>& entries) {
  LedgerProof proof;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (const auto holds = proof.add(entries[i]); !holds) {
      return std::to_string(i + 1) + " " + holds.error().substr(0, holds.error().find(':'));
    }
  }
  return "holds";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("an export is verified in both forms and ends at the account state") {
  const Ledger ledger;
  for (const auto& text : {ledger.csv(), ledger.jsonl(), replaced(ledger.csv(), std::string(csv_header), "")}) {
    LedgerProof proof;
    for (const auto& entry : read(text)) CHECK(proof.add(entry).has_value());
    CHECK(proof.fold() == fold_text(ledger.head));
    CHECK(proof.suspense_msat() == -70);
  }
}

TEST_CASE("the hashed text equals the stored row, from either form") {
  const Ledger ledger;
  const auto csv = read(ledger.csv());
  const auto json = read(ledger.jsonl());
  REQUIRE(csv.size() == ledger.entries.size());
  REQUIRE(json.size() == ledger.entries.size());
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const auto row = to_row(ledger.entries[i]);
    CHECK(hashed_text(csv[i]) == row.substr(0, row.rfind('|')));
    CHECK(hashed_text(json[i]) == row.substr(0, row.rfind('|')));
  }
  CHECK(csv[3].line == 6);  // the reference before it has a line feed
}

TEST_CASE("a change of any field of any entry is detected at that entry") {
  const auto good = read(Ledger().csv());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (std::size_t column = 0; column < ledger_columns; ++column) {
      CAPTURE(i);
      CAPTURE(column);
      auto entries = good;
      auto& field = entries[i].fields[column];
      if (static_cast<Column>(column) == Column::created_at) {
        field = "2023-11-14T22:13:21.000Z";
      } else {
        field.back() = field.back() == '1' ? '2' : '1';
      }
      CHECK(verdict(entries).starts_with(std::to_string(i + 1) + " "));
    }
  }
}

TEST_CASE("another spelling of a number changes the hash") {
  auto entries = read(Ledger().csv());
  entries[0][Column::available_change] = "021000";
  CHECK(verdict(entries) == "1 I5 a row never changes");
  entries = read(Ledger().csv());
  entries[0][Column::reference] += "\r";
  CHECK(verdict(entries) == "1 I5 a row never changes");
}

TEST_CASE("a missing, repeated or misplaced entry is detected") {
  const auto good = read(Ledger().csv());
  auto entries = good;
  entries.erase(entries.begin() + 1);
  CHECK(verdict(entries) == "2 I5 seq is gapless");
  entries = good;
  entries.insert(entries.begin() + 1, entries[1]);
  CHECK(verdict(entries) == "3 I5 seq is gapless");
  entries = good;
  std::swap(entries[1], entries[2]);
  CHECK(verdict(entries) == "2 I5 seq is gapless");
  entries = good;
  entries.erase(entries.begin());
  CHECK(verdict(entries) == "1 I5 seq is gapless");
}

// The hashes below are correct: only the rule itself can detect the forgery.

namespace {

std::string verdict_on(const std::function<void(LedgerEntry&)>& forge) {
  Ledger ledger;
  forge(ledger.entries[1]);
  Bytes32 previous{};
  for (auto& entry : ledger.entries) {
    entry.previous = previous;
    entry.hash = entry_hash(entry);
    previous = entry.hash;
  }
  return verdict(read(ledger.jsonl()));
}

}  // namespace

TEST_CASE("a forged chain with correct hashes must still balance") {
  CHECK(verdict_on([](LedgerEntry&) {}) == "holds");
  CHECK(verdict_on([](LedgerEntry& e) { e.available_after.value += 1; }) == "2 I4 balances are the fold of the entries");
  CHECK(verdict_on([](LedgerEntry& e) { e.locked_after.value += 1; }) == "2 I4 balances are the fold of the entries");
  CHECK(verdict_on([](LedgerEntry& e) { e.available_msat -= 1; }) == "2 I4 balances are the fold of the entries");
  CHECK(verdict_on([](LedgerEntry& e) { e.available_msat = -21'001; }) == "2 I2 no account is negative");
  CHECK(verdict_on([](LedgerEntry& e) { e.locked_msat = -1; }) == "2 I2 no account is negative");
  CHECK(verdict_on([](LedgerEntry& e) { e.suspense_msat = -21'001; }) == "2 I2 no account is negative");
  CHECK(verdict_on([](LedgerEntry& e) { e.transfer = numbered(1); }) == "2 I7 a transfer happens once");
}

TEST_CASE("a verification continues an earlier one at its end, nowhere else") {
  const Ledger ledger;
  const auto entries = read(ledger.csv());
  LedgerProof first;
  REQUIRE(first.add(entries[0]).has_value());
  REQUIRE(first.add(entries[1]).has_value());
  LedgerProof second;
  REQUIRE(second.start_at(first.fold()));
  for (std::size_t i = 2; i < entries.size(); ++i) CHECK(second.add(entries[i]).has_value());
  CHECK(second.fold() == fold_text(ledger.head));

  LedgerProof third;
  REQUIRE(third.start_at(first.fold() + ".unknown/wd_Ab0000000000000000000000000A"));
  CHECK(third.fold() == first.fold());

  LedgerProof other;
  REQUIRE(other.start_at(replaced(first.fold(), ".16000.", ".16001.")));
  CHECK(other.add(entries[2]).error().starts_with("I4"));
  for (const auto& wrong : {std::string(), std::string("1.2.3"), first.fold() + ".1", "x" + first.fold()}) {
    CHECK_FALSE(LedgerProof().start_at(wrong));
  }
}

TEST_CASE("a file that is not an export is refused with the line") {
  const Ledger ledger;
  const auto csv = ledger.csv();
  const auto jsonl = ledger.jsonl();
  CHECK(refusal(csv) == "none");
  CHECK(refusal("") == "none");
  CHECK(refusal(std::string(csv_header)) == "none");
  CHECK(read(replaced(csv, "hash\n", "hash\r\n")).size() == 5);
  CHECK(refusal("hello\n") == "line 1 is not an entry of an export: it has 1 fields, not 14");
  CHECK(refusal(csv + "1,2\n").starts_with("line 8 "));
  CHECK(refusal(csv + "\"1\n").ends_with("a quote is not closed"));
  CHECK(refusal(replaced(csv, "wd_1", "w\"d\"_1")).ends_with("a quote is out of place"));
  CHECK(refusal(replaced(csv, ",wd_1,", ",wd_1,,")).ends_with("more than 14 fields"));
  CHECK(refusal("{}\n").ends_with("version must be a whole number"));
  CHECK(refusal("{\n").ends_with("it is not a JSON object"));
  CHECK(refusal(replaced(jsonl, ":21000,", ":21000.0,")).ends_with("available_change_msat must be a whole number"));
  CHECK(refusal(replaced(jsonl, ":21000,", ":\"21000\",")).ends_with("available_change_msat must be a whole number"));
  CHECK(refusal(replaced(jsonl, "\"seq\":1", "\"seq\":1,\"amount_sats\":9")).ends_with("not those of a ledger_entry"));
}

}  // namespace ledger_proof_test
