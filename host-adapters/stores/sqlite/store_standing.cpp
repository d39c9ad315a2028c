// Reads the store's own numbers, and states what they mean beside the mark.
#include "host-adapters/stores/sqlite/store_standing.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>

#include "host-adapters/stores/sqlite/database.hpp"
#include "host-adapters/stores/sqlite/store_advice.hpp"

namespace lntpay::host {
namespace {

/// The next row; false after the last one.
bool next(sqlite3* db, const Statement& statement) {
  const auto result = sqlite3_step(statement.get());
  if (result != SQLITE_ROW && result != SQLITE_DONE) throw std::runtime_error{failure_text(db)};
  return result == SQLITE_ROW;
}

std::string text_of(const Statement& statement, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), column));
  return size == 0 ? std::string{} : std::string{bytes, size};
}

bool has_table(sqlite3* db, const std::string& name) {
  const auto statement = prepare(db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1");
  sqlite3_bind_text64(statement.get(), 1, name.data(), name.size(), SQLITE_STATIC, SQLITE_UTF8);
  return next(db, statement);
}

/// 0: a file without tables, or of a version that did not number batches.
std::uint64_t batch_in(sqlite3* db) {
  if (!has_table(db, "meta")) return 0;
  const auto statement = prepare(db, "SELECT value FROM meta WHERE name = 'batch'");
  return next(db, statement) ? static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 0)) : 0;
}

std::vector<Opening> openings_in(sqlite3* db) {
  std::vector<Opening> all;
  if (!has_table(db, "openings")) return all;
  const auto statement = prepare(db, "SELECT after, digest FROM openings ORDER BY number");
  while (next(db, statement)) {
    Opening each{.after = static_cast<std::uint64_t>(sqlite3_column_int64(statement.get(), 0))};
    const auto digest = text_of(statement, 1);
    std::copy_n(digest.begin(), std::min(digest.size(), each.digest.size()), each.digest.begin());
    all.push_back(each);
  }
  return all;
}

std::string owner_in(sqlite3* db) {
  if (!has_table(db, "owner")) return {};
  const auto statement = prepare(db, "SELECT fingerprint FROM owner");
  return next(db, statement) ? text_of(statement, 0) : std::string{};
}

}  // namespace

bool StoreFound::is_at_mark() const {
  if (mark_state != MarkState::readable) return mark_state == MarkState::missing;
  return standing == Standing::current || standing == Standing::unverified;
}

StoreFound find_store(sqlite3* db, const std::string& mark_path, const std::string& owner) {
  StoreFound found{.batch = batch_in(db), .owner = owner_in(db), .openings = openings_in(db), .mark = {}};
  if (mark_path.empty()) return found;
  const auto read = read_mark(mark_path);
  found.mark_state = read.state;
  found.mark = read.mark;
  if (read.state != MarkState::readable) return found;
  const auto own = owner_digest(found.owner.empty() ? owner : found.owner);
  const auto is_foreign = own != Bytes32{} && read.mark.owner != Bytes32{} && read.mark.owner != own;
  found.standing = is_foreign ? Standing::foreign : standing_of(read.mark, found.batch, found.openings);
  return found;
}

std::string standing_text(const StoreFound& found, const std::string& mark_path) {
  if (found.mark_state == MarkState::foreign) return "its mark " + mark_path + " is no mark of LNTPay";
  if (found.mark_state == MarkState::damaged)
    return "its mark " + mark_path + " is damaged, so an older store would not be noticed";
  const auto there = std::to_string(found.mark.batch);
  switch (found.standing) {
    case Standing::foreign: return "its mark " + mark_path + " belongs to another store: one that is written with other secrets";
    case Standing::older:
      return "it was set back: its last batch is " + std::to_string(found.batch) + ", but its mark " + mark_path + " is at batch " +
             there + ", so " + std::to_string(found.mark.batch - found.batch) +
             " acknowledged batches are missing, which may hold credits and withdrawals";
    case Standing::another:
      return "it is not the store that its mark " + mark_path + " describes: batch " + there +
             " of the mark was written in another history, such as that of a copy";
    case Standing::current:
    case Standing::unverified: break;
  }
  return "it is not behind its mark " + mark_path;
}

std::string refusal_text(const StoreFound& found, const std::string& database, const std::string& mark_path) {
  auto text = standing_text(found, mark_path) + ". ";
  if (found.mark_state == MarkState::readable && found.standing == Standing::foreign)
    return text + "Name the mark of this store with --store-mark or put it back; if it is lost, name a file that does not exist";
  if (mark_path != database + ".mark") text += "First check --store-mark: it must name the mark of this store. ";
  if (found.mark_state == MarkState::readable && found.standing == Standing::older) {
    text += "Find the latest store, with its write-ahead log. If it is lost, keep a copy of this one with its -wal file. ";
  } else {
    text += "Check that this is the latest store. ";
  }
  return text + "To serve it anyway, run: " + accept_command(database, mark_path) +
         " (docs/money.md, \"A store that was set back\")";
}

std::string agreement_text(const StoreFound& found, const std::string& database, const std::string& mark_path) {
  return "the store, at batch " + std::to_string(found.batch) + ", and its mark, at batch " + std::to_string(found.mark.batch) +
         ", agree: serve accepts it as it is. Accepting it sends open withdrawals to review. If store and mark were both "
         "restored from a backup, run: " +
         accept_command(database, mark_path, "--both-were-restored");
}

}  // namespace lntpay::host
