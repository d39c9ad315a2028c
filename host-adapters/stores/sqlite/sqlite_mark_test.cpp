// A store that was set back is refused until it is accepted; a store at its mark or ahead of it is served.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/host/marked_store.hpp"

namespace sqlite_mark_test {
using namespace lntpay;
using namespace lntpay::host;
using testing::MarkedStore;

namespace fs = std::filesystem;

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

}  // namespace sqlite_mark_test
