// Opens the SQLite file (lock, layout, recovery), and owns SQLite's handles.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace lntpay::host {

struct SqliteOptions {
  std::string vfs;                         ///< "": the default
  std::uint32_t cache_kib = 8'192;         ///< SQLite's page cache; the system's file cache serves the rest
  std::uint32_t checkpoint_pages = 4'000;  ///< length of the write-ahead log at which it is checkpointed
};

struct CloseDatabase {
  void operator()(sqlite3* db) const noexcept;
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const noexcept;
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

struct OpenedDatabase {
  Database db;
  bool recovered = false;  ///< the last process did not close it; the integrity check passed
};

/// Version of the layout, stored in `user_version`.
inline constexpr int sqlite_layout = 1;

/// Opens or creates the file, locked against every other process and connection while it is open.
/// After an unclean shutdown the whole file is checked (`integrity_check`: 3 s for a million rows).
/// Throws std::runtime_error where the file is in use, foreign, of another layout or damaged, and for other errors of SQLite.
OpenedDatabase open_database(const std::string& path, const SqliteOptions& options);

/// Throws std::runtime_error.
Statement prepare(sqlite3* db, const char* sql);

/// The last error of this connection: its message and extended code.
std::string error_text(sqlite3* db);

}  // namespace lntpay::host
