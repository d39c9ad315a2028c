// The SQLite file itself: who may open it, what is refused, how damage is found.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/conformance/faulty_vfs.hpp"
#include "tests/conformance/store_conformance.hpp"

namespace lntpay::test {
namespace {

using host::SqliteOptions;
using host::SqliteStore;

/// Why it cannot be opened, or "".
std::string refusal_to_open(const std::string& path, const SqliteOptions& options = {}) {
  try {
    const SqliteStore store{path, options};
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

void run_sql(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

/// A process that was started before a store was opened in this one, so that it inherits nothing of SQLite's.
class OtherProcess {
 public:
  /// It performs `work` whenever it is asked to.
  explicit OtherProcess(const std::function<bool()>& work) {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    REQUIRE(pipe(to.data()) == 0);
    REQUIRE(pipe(from.data()) == 0);
    child_ = fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      close(to[1]);
      for (char byte = 0; read(to[0], &byte, 1) == 1;) {
        byte = work() ? 1 : 0;
        if (write(from[1], &byte, 1) != 1) _exit(1);
      }
      _exit(0);
    }
    close(to[0]);
    close(from[1]);
    to_ = to[1];
    from_ = from[0];
  }
  ~OtherProcess() {
    close(to_);
    close(from_);
    waitpid(child_, nullptr, 0);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  [[nodiscard]] bool ask() const {
    char byte = 0;
    REQUIRE(write(to_, &byte, 1) == 1);
    REQUIRE(read(from_, &byte, 1) == 1);
    return byte == 1;
  }

 private:
  pid_t child_ = 0;
  int to_ = -1;
  int from_ = -1;
};

void put(SqliteStore& store, const std::string& key, const std::string& value) {
  store.begin_batch();
  REQUIRE(std::holds_alternative<Committed>(store.commit({{}, {Put{key, value}}})));
  REQUIRE(store.end_batch() == host::Store::BatchEnd::durable);
}

}  // namespace

TEST_SUITE_BEGIN("store: sqlite file");

TEST_CASE("a second opener is rejected, in this process and another, at any time") {
  const TempFolder folder;
  const auto path = folder.file("store.db");
  const auto expected = "store " + path + ": another process has it open. Stop that process, or choose another folder with --data";
  const OtherProcess other([&] { return refusal_to_open(path) == expected; });
  {
    SqliteStore store{path, {.checkpoint_pages = 2}};
    for (int i = 0; i < 20; ++i) {
      CHECK(refusal_to_open(path) == expected);
      CHECK(other.ask());
      put(store, "a", std::string(10'000, 'a'));
    }
  }
  CHECK_FALSE(other.ask());
}

TEST_CASE("a store that another process has open is rejected, and that process is not disturbed") {
  const TempFolder folder;
  const auto path = folder.file("store.db");
  std::unique_ptr<SqliteStore> theirs;
  const OtherProcess other([&] {
    if (!theirs) theirs = std::make_unique<SqliteStore>(path);
    put(*theirs, "a", "1");
    return true;
  });
  CHECK(other.ask());
  CHECK(refusal_to_open(path).find("another process has it open") != std::string::npos);
  CHECK(other.ask());
}

TEST_CASE("another program's SQLite cannot read a store in use") {
  const TempFolder folder;
  const auto path = folder.file("store.db");
  const OtherProcess reader([&] {
    sqlite3* db = nullptr;
    sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
    const auto result = sqlite3_exec(db, "SELECT count(*) FROM rows", nullptr, nullptr, nullptr);
    sqlite3_close(db);
    return result == SQLITE_BUSY;
  });
  SqliteStore store{path};
  put(store, "a", "1");
  CHECK(reader.ask());
}

TEST_CASE("a closed store reopens without recovery") {
  const TempFolder folder;
  const auto path = folder.file("store.db");
  {
    SqliteStore store{path};
    put(store, "a", "1");
  }
  CHECK_FALSE(std::filesystem::exists(path + "-wal"));
  CHECK_FALSE(std::filesystem::exists(path + "-shm"));
  CHECK_FALSE(SqliteStore{path}.recovered());
}

TEST_CASE("a new file and its log are readable by the owner only") {
  const TempFolder folder;
  SqliteStore store{folder.file("store.db")};
  put(store, "a", "1");
  const auto owner = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  CHECK(std::filesystem::status(folder.file("store.db")).permissions() == owner);
  CHECK(std::filesystem::status(folder.file("store.db-wal")).permissions() == owner);
}

TEST_CASE("foreign files are rejected and left unchanged") {
  const TempFolder folder;
  const auto path = folder.file("store.db");
  run_sql(path, "CREATE TABLE accounts(name TEXT)");
  CHECK(refusal_to_open(path) == "store " + path + ": it is not a database of LNTPay. Choose another folder with --data");
  run_sql(path, "INSERT INTO accounts VALUES('still writable')");
  CHECK(refusal_to_open(folder.file("no/such/folder.db")).find("unable to open database file") != std::string::npos);
}

TEST_CASE("a newer layout is rejected with both versions named") {
  const TempFolder folder;
  const auto path = folder.file("store.db");
  CHECK(refusal_to_open(path) == "");
  run_sql(path, "PRAGMA user_version = 2");
  CHECK(refusal_to_open(path) ==
        "store " + path + ": its layout has version 2, but this program reads 1. Use the version of LNTPay that wrote it");
}

TEST_CASE("after a crash the file is checked, and damage is rejected") {
  FaultyDisk disk;
  const SqliteOptions options{.vfs = disk.vfs_name()};
  SqliteStore store{"store.db", options};
  for (int i = 0; i < 200; ++i) put(store, "m/" + std::to_string(i), std::string(300, 'v'));

  const auto sound = disk.after_kill();
  CHECK(SqliteStore{"store.db", {.vfs = sound->vfs_name()}}.recovered());

  const auto damaged = sound->after_kill();
  {
    // Closed cleanly and then damaged, with something left in the log: as after a crash of machine and disk.
    SqliteStore other{"store.db", {.vfs = damaged->vfs_name()}};
  }
  damaged->damage("store.db", 4'096 * 3 + 8, std::string(2'000, '\x5a'));
  damaged->damage("store.db-wal", 0, "x");
  const auto why = refusal_to_open("store.db", {.vfs = damaged->vfs_name()});
  CHECK(why.starts_with("store store.db: "));
}

TEST_CASE("a failed read returns Failed, loses its batch, and the store continues") {
  FaultyDisk disk;
  const SqliteOptions options{.vfs = disk.vfs_name(), .cache_kib = 64};
  SqliteStore store{"store.db", options};
  for (int i = 0; i < 500; ++i) put(store, "m/" + std::to_string(i), std::string(1'000, 'v'));
  store.begin_batch();
  CHECK(std::holds_alternative<Committed>(store.commit({{}, {Put{"lost", "1"}}})));
  disk.fail_reads(true);
  CHECK(std::holds_alternative<Failed>(store.scan({.prefix = "m/"})));
  disk.fail_reads(false);
  CHECK(std::holds_alternative<Failed>(store.get({{"m/1"}})));
  CHECK(std::holds_alternative<Failed>(store.commit({{}, {Put{"lost", "2"}}})));
  CHECK(store.end_batch() == host::Store::BatchEnd::lost);
  put(store, "after", "1");
  store.begin_batch();
  const auto found = std::get<Entries>(store.get({{"lost", "after"}}));
  CHECK_FALSE(found.entries[0].has_value());
  CHECK(found.entries[1].has_value());
  CHECK(store.end_batch() == host::Store::BatchEnd::durable);
}

TEST_SUITE_END();

}  // namespace lntpay::test
