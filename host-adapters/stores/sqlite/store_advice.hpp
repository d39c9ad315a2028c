// Advice for operators about a store that cannot be used: its damage, and commands to paste.
#pragma once
#include <string>

struct sqlite3;

namespace lntpay::host {

/// "lntpay store check --data FOLDER": a command on the data folder of this database, quoted for a shell.
std::string store_command(const std::string& command, const std::string& database);

/// "lntpay store accept --data FOLDER --evidence TEXT", with --store-mark where the mark is not in its usual place. `flag`: a
/// further one.
std::string accept_command(const std::string& database, const std::string& mark, const std::string& flag = {});

/// "it was cut off: it has 8192 bytes, but its header counts 9 pages of 4096", where the file shows that; otherwise "". Reads
/// through SQLite's handle: closing another one of the same file would drop its locks.
std::string cut_off_text(sqlite3* db);

/// "it is damaged (CAUSE)" in one line, with a cut that the file shows.
std::string damage_text(sqlite3* db, std::string cause);

/// What to do with a file that cannot be repaired: "Keep it and its -wal file. Restore …".
std::string restore_text(const std::string& database);

}  // namespace lntpay::host
