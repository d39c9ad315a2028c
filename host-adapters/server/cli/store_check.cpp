// Drives the core's check over a read-only view of the file.
#include "host-adapters/server/cli/store_check.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/storage/rows_format.hpp"
#include "core/tenant/context.hpp"
#include "host-adapters/server/ops/moments.hpp"
#include "host-adapters/server/ops/store_format.hpp"
#include "host-adapters/stores/rules/key_span.hpp"
#include "host-adapters/stores/sqlite/database.hpp"
#include "host-adapters/stores/sqlite/store_advice.hpp"
#include "host-adapters/stores/sqlite/store_standing.hpp"

namespace lntpay::host {
namespace {

constexpr const char* application_id = "1280201808";  // database.cpp

/// The file: locked against every other connection, and never written.
class LockedFile {
 public:
  /// Throws std::runtime_error.
  explicit LockedFile(const std::string& path) : path_{path} {
    if (!std::filesystem::exists(path)) fail("there is no such file. Name the folder of the store with --data");
    // SQLite would write a first page to it, to lock it.
    if (std::filesystem::file_size(path) == 0) fail("it is empty: it has 0 bytes. " + restore_text(path));
    const bool has_log = std::filesystem::exists(path + "-wal");
    sqlite3* opened = nullptr;
    const auto result =
        sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    db_.reset(opened);
    if (result != SQLITE_OK) fail(opened != nullptr ? failure() : "out of memory");
    if (sqlite3_db_readonly(opened, "main") == 1) fail("it is write-protected, so it cannot be locked. Check a copy of the folder");
    // A log that a crash has left stays as it is, for the next start to recover.
    if (has_log) sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    run("PRAGMA locking_mode = EXCLUSIVE");
    if (sqlite3_exec(opened, "BEGIN EXCLUSIVE; COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) {
      if ((sqlite3_errcode(opened) & 0xff) == SQLITE_BUSY) fail("another process has it open. Stop that process, or check a copy");
      fail(failure());
    }
    run("PRAGMA query_only = ON");
    run("PRAGMA mmap_size = 0");
    run("PRAGMA cell_size_check = ON");
    run("PRAGMA trusted_schema = OFF");
    expect_layout();
    find_ = prepared("SELECT value, version FROM rows WHERE key = ?1");
    ascend_ = prepared("SELECT key, value, version FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3");
  }

  /// The first column of all rows.
  std::vector<std::string> ask(const char* sql) {
    const auto statement = prepared(sql);
    std::vector<std::string> lines;
    for (;;) {
      const auto result = sqlite3_step(statement.get());
      if (result == SQLITE_DONE) return lines;
      if (result != SQLITE_ROW) fail(failure());
      lines.push_back(text_of(statement.get(), 0));
    }
  }

  /// Throws std::runtime_error.
  [[nodiscard]] StoreFound beside(const std::string& mark_path) const { return find_store(db_.get(), mark_path); }

  Reply perform(const Effect& effect) {
    if (const auto* get = std::get_if<Get>(&effect)) return read(*get);
    if (const auto* range = std::get_if<Range>(&effect)) return read(*range);
    return Failed{"a check only reads"};
  }

 private:
  [[noreturn]] static void fail(const std::string& why) { throw std::runtime_error{why}; }

  void run(const char* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(failure());
  }

  /// Unlike `failure_text`, whose next step is this check.
  [[nodiscard]] std::string failure() const {
    const auto code = sqlite3_extended_errcode(db_.get()) & 0xff;
    if (code != SQLITE_CORRUPT && code != SQLITE_NOTADB) return error_text(db_.get());
    return damage_text(db_.get(), error_text(db_.get())) + ". " + restore_text(path_);
  }

  Statement prepared(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) fail(failure());
    return Statement{statement};
  }

  void expect_layout() {
    if (ask("SELECT count(*) FROM sqlite_schema").front() == "0")
      fail("it has no tables: it is new, or its write-ahead log was deleted. " + restore_text(path_));
    if (ask("PRAGMA application_id").front() != application_id) fail("it is not a database of LNTPay");
    const auto version = ask("PRAGMA user_version").front();
    if (version == std::to_string(sqlite_layout)) return;
    fail("its layout has version " + version + ", but this program reads " + std::to_string(sqlite_layout));
  }

  static std::string text_of(sqlite3_stmt* statement, int column) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return size == 0 ? std::string{} : std::string{bytes, size};
  }

  static bool bind(sqlite3_stmt* statement, int at, std::string_view text) {
    return sqlite3_bind_text64(statement, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
  }

  Reply failed() { return Failed{error_text(db_.get())}; }

  Reply read(const Get& asked) {
    Entries found;
    for (const auto& key : asked.keys) {
      sqlite3_reset(find_.get());
      if (!bind(find_.get(), 1, key)) return failed();
      const auto result = sqlite3_step(find_.get());
      if (result != SQLITE_ROW && result != SQLITE_DONE) return failed();
      found.entries.emplace_back();
      if (result == SQLITE_ROW) {
        const auto version = static_cast<std::uint64_t>(sqlite3_column_int64(find_.get(), 1));
        found.entries.back() = Entry{key, text_of(find_.get(), 0), version};
      }
    }
    return found;
  }

  /// In ascending order: the core's checks scan no other.
  Reply read(const Range& asked) {
    if (asked.reverse) return Failed{"a check scans in ascending order"};
    const auto span = span_of(asked);
    auto* statement = ascend_.get();
    sqlite3_reset(statement);
    bool bound = bind(statement, 1, span.first);
    // A blob is greater than every text.
    bound = bound && (span.end ? bind(statement, 2, *span.end) : sqlite3_bind_zeroblob(statement, 2, 0) == SQLITE_OK);
    if (!bound || sqlite3_bind_int64(statement, 3, asked.limit) != SQLITE_OK) return failed();
    Scanned found;
    for (;;) {
      const auto result = sqlite3_step(statement);
      if (result == SQLITE_DONE) return found;
      if (result != SQLITE_ROW) return failed();
      const auto version = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 2));
      found.entries.push_back({text_of(statement, 0), text_of(statement, 1), version});
    }
  }

  std::string path_;
  Database db_;
  Statement find_, ascend_;
};

/// The number of the rows' format. Refuses a store of another version; a store that has lost the number is checked.
void check_format(LockedFile& file, StoreReport& report) {
  const auto format = file.ask("SELECT value FROM rows WHERE key = '00/format'");
  if (!format.empty() && !reads_rows_format(format.front())) {
    throw std::runtime_error{"its rows have format " + format.front() + ", but this program reads " + std::to_string(rows_format) +
                             ". Check it with the version of LNTPay that wrote it"};
  }
  if (format.empty() && !file.ask("SELECT 1 FROM rows LIMIT 1").empty()) report.add(std::string(rows_format_key), "is missing");
}

/// SQLite's own check, and the versions of rows: one that is assigned twice would let a commit pass that must conflict.
void check_file(LockedFile& file, StoreReport& report) {
  for (auto& line : file.ask("PRAGMA integrity_check(100)")) {
    if (line != "ok") report.add({}, "SQLite: " + line);
  }
  const auto above = file.ask(
      "SELECT key FROM rows WHERE version > (SELECT value FROM meta WHERE name = 'versions_reserved') OR version < 1 LIMIT 100");
  for (const auto& key : above) report.add(key, "has a version that was never assigned");
  const auto meta = file.ask("SELECT name FROM meta WHERE value >= 0 AND name IN ('lost_batches', 'versions_reserved')");
  if (meta.size() != 2) report.add({}, "the numbers of the store itself are missing");
}

void check_mark(const LockedFile& file, const std::string& mark_path, StoreReport& report) try {
  const auto found = file.beside(mark_path);
  if (!found.is_at_mark()) report.add({}, standing_text(found, mark_path));
} catch (const std::runtime_error& error) {
  const std::string why = error.what();
  report.add({}, why.starts_with("store mark ") ? why : "it cannot be compared with its mark " + mark_path);
}

Result<bool> drive(LockedFile& file, Seam& seam, Task<Result<bool>> task) {
  task.start(seam);
  while (seam.waiting()) {
    std::vector<Reply> replies;
    for (const auto& effect : seam.take_effects()) replies.push_back(file.perform(effect));
    seam.answer(seam.now(), std::move(replies));
  }
  return std::move(*task.value());
}

/// Reads everything once, in order. Where that fails the rest is checked as far as possible.
void check_content(LockedFile& file, StoreCheck& check, const std::function<void(const StoreProgress&)>& progress) {
  const Settings settings;
  Moments moments;
  const auto moment = moments.next();
  Random random(moment.entropy);
  Seam seam(moment.now);
  Context cx(seam, random, settings);
  for (;;) {
    const auto more = drive(file, seam, check_next(cx, check));
    if (progress) progress({check.report.rows_total, check.report.ledgers});
    if (more && !*more) return;
    if (more) continue;
    check.report.add(check.after, (check.rows_checked ? "a ledger cannot be read: " : "the rows after it cannot be read: ") +
                                      more.error().message);
    check.rows_checked = true;
  }
}

}  // namespace

StoreReport check_store(const std::string& database_path, const std::string& mark_path,
                        const std::function<void(const StoreProgress&)>& progress) try {
  LockedFile file(database_path);
  StoreCheck check;
  check_format(file, check.report);
  check_file(file, check.report);
  check_mark(file, mark_path, check.report);
  check_content(file, check, progress);
  return std::move(check.report);
} catch (const std::runtime_error& error) {
  throw std::runtime_error{"store " + database_path + ": " + error.what()};
}

std::string report_text(const StoreReport& report) {
  std::string text;
  for (const auto& [kind, count] : report.rows) text += std::to_string(count) + " " + kind + "\n";
  text += std::to_string(report.ledgers) + " ledgers with " + std::to_string(report.entries) + " entries verified\n";
  for (const auto& [key, problem] : report.findings) text.append(key).append(key.empty() ? "" : ": ").append(problem).append("\n");
  const auto more = report.findings_total - report.findings.size();
  if (more > 0) text += "and " + std::to_string(more) + " more\n";
  if (report.findings_total == 0) return text + "The store is good.\n";
  return text + "The store is not good. Findings: " + std::to_string(report.findings_total) + "\n";
}

std::string report_json(const StoreReport& report) {
  auto findings = nlohmann::json::array();
  for (const auto& [key, problem] : report.findings) findings.push_back({{"key", key}, {"problem", problem}});
  return nlohmann::json{{"object", "store_check"},
                        {"ok", report.findings_total == 0},
                        {"rows", report.rows},
                        {"rows_total", report.rows_total},
                        {"ledgers", report.ledgers},
                        {"entries", report.entries},
                        {"findings_total", report.findings_total},
                        {"findings", std::move(findings)}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace lntpay::host
