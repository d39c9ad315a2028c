// Opens the SQLite file (lock, layout, recovery), and owns SQLite's handles.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace lntpay::host {

/// Which stores are opened, by their standing to the mark (store_standing.hpp).
enum class Opens : std::uint8_t {
  at_mark,   ///< to serve it: at its mark or ahead of it
  set_back,  ///< to accept it: one that is not at its mark, or has none
  any,       ///< to accept it, also where store and mark agree because both were restored
};

struct SqliteOptions {
  std::string vfs;                         ///< "": unix-excl
  std::uint32_t cache_kib = 8'192;         ///< SQLite's page cache; the system's file cache serves the rest
  std::uint32_t checkpoint_pages = 4'000;  ///< length of the write-ahead log from which it is copied into the file
  std::string mark{};                      ///< file of the high-water mark (store_mark.hpp); "": none is kept
  /// Proof that the store was there before, such as "data/secrets.json": a missing or empty file is refused with this reason. "":
  /// new
  std::string known_by{};
  std::string owner{};  ///< fingerprint of the secrets that its rows are written with; another one is refused. "": not checked
  Opens opens = Opens::at_mark;  ///< to accept a store: the mark stays as it is until `SqliteStore::accept`
  /// Receives failures of the disk as sentences for the operator, on the thread of the store.
  std::function<void(const std::string&)> report{};
  bool checkpoint_thread = true;  ///< false: the store copies the log after a batch, so that a test has all calls in one order
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
  bool created = false;    ///< it has no tables yet
};

/// Version of the layout, stored in `user_version`.
inline constexpr int sqlite_layout = 1;

/// Opens or creates the file, locked against every other process and store while it is open. It only reads until `take_over`: a
/// file and a log that exist stay as they are, also when the database is closed. After an unclean shutdown the whole file is
/// checked (`integrity_check`: 3 s for a million rows). Throws std::runtime_error where the file is in use, foreign, of another
/// layout, damaged, or missing although `known_by` names a proof of it, and for other errors of SQLite.
OpenedDatabase open_database(const std::string& path, const SqliteOptions& options);

/// From here on the file is written: takes in the log of an unclean shutdown, and creates the tables of a new file and those that a
/// file of an earlier version lacks. Throws std::runtime_error.
void take_over(const OpenedDatabase& opened, const std::string& path, const SqliteOptions& options);

/// A second connection to a file that this process has opened and taken over, for checkpoints. Throws std::runtime_error.
Database open_beside(const std::string& path, const SqliteOptions& options);

/// Throws std::runtime_error.
Statement prepare(sqlite3* db, const char* sql);

/// The last error of this connection: its message and extended code.
std::string error_text(sqlite3* db);

/// The same as a sentence for the operator, with the cause and what to do: "its disk is full (…). Free some space …".
std::string failure_text(sqlite3* db);

}  // namespace lntpay::host
