// A store that was set back is refused until it is accepted; a store at its mark or ahead of it is served.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/support/host/temp_folder.hpp"

using namespace lntpay;
using namespace lntpay::host;

namespace {

namespace fs = std::filesystem;

class MarkedStore {
 public:
  [[nodiscard]] std::string path() const { return folder_.file("store.db"); }
  [[nodiscard]] std::string mark() const { return folder_.file("store.db.mark"); }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

  [[nodiscard]] SqliteOptions options() const { return {.mark = mark()}; }
  [[nodiscard]] std::unique_ptr<SqliteStore> open() const { return open(options()); }
  [[nodiscard]] std::unique_ptr<SqliteStore> open(const SqliteOptions& options) const {
    return std::make_unique<SqliteStore>(path(), options);
  }

  /// Why it cannot be opened, or "".
  [[nodiscard]] std::string refusal() const { return refusal(options()); }
  [[nodiscard]] std::string refusal(const SqliteOptions& options) const {
    try {
      const SqliteStore store{path(), options};
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  /// Opens the store, writes, and closes it.
  void write(int batches) const {
    auto store = open();
    put(*store, batches);
  }
  /// Rows of their own, from `first` on: 400 bytes a batch.
  static void add(SqliteStore& store, int first, int batches) {
    for (int i = first; i < first + batches; ++i) {
      store.begin_batch();
      store.commit({.checks = {}, .ops = {Put{"row " + std::to_string(1'000 + i), std::string(400, 'x')}}});
      REQUIRE(store.end_batch() == Store::BatchEnd::durable);
    }
  }
  [[nodiscard]] static std::size_t rows(SqliteStore& store) {
    store.begin_batch();
    const auto found = store.scan({.prefix = "row ", .limit = 1'000});
    REQUIRE(store.end_batch() == Store::BatchEnd::durable);
    return std::get<Scanned>(found).entries.size();
  }
  static void put(SqliteStore& store, int batches) {
    for (int i = 0; i < batches; ++i) {
      store.begin_batch();
      store.commit({.checks = {}, .ops = {Put{"row", std::to_string(i)}}});
      REQUIRE(store.end_batch() == Store::BatchEnd::durable);
    }
  }

  void copy(const std::string& from, const std::string& to) const {
    fs::copy_file(file(from), file(to), fs::copy_options::overwrite_existing);
  }
  [[nodiscard]] std::uint64_t marked() const { return read_mark(mark()).mark.batch; }
  /// The files as a kill at this moment leaves them: each also as NAME.killed.
  void keep_killed() const {
    for (const auto* name : {"store.db", "store.db-wal", "store.db.mark"}) copy(name, std::string(name) + ".killed");
  }
  void put_back_killed() const {
    for (const auto* name : {"store.db", "store.db-wal", "store.db.mark"}) copy(std::string(name) + ".killed", name);
  }
  /// Every file of the store and its bytes, the mark's included.
  [[nodiscard]] std::map<std::string, std::string> bytes() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::directory_iterator(fs::path(path()).parent_path())) {
      const auto name = entry.path().filename().string();
      if (name.starts_with("store.db") && !name.ends_with(".killed")) all[name] = content(entry.path().string());
    }
    return all;
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void flip_bit(const std::string& name, std::uintmax_t at) const {
    std::fstream file(this->file(name), std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(file.get() ^ 1);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }
  [[nodiscard]] std::uintmax_t size(const std::string& name) const { return fs::file_size(file(name)); }

  /// Accepts the store as it is, and closes it.
  void accept() const {
    auto with = options();
    with.opens = Opens::any;
    SqliteStore store{path(), with};
    store.accept();
  }

 private:
  test::TempFolder folder_;
};

}  // namespace

TEST_CASE("every batch that writes moves the mark, a batch that only reads does not") {
  const MarkedStore of;
  auto store = of.open();
  CHECK(of.marked() == 0);
  of.put(*store, 3);
  CHECK(of.marked() == 3);
  store->begin_batch();
  store->get({{"row"}});
  CHECK(store->end_batch() == Store::BatchEnd::durable);
  CHECK(of.marked() == 3);
  store.reset();
  store = of.open();
  CHECK(store->found().batch == 3);
  CHECK(store->found().standing == Standing::current);
  of.put(*store, 1);
  CHECK(of.marked() == 4);
}

TEST_CASE("an older copy of the store is refused, unchanged, and names both batches") {
  const MarkedStore of;
  of.write(2);
  of.copy("store.db", "backup");
  of.write(3);
  of.copy("backup", "store.db");
  const auto why = of.refusal();
  CHECK(why.starts_with("store " + of.path() + ": it was set back: its last batch is 2, but its mark " + of.mark() +
                        " is at batch 5, "));
  CHECK(why.contains("so 3 acknowledged batches are missing"));
  CHECK(why.contains("To serve it anyway, run: lntpay store accept --data " + fs::path(of.path()).parent_path().string() +
                     " --evidence TEXT"));
  CHECK(of.refusal() == why);
  CHECK(of.marked() == 5);
}

TEST_CASE("a deleted log after a crash is refused, also when the file has no table yet") {
  for (const bool checkpointed : {false, true}) {
    CAPTURE(checkpointed);
    const MarkedStore of;
    if (checkpointed) of.write(1);
    {
      auto store = of.open();
      of.put(*store, 30);
      // As after a kill: the files of a process that is gone.
      for (const auto& entry : fs::directory_iterator(fs::path(of.path()).parent_path()))
        fs::copy_file(entry.path(), entry.path().string() + ".killed");
    }
    of.copy("store.db.killed", "store.db");
    of.copy("store.db.mark.killed", "store.db.mark");
    fs::remove(of.file("store.db-wal"));
    CHECK(of.refusal().contains("it was set back: its last batch is " + std::string(checkpointed ? "1" : "0")));
    of.copy("store.db.killed", "store.db");
    of.copy("store.db-wal.killed", "store.db-wal");
    CHECK(of.refusal().empty());
    CHECK(of.open()->found().batch == (checkpointed ? 31 : 30));
  }
}

TEST_CASE("an accepted store is served from then on, and the lost one is refused") {
  const MarkedStore of;
  of.write(2);
  of.copy("store.db", "backup");
  of.write(3);
  of.copy("store.db", "latest");
  of.copy("backup", "store.db");
  CHECK_FALSE(of.refusal().empty());
  of.accept();
  CHECK(of.refusal().empty());
  of.write(9);
  of.copy("latest", "store.db");
  CHECK(of.refusal().contains("its mark"));
}

TEST_CASE("until a store is accepted, opening it for that keeps the refusal") {
  const MarkedStore of;
  of.write(2);
  of.copy("store.db", "backup");
  of.write(3);
  of.copy("backup", "store.db");
  {
    auto with = of.options();
    with.opens = Opens::any;
    auto store = of.open(with);
    CHECK(store->found().standing == Standing::older);
    of.put(*store, 1);
  }
  CHECK_FALSE(of.refusal().empty());
}

TEST_CASE("a copy that was served elsewhere is refused, though its number is greater") {
  const MarkedStore of;
  of.write(2);
  of.copy("store.db", "copy");
  of.write(3);
  fs::rename(of.path(), of.file("latest"));
  of.copy("copy", "store.db");
  {
    SqliteStore elsewhere{of.path(), {.mark = of.file("another.mark")}};
    of.put(elsewhere, 50);
  }
  CHECK(of.refusal().contains("it is not the store that its mark"));
}

TEST_CASE("a mark behind the store is served: the process ended before it was written") {
  const MarkedStore of;
  of.write(2);
  of.copy("store.db.mark", "old.mark");
  of.write(3);
  of.copy("old.mark", "store.db.mark");
  CHECK(of.refusal().empty());
  CHECK(of.marked() == 5);
}

TEST_CASE("a missing mark is created; a damaged one is refused until accepted") {
  const MarkedStore of;
  of.write(2);
  fs::remove(of.mark());
  CHECK(of.open()->found().mark_state == MarkState::missing);
  CHECK(of.marked() == 2);
  fs::resize_file(of.mark(), 100);
  CHECK(of.refusal().contains("its mark " + of.mark() + " is damaged"));
  of.accept();
  CHECK(of.refusal().empty());
}

TEST_CASE("a file that is no mark is never overwritten") {
  const MarkedStore of;
  of.write(1);
  const SqliteOptions wrong{.mark = of.path(), .opens = Opens::any};
  CHECK(of.refusal(wrong) == "store mark " + of.path() + ": it is not a mark of LNTPay. Name another file with --store-mark");
  CHECK(of.refusal().empty());
}

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

TEST_CASE("a store written with other secrets is refused before anything is written") {
  const MarkedStore of;
  auto own = of.options();
  own.owner = "aa";
  auto other = of.options();
  other.owner = "bb";
  of.write(1);  // recorded by the first opening that names an owner
  CHECK(of.refusal(own).empty());
  const auto marked = read_mark(of.mark()).mark;
  CHECK(of.refusal(other).contains(" belongs to another store: this one was written with another pepper or seal"));
  CHECK(read_mark(of.mark()).mark == marked);
  CHECK(of.refusal(own).empty());
  CHECK(of.refusal().empty());
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

TEST_CASE("the mark of another store is named, and accepting would not replace it") {
  const MarkedStore of;
  auto own = of.options();
  own.owner = "aa";
  CHECK(of.refusal(own).empty());
  of.write(5);
  SqliteOptions other{.mark = of.file("other.mark"), .owner = "bb"};
  {
    SqliteStore elsewhere{of.file("other.db"), other};
    of.put(elsewhere, 3);
  }
  own.mark = other.mark;
  const auto before = MarkedStore::content(other.mark);
  for (const auto opens : {Opens::at_mark, Opens::set_back, Opens::any}) {
    own.opens = opens;
    const auto why = of.refusal(own);
    CAPTURE(why);
    CHECK(why.contains("its mark " + other.mark + " belongs to another store"));
    CHECK(why.contains("--store-mark"));
    CHECK_FALSE(why.contains("store accept"));
  }
  CHECK(MarkedStore::content(other.mark) == before);
}

TEST_CASE("a mark named by a flag is the first thing to check") {
  const MarkedStore of;
  of.write(1);
  const SqliteOptions other{.mark = of.file("other.mark")};
  {
    SqliteStore elsewhere{of.file("other.db"), other};
    of.put(elsewhere, 3);
  }
  CHECK(of.refusal(other).contains("credits and withdrawals. First check --store-mark: it must name the mark of this store. "));
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
