// Effects and batches over one SQLite connection.
#include "host-adapters/stores/sqlite/sqlite_store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>

#include "host-adapters/stores/rules/key_span.hpp"
#include "host-adapters/stores/rules/store_limits.hpp"
#include "host-adapters/stores/sqlite/disk_error.hpp"
#include "host-adapters/stores/sqlite/store_advice.hpp"

namespace lntpay::host {
namespace {

constexpr std::uint64_t versions_per_block = 1 << 20;

/// One execution of a prepared statement, reset at the end because an active statement would block the COMMIT.
class Run {
 public:
  explicit Run(const Statement& statement) : statement_{statement.get()} {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() { sqlite3_reset(statement_); }

  // Bound text is borrowed: the statement is not stepped after its arguments are destroyed.
  Run& text(int at, std::string_view value) {
    return bound(sqlite3_bind_text64(statement_, at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
  Run& number(int at, std::uint64_t value) { return bound(sqlite3_bind_int64(statement_, at, static_cast<sqlite3_int64>(value))); }
  Run& bytes(int at, ByteView value) {
    return bound(sqlite3_bind_blob64(statement_, at, value.data(), value.size(), SQLITE_STATIC));
  }
  /// Greater than every text: SQLite orders blobs after text.
  Run& no_end(int at) { return bound(sqlite3_bind_zeroblob(statement_, at, 0)); }

  int step() { return bound_ == SQLITE_OK ? sqlite3_step(statement_) : bound_; }
  /// Steps to the end and resets at once: a later reset of another statement in the same expression would replace an error.
  bool done() {
    const bool is_done = step() == SQLITE_DONE;
    sqlite3_reset(std::exchange(statement_, nullptr));
    return is_done;
  }

  [[nodiscard]] std::string text_of(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return size == 0 ? std::string{} : std::string{bytes, size};
  }
  [[nodiscard]] std::uint64_t number_of(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
  }

 private:
  Run& bound(int result) {
    if (result != SQLITE_OK) bound_ = result;
    return *this;
  }

  sqlite3_stmt* statement_;
  int bound_ = SQLITE_OK;
};

std::uint64_t number_in(sqlite3* db, const char* sql) {
  const auto statement = prepare(db, sql);
  Run run{statement};
  if (run.step() != SQLITE_ROW) throw std::runtime_error{failure_text(db)};
  return run.number_of(0);
}

/// A mark proves that its store existed. Another file of that name is refused before a store is made beside it.
SqliteOptions with_mark_as_proof(SqliteOptions options) {
  if (options.mark.empty()) return options;
  const auto state = read_mark(options.mark).state;
  if (state == MarkState::foreign)
    throw std::runtime_error{"store mark " + options.mark + ": it is not a mark of LNTPay. Name another file with --store-mark"};
  if (state != MarkState::missing) options.known_by = options.mark;
  return options;
}

}  // namespace

SqliteStore::SqliteStore(const std::string& path, const SqliteOptions& options) try
    : opened_{open_database(path, with_mark_as_proof(options))}, path_{path}, mark_path_{options.mark}, report_{options.report} {
  auto* db = opened_.db.get();
  found_ = find_store(db, mark_path_, options.owner);
  const auto& owner = found_.owner;
  if (!owner.empty() && !options.owner.empty() && owner != options.owner) {
    throw std::runtime_error{
        "the secrets.json in " + folder_of(path) +
        " belongs to another store: this one was written with another pepper or seal, so none of its API keys " +
        "works and no sealed row opens. Restore the secrets.json of this store from a backup, or choose " +
        "another folder with --data"};
  }
  expect_mark(options);
  take_over(opened_, path, options);
  batch_ = found_.batch;
  if (!found_.openings.empty()) digest_ = found_.openings.back().digest;
  owner_ = owner_digest(owner.empty() ? options.owner : owner);
  begin_ = prepare(db, "BEGIN IMMEDIATE");
  commit_ = prepare(db, "COMMIT");
  rollback_ = prepare(db, "ROLLBACK");
  find_ = prepare(db, "SELECT value, version FROM rows WHERE key = ?1");
  version_ = prepare(db, "SELECT version FROM rows WHERE key = ?1");
  ascend_ = prepare(db, "SELECT key, value, version FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3");
  descend_ = prepare(db, "SELECT key, value, version FROM rows WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3");
  put_ = prepare(db,
                 "INSERT INTO rows(key, value, version) VALUES(?1, ?2, ?3) "
                 "ON CONFLICT(key) DO UPDATE SET value = excluded.value, version = excluded.version");
  delete_ = prepare(db, "DELETE FROM rows WHERE key = ?1");
  reserve_ = prepare(db, "UPDATE meta SET value = ?1 WHERE name = 'versions_reserved'");
  count_lost_ = prepare(db, "UPDATE meta SET value = value + 1 WHERE name = 'lost_batches'");

  number_ = prepare(db, "UPDATE meta SET value = ?1 WHERE name = 'batch'");

  reserved_durably_ = reserved_ = number_in(db, "SELECT value FROM meta WHERE name = 'versions_reserved'");
  next_version_ = reserved_ + 1;
  add_opening(owner.empty() ? options.owner : "");
  if (!mark_path_.empty() && options.opens == Opens::at_mark) mark_.emplace(mark_path_, mark());
  checkpointer_.emplace(db, path, options);
} catch (const std::runtime_error& error) {
  const std::string why = error.what();
  throw std::runtime_error{why.starts_with("store ") ? why : "store " + path + ": " + why};
}

/// Nothing has been written to the file or its log.
void SqliteStore::expect_mark(const SqliteOptions& options) const {
  const auto is_kept_empty = opened_.created && found_.mark_state == MarkState::missing && !options.known_by.empty();
  if (is_kept_empty && options.opens == Opens::at_mark) {
    throw std::runtime_error{
        "it has no rows, but " + options.known_by +
        " shows that it held some. Restore it from a backup, with its write-ahead log. To serve it empty, run: " +
        accept_command(path_, mark_path_)};
  }
  const auto is_foreign = found_.mark_state == MarkState::readable && found_.standing == Standing::foreign;
  if (is_foreign || (options.opens == Opens::at_mark && !found_.is_at_mark()))
    throw std::runtime_error{refusal_text(found_, path_, mark_path_)};
  if (options.opens == Opens::set_back && found_.mark_state == MarkState::readable && found_.is_at_mark())
    throw std::runtime_error{agreement_text(found_, path_, mark_path_)};
}

void SqliteStore::add_opening(const std::string& owner) {
  auto* db = opened_.db.get();
  digest_ = next_digest(digest_, batch_);
  const auto add = prepare(db, "INSERT INTO openings(after, digest) VALUES(?1, ?2)");
  const auto prune = prepare(db, "DELETE FROM openings WHERE number <= (SELECT max(number) FROM openings) - ?1");
  const auto own = prepare(db, "INSERT INTO owner(fingerprint) SELECT ?1 WHERE ?1 <> ''");
  const auto done = Run{begin_}.done() && Run{add}.number(1, batch_).bytes(2, digest_).done() &&
                    Run{prune}.number(1, openings_kept).done() && Run{own}.text(1, owner).done() && Run{commit_}.done();
  if (!done) throw std::runtime_error{failure_text(db)};
}

void SqliteStore::accept() { mark_.emplace(mark_path_, mark()); }

void SqliteStore::write_mark() {
  if (!mark_) return;
  const int error = mark_->write(mark());
  if (error != 0 && !mark_failed_ && report_) {
    report_("store mark " + mark_path_ + ": " + disk_error(error, mark_path_) + ". A store that is set back to a batch after " +
            std::to_string(batch_ - 1) + " would not be noticed");
  }
  mark_failed_ = error != 0;
}

SqliteStore::~SqliteStore() {
  if (open_) roll_back();
}

void SqliteStore::begin_batch() {
  checkpointer_->before_batch();
  open_ = true;
  wrote_ = false;
  trouble_ = replace_lost_frames();
  if (!trouble_ && !Run{begin_}.done()) poison();
}

Reply SqliteStore::get(const Get& asked) {
  if (auto why = not_ready()) return Failed{*std::move(why)};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};
  Entries found;
  found.entries.reserve(asked.keys.size());
  for (const auto& key : asked.keys) {
    Run run{find_};
    const auto result = run.text(1, key).step();
    if (result == SQLITE_ROW) {
      found.entries.emplace_back(Entry{key, run.text_of(0), run.number_of(1)});
    } else if (result == SQLITE_DONE) {
      found.entries.emplace_back();
    } else {
      return poison();
    }
  }
  return found;
}

Reply SqliteStore::scan(const Range& asked) {
  if (auto why = not_ready()) return Failed{*std::move(why)};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};
  const auto span = span_of(asked);
  Run run{asked.reverse ? descend_ : ascend_};
  run.text(1, span.first).number(3, asked.limit);
  if (span.end) {
    run.text(2, *span.end);
  } else {
    run.no_end(2);
  }
  Scanned found;
  for (;;) {
    const auto result = run.step();
    if (result == SQLITE_DONE) return found;
    if (result != SQLITE_ROW) return poison();
    found.entries.push_back({run.text_of(0), run.text_of(1), run.number_of(2)});
  }
}

Reply SqliteStore::commit(const Commit& asked) {
  if (auto why = not_ready()) return Failed{*std::move(why)};
  if (auto why = refusal(asked)) return Failed{*std::move(why)};
  for (const auto& check : asked.checks) {
    const auto held = holds(check);
    if (!held) return poison();
    if (!*held) return Conflict{};
  }
  for (const auto& op : asked.ops) {
    if (!apply(op)) return poison();
  }
  wrote_ = wrote_ || !asked.ops.empty();
  return Committed{};
}

Store::BatchEnd SqliteStore::end_batch() {
  const auto sound = open_ && !trouble_;
  open_ = false;
  // A batch that only read is not numbered: SQLite then writes and syncs nothing.
  if (sound && (!wrote_ || Run{number_}.number(1, batch_ + 1).done()) && Run{commit_}.done()) {
    reserved_durably_ = reserved_;
    if (wrote_) {
      ++batch_;
      write_mark();
      checkpointer_->after_batch();
    }
    return BatchEnd::durable;
  }
  if (report_) report_("store " + path_ + ": " + trouble_.value_or(failure_text(opened_.db.get())));
  roll_back();
  reserved_ = reserved_durably_;
  lost_frames_ = true;
  // Tried at once, so that the frames do not stay until the next batch; if it fails, that batch retries and reports the error.
  static_cast<void>(replace_lost_frames());
  return BatchEnd::lost;
}

std::optional<std::string> SqliteStore::not_ready() const {
  if (!open_) return no_batch;
  return trouble_;
}

Failed SqliteStore::poison() {
  trouble_ = failure_text(opened_.db.get());
  return {*trouble_};
}

std::optional<bool> SqliteStore::holds(const Check& check) {
  Run run{version_};
  switch (run.text(1, check.key).step()) {
    case SQLITE_ROW: return check.version == run.number_of(0);
    case SQLITE_DONE: return !check.version;
    default: return std::nullopt;
  }
}

bool SqliteStore::apply(const Op& op) {
  if (const auto* gone = std::get_if<Delete>(&op)) return Run{delete_}.text(1, gone->key).done();
  const auto& put = std::get<Put>(op);
  const auto version = new_version();
  return version && Run{put_}.text(1, put.key).text(2, put.value).number(3, *version).done();
}

std::optional<std::uint64_t> SqliteStore::new_version() {
  if (next_version_ > reserved_) {
    const auto block = next_version_ + versions_per_block;
    if (!Run{reserve_}.number(1, block).done()) return std::nullopt;
    reserved_ = block;
  }
  return next_version_++;
}

void SqliteStore::roll_back() {
  // Some errors have rolled back already; a second ROLLBACK would fail.
  if (sqlite3_get_autocommit(opened_.db.get()) == 0) Run{rollback_}.done();
}

std::optional<std::string> SqliteStore::replace_lost_frames() {
  if (!lost_frames_) return std::nullopt;
  // Reserves a new block as well: the versions of the lost batch must not be assigned again, not even after a crash.
  const auto block = next_version_ + versions_per_block;
  if (Run{begin_}.done() && Run{count_lost_}.done() && Run{reserve_}.number(1, block).done() && Run{commit_}.done()) {
    lost_frames_ = false;
    reserved_ = reserved_durably_ = block;
    return std::nullopt;
  }
  auto why = failure_text(opened_.db.get());
  roll_back();
  return why;
}

}  // namespace lntpay::host
