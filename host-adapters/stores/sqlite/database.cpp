// Opening the SQLite file. No other code of this adapter throws.
#include "host-adapters/stores/sqlite/database.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>

namespace lntpay::host {
namespace {

constexpr int application_id = 0x4c4e5450;  // "LNTP": identifies the file to file(1) and to us

// `rows` has rowids on purpose: values are appended and only the small key index is written at random places. Measured with
// commits of five rows of 400 bytes, 64 a batch: 16,000 commits/s, against 9,000 WITHOUT ROWID; scans cost 2 us a row instead of 1.
constexpr const char* layout = R"(
  CREATE TABLE rows(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL) STRICT;
  CREATE TABLE meta(name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES('versions_reserved', 0), ('lost_batches', 0);
  PRAGMA application_id = 1280201808;
  PRAGMA user_version = 1;
)";
static_assert(application_id == 1280201808 && sqlite_layout == 1);

[[noreturn]] void fail(const std::string& why) { throw std::runtime_error{why}; }

void run(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(error_text(db));
}

/// The first column of the first row.
std::string ask(sqlite3* db, const char* sql) {
  const auto statement = prepare(db, sql);
  const auto result = sqlite3_step(statement.get());
  if (result == SQLITE_DONE) return {};
  if (result != SQLITE_ROW) fail(error_text(db));
  const auto* text = sqlite3_column_text(statement.get(), 0);
  return text ? reinterpret_cast<const char*>(text) : "";
}

/// Whether a log or journal exists: the last process did not close the file.
bool was_not_closed(sqlite3_vfs* vfs, const std::string& path) {
  for (const char* suffix : {"-wal", "-journal"}) {
    int there = 0;
    if (vfs->xAccess(vfs, (path + suffix).c_str(), SQLITE_ACCESS_EXISTS, &there) == SQLITE_OK && there != 0) return true;
  }
  return false;
}

/// Excludes every other connection, readers included, until this one is closed.
void lock(sqlite3* db) {
  run(db, "PRAGMA locking_mode = EXCLUSIVE");
  if (sqlite3_exec(db, "BEGIN EXCLUSIVE; COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK) return;
  if ((sqlite3_errcode(db) & 0xff) == SQLITE_BUSY)
    fail("another process has it open. Stop that process, or choose another folder with --data");
  fail(error_text(db));
}

/// Whether the file is new and has no layout yet.
bool is_new(sqlite3* db) {
  const auto owner = ask(db, "PRAGMA application_id");
  const auto version = ask(db, "PRAGMA user_version");
  const auto tables = ask(db, "SELECT count(*) FROM sqlite_schema");
  if (owner == "0" && version == "0" && tables == "0") return true;
  if (owner != std::to_string(application_id)) fail("it is not a database of LNTPay. Choose another folder with --data");
  if (version != std::to_string(sqlite_layout)) {
    fail("its layout has version " + version + ", but this program reads " + std::to_string(sqlite_layout) +
         ". Use the version of LNTPay that wrote it");
  }
  return false;
}

/// The order matters: the page size is set before the first page, WAL outside a transaction.
void set_up(sqlite3* db, const SqliteOptions& options) {
  run(db, "PRAGMA page_size = 4096");
  if (ask(db, "PRAGMA journal_mode = WAL") != "wal")
    fail("its file system does not support a write-ahead log. Choose a folder on a local disk with --data");
  run(db, "PRAGMA synchronous = FULL");
  run(db, "PRAGMA cache_size = -" + std::to_string(options.cache_kib));
  run(db, "PRAGMA wal_autocheckpoint = " + std::to_string(options.checkpoint_pages));
  run(db, "PRAGMA journal_size_limit = 67108864");  // truncates the log after a burst
  run(db, "PRAGMA temp_store = MEMORY");
  run(db, "PRAGMA mmap_size = 0");  // a failing disk must be an error code, not a signal
  run(db, "PRAGMA cell_size_check = ON");
  run(db, "PRAGMA trusted_schema = OFF");
}

}  // namespace

void CloseDatabase::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
void FinalizeStatement::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

std::string error_text(sqlite3* db) {
  return std::string{sqlite3_errmsg(db)} + " (SQLite " + std::to_string(sqlite3_extended_errcode(db)) + ")";
}

Statement prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) fail(error_text(db));
  return Statement{statement};
}

OpenedDatabase open_database(const std::string& path, const SqliteOptions& options) try {
  const char* vfs_name = options.vfs.empty() ? nullptr : options.vfs.c_str();
  auto* vfs = sqlite3_vfs_find(vfs_name);
  if (!vfs) fail("SQLite knows no VFS " + options.vfs);
  OpenedDatabase opened{.db = nullptr, .recovered = was_not_closed(vfs, path)};

  sqlite3* db = nullptr;
  const auto result = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs_name);
  opened.db.reset(db);
  if (result != SQLITE_OK) fail(db ? error_text(db) : "out of memory");

  lock(db);
  const auto created = is_new(db);
  // The log will take its permissions from the file. By name: closing any other handle of the file would drop SQLite's locks.
  if (created && options.vfs.empty()) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  set_up(db, options);
  if (opened.recovered) {
    const auto verdict = ask(db, "PRAGMA integrity_check(1)");
    if (verdict != "ok") fail("damaged: " + verdict);
    // Frames of a failed fsync are readable but possibly not on disk; a checkpoint copies them into the file and syncs it.
    if (ask(db, "PRAGMA wal_checkpoint(TRUNCATE)") != "0")
      fail("the recovered log could not be written to the file. Check the free space and the disk");
  }
  if (created) run(db, std::string{"BEGIN IMMEDIATE;"} + layout + "COMMIT");
  return opened;
} catch (const std::runtime_error& error) {
  fail("store " + path + ": " + error.what());
}

}  // namespace lntpay::host
