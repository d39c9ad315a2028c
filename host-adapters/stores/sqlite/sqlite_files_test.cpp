// A store's files that are missing, cut off, damaged or of different times: refused with the cause, and left as they were.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/host/marked_store.hpp"

namespace sqlite_files_test {
using namespace lntpay;
using namespace lntpay::host;
using testing::MarkedStore;

namespace fs = std::filesystem;

TEST_CASE("a missing or emptied file is not created where it is known to have existed") {
  const MarkedStore of;
  of.write(1);
  fs::remove(of.path());
  const auto missing = "store " + of.path() + ": it is missing, but " + of.mark() + " shows that it existed.";
  CHECK(of.refusal().starts_with(missing));
  auto accepting = of.options();
  accepting.opens = Opens::any;
  CHECK(of.refusal(accepting).starts_with(missing));
  CHECK_FALSE(fs::exists(of.path()));
  fs::remove(of.mark());
  auto known = of.options();
  known.known_by = "data/secrets.json";
  CHECK(of.refusal(known).starts_with("store " + of.path() + ": it is missing, but data/secrets.json shows that it existed."));
  CHECK(of.refusal().empty());
  CHECK(of.refusal(known).empty());
}

TEST_CASE("a log without its database is kept, not deleted with a new database") {
  const MarkedStore of;
  auto store = of.open();
  of.put(*store, 1);
  fs::copy_file(of.file("store.db-wal"), of.file("log"));
  store.reset();
  fs::remove(of.path());
  fs::remove(of.mark());
  of.copy("log", "store.db-wal");
  CHECK(of.refusal().contains("it is missing, but " + of.file("store.db-wal") + " shows that it existed"));
  CHECK(fs::file_size(of.file("store.db-wal")) > 0);
}

TEST_CASE("a refused start leaves file and log byte for byte as they were") {
  const MarkedStore of;
  {
    auto store = of.open();
    of.add(*store, 0, 30);
    of.keep_killed();
    of.put(*store, 9);
  }
  SUBCASE("behind its mark, after a crash") {
    of.copy("store.db.killed", "store.db");
    of.copy("store.db-wal.killed", "store.db-wal");
    const auto before = of.bytes();
    CHECK(of.refusal().contains("its last batch is 30, but its mark " + of.mark() + " is at batch 39"));
    CHECK(of.bytes() == before);
  }
  SUBCASE("a bit of the log is flipped, which ends the log there") {
    of.put_back_killed();
    of.flip_bit("store.db-wal", of.size("store.db-wal") / 2);
    const auto before = of.bytes();
    CHECK(of.refusal().contains("is at batch 30"));
    CHECK(of.bytes() == before);
    of.flip_bit("store.db-wal", of.size("store.db-wal") / 2);
    CHECK(of.open()->found().batch == 30);
    CHECK(MarkedStore::rows(*of.open()) == 30);
  }
  SUBCASE("to be accepted, though it agrees with its mark") {
    of.put_back_killed();
    auto accepting = of.options();
    accepting.opens = Opens::set_back;
    const auto before = of.bytes();
    CHECK(of.refusal(accepting).contains("lntpay store accept"));
    CHECK(of.refusal(accepting).contains(" --both-were-restored --evidence TEXT"));
    CHECK(of.bytes() == before);
    accepting.opens = Opens::any;
    CHECK(of.refusal(accepting).empty());
  }
  SUBCASE("without a log, none is left") {
    of.copy("store.db", "latest");
    of.put_back_killed();
    CHECK(of.refusal().empty());
    of.copy("store.db", "older");
    of.write(1);
    of.copy("older", "store.db");
    const auto before = of.bytes();
    CHECK(of.refusal().contains("it was set back"));
    CHECK(of.bytes() == before);
  }
}

TEST_CASE("an older file beside a newer log is refused, and the right one then serves all") {
  const MarkedStore of;
  {
    auto store = of.open();
    of.add(*store, 0, 40);
  }
  of.copy("store.db", "backup");
  {
    auto store = of.open();
    of.add(*store, 40, 40);
  }
  {
    auto store = of.open();
    of.add(*store, 80, 3);
    of.keep_killed();
  }
  of.put_back_killed();
  of.copy("backup", "store.db");
  const auto before = of.bytes();
  CHECK_FALSE(of.refusal().empty());
  CHECK(of.bytes() == before);
  of.copy("store.db.killed", "store.db");
  auto store = of.open();
  CHECK(store->found().batch == 83);
  CHECK(MarkedStore::rows(*store) == 83);
}

TEST_CASE("damage found after a crash is named in one line, with the command to paste") {
  const MarkedStore of;
  of.write(1);
  {
    auto store = of.open();
    of.add(*store, 0, 100);
  }
  {
    auto store = of.open();
    of.put(*store, 1);
    of.keep_killed();
  }
  of.put_back_killed();
  std::fstream file(of.path(), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(8 * 4'096);
  file << std::string(4'096, 'x');
  file.close();
  const auto before = of.bytes();
  const auto why = of.refusal();
  CAPTURE(why);
  CHECK(why.starts_with("store " + of.path() + ": it is damaged ("));
  CHECK(why.contains("lntpay store check --data " + fs::path(of.path()).parent_path().string() + ". "));
  CHECK_FALSE(why.contains('\n'));
  CHECK(of.bytes() == before);
}

TEST_CASE("a file that was cut off is named as such, with what to do") {
  const MarkedStore of;
  {
    auto store = of.open();
    of.add(*store, 0, 100);
  }
  fs::resize_file(of.path(), 8'192);
  const auto before = of.bytes();
  const auto why = of.refusal();
  CAPTURE(why);
  CHECK(why.starts_with("store " + of.path() + ": it was cut off: it has 8192 bytes, but its header counts "));
  CHECK(why.contains("Keep this file and its -wal file. Restore a backup, then run: lntpay store accept --data "));
  CHECK_FALSE(why.contains("store check"));
  CHECK(of.bytes() == before);
}

TEST_CASE("an emptied file is called empty, not missing") {
  const MarkedStore of;
  of.write(1);
  fs::resize_file(of.path(), 0);
  CHECK(of.refusal().starts_with("store " + of.path() + ": it is empty, but " + of.mark() + " shows that it held rows."));
}

TEST_CASE("a file that this user cannot write is refused with its cause") {
  if (geteuid() == 0) return;  // every file is writable
  const MarkedStore of;
  of.write(1);
  REQUIRE(chmod(of.path().c_str(), 0400) == 0);
  CHECK(of.refusal() == "store " + of.path() + ": it cannot be written: Permission denied. Give this user write access to " +
                            of.path() + " and to its folder");
}

}  // namespace sqlite_files_test
