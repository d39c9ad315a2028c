// Opening the SQLite file. No other code of this adapter throws.
#include "host-adapters/stores/sqlite/database.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "host-adapters/stores/sqlite/disk_error.hpp"
#include "host-adapters/stores/sqlite/store_advice.hpp"

namespace lntpay::host {
namespace {

constexpr int application_id = 0x4c4e5450;  // "LNTP": identifies the file to file(1) and to us

constexpr int busy_timeout_ms = 10'000;

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

// The number of the last batch, the openings (store_mark.hpp), and whose secrets the rows were written with. An addition: a program
// that does not know them still reads and writes the rows, so the layout has the same version.
constexpr const char* layout_of_mark = R"(
  CREATE TABLE IF NOT EXISTS openings(number INTEGER PRIMARY KEY, after INTEGER NOT NULL, digest BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS owner(fingerprint TEXT NOT NULL) STRICT;
  INSERT OR IGNORE INTO meta VALUES('batch', 0);
)";

/// A damaged file that the check can read, unless it was cut off.
std::string damaged_text(sqlite3* db, const std::string& path, const std::string& cause) {
  const auto check = cut_off_text(db).empty() ? "Find what is damaged with: " + store_command("check", path) + ". " : "";
  return damage_text(db, cause) + ". " + check + restore_text(path);
}

[[noreturn]] void fail(const std::string& why) { throw std::runtime_error{why}; }

void run(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(failure_text(db));
}

/// The first column of the first row.
std::string ask(sqlite3* db, const char* sql) {
  const auto statement = prepare(db, sql);
  const auto result = sqlite3_step(statement.get());
  if (result == SQLITE_DONE) return {};
  if (result != SQLITE_ROW) fail(failure_text(db));
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

/// Refuses to create a file that was there before. SQLite would also delete the log of a missing file, the last trace of its rows.
void expect_file(const std::string& path, const SqliteOptions& options) {
  std::error_code none;
  const auto size = std::filesystem::file_size(path, none);
  if (!none && size > 0) return;
  const bool is_missing = static_cast<bool>(none);
  if (none && none != std::errc::no_such_file_or_directory && none != std::errc::is_a_directory)
    fail("it cannot be opened: " + disk_error(none.value(), path));
  auto known_by = options.known_by;
  if (const auto log = std::filesystem::file_size(path + "-wal", none); !none && log > 0) known_by = path + "-wal";
  if (known_by.empty()) return;
  fail((is_missing ? "it is missing, but " + known_by + " shows that it existed"
                   : "it is empty, but " + known_by + " shows that it held rows") +
       ". Restore it from a backup, then run: " + accept_command(path, options.mark) +
       ". Without a backup, only a new folder can be served: choose it with --data");
}

// A VFS of SQLite's: the first lock on a file excludes every other process, its readers included, until the process closes the
// file. Connections within the process exclude each other as usual, and share the index of the log in its memory, without a -shm
// file.
constexpr const char* vfs_of_one_process = "unix-excl";

const char* vfs_of(const SqliteOptions& options) { return options.vfs.empty() ? vfs_of_one_process : options.vfs.c_str(); }

Database open_connection(const std::string& path, const SqliteOptions& options, int further_flags) {
  sqlite3* db = nullptr;
  const auto result = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | further_flags, vfs_of(options));
  Database opened{db};
  if (result != SQLITE_OK) fail(db ? failure_text(db) : "out of memory");
  return opened;
}

/// Refuses a file that another process or another store of this one has open. An exclusive lock is granted beside no connection;
/// once it is released, that of the process remains.
void lock(sqlite3* db) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file));
  auto result = file->pMethods->xLock(file, SQLITE_LOCK_SHARED);
  if (result == SQLITE_OK) result = file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE);
  file->pMethods->xUnlock(file, SQLITE_LOCK_NONE);
  if ((result & 0xff) == SQLITE_BUSY) fail("another process has it open. Stop that process, or choose another folder with --data");
  if (result != SQLITE_OK)
    fail("it cannot be locked (SQLite " + std::to_string(result) + "). Choose a folder on a local disk with --data");
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

/// Of the connection; nothing of it is stored in the file.
void set_up_reading(sqlite3* db, const SqliteOptions& options) {
  run(db, "PRAGMA cache_size = -" + std::to_string(options.cache_kib));
  run(db, "PRAGMA temp_store = MEMORY");
  run(db, "PRAGMA mmap_size = 0");  // a failing disk must be an error code, not a signal
  run(db, "PRAGMA cell_size_check = ON");
  run(db, "PRAGMA trusted_schema = OFF");
}

/// The order matters: the page size is set before the first page, WAL outside a transaction.
void set_up_writing(sqlite3* db) {
  run(db, "PRAGMA page_size = 4096");
  if (ask(db, "PRAGMA journal_mode = WAL") != "wal")
    fail("its file system does not support a write-ahead log. Choose a folder on a local disk with --data");
  run(db, "PRAGMA synchronous = FULL");
  run(db, "PRAGMA wal_autocheckpoint = 0");  // checkpointer.hpp
  // The other connection may hold the lock of the writer for a moment, to read the index of the log.
  sqlite3_busy_timeout(db, busy_timeout_ms);
  run(db, "PRAGMA journal_size_limit = 67108864");  // truncates the log after a burst
}

}  // namespace

void CloseDatabase::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
void FinalizeStatement::operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }

std::string error_text(sqlite3* db) {
  return std::string{sqlite3_errmsg(db)} + " (SQLite " + std::to_string(sqlite3_extended_errcode(db)) + ")";
}

std::string failure_text(sqlite3* db) {
  const auto* name = sqlite3_db_filename(db, "main");
  const std::string path = name ? name : "";
  const auto code = sqlite3_extended_errcode(db) & 0xff;
  int cause = sqlite3_system_errno(db);
  std::string what;
  switch (code) {
    case SQLITE_FULL:
      what = "its disk is full";
      cause = ENOSPC;
      break;
    case SQLITE_READONLY:
      what = "it cannot be written";
      cause = write_error(path);
      break;
    case SQLITE_CANTOPEN:
      what = "it cannot be opened";
      if (cause == 0) cause = write_error(path);
      break;
    case SQLITE_IOERR: what = "its disk failed"; break;
    case SQLITE_CORRUPT: return damaged_text(db, path, error_text(db));
    case SQLITE_NOTADB: return damage_text(db, error_text(db)) + ". " + restore_text(path);
    default: return error_text(db);
  }
  what += " (" + error_text(db) + ")";
  return cause == 0 ? what : what + ": " + disk_error(cause, path);
}

Statement prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) fail(failure_text(db));
  return Statement{statement};
}

OpenedDatabase open_database(const std::string& path, const SqliteOptions& options) try {
  auto* vfs = sqlite3_vfs_find(vfs_of(options));
  if (!vfs) fail("SQLite knows no VFS " + std::string(vfs_of(options)));
  if (options.vfs.empty()) expect_file(path, options);
  const bool is_unclean = was_not_closed(vfs, path);
  OpenedDatabase opened{.db = open_connection(path, options, SQLITE_OPEN_CREATE), .recovered = is_unclean};
  auto* db = opened.db.get();
  // SQLite opens a file that it cannot write for reading.
  if (sqlite3_db_readonly(db, "main") == 1) fail("it cannot be written: " + disk_error(write_error(path), path));

  // A log that a crash has left stays as it is until the store is taken over; the empty one of a closed store is removed again.
  if (opened.recovered) sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  lock(db);
  opened.created = is_new(db);
  set_up_reading(db, options);
  if (opened.recovered) {
    const auto verdict = ask(db, "PRAGMA integrity_check(1)");
    if (verdict != "ok") fail(damaged_text(db, path, verdict));
  }
  return opened;
} catch (const std::runtime_error& error) {
  fail("store " + path + ": " + error.what());
}

Database open_beside(const std::string& path, const SqliteOptions& options) {
  auto opened = open_connection(path, options, 0);
  auto* db = opened.get();
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  run(db, "PRAGMA mmap_size = 0");
  run(db, "PRAGMA synchronous = FULL");
  // Opens the log; a checkpoint over a connection that has not read does nothing.
  ask(db, "SELECT count(*) FROM sqlite_schema");
  return opened;
}

void take_over(const OpenedDatabase& opened, const std::string& path, const SqliteOptions& options) {
  auto* db = opened.db.get();
  // The log will take its permissions from the file. By name: closing any other handle of the file would drop SQLite's locks.
  if (opened.created && options.vfs.empty()) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  set_up_writing(db);
  // A checkpoint of a file that has just got its log fails until a first read has opened it.
  ask(db, "SELECT count(*) FROM sqlite_schema");
  // Frames of a failed fsync are readable but possibly not on disk; a checkpoint copies them into the file and syncs it.
  if (opened.recovered && ask(db, "PRAGMA wal_checkpoint(TRUNCATE)") != "0")
    fail("the recovered log could not be written to the file. Check the free space and the disk");
  run(db, std::string{"BEGIN IMMEDIATE;"} + (opened.created ? layout : "") + layout_of_mark + "COMMIT");
}

}  // namespace lntpay::host
