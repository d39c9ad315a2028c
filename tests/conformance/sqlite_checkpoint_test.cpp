// Checkpoints beside the batches: no batch waits for one, the log stays bounded, and no accident during one loses a row.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/conformance/faulty_vfs.hpp"
#include "tests/conformance/store_conformance.hpp"

namespace lntpay::test {
namespace {

using host::SqliteOptions;
using host::SqliteStore;
using host::Store;

constexpr std::uint32_t due_pages = 20;
constexpr std::size_t frame_bytes = 4'096 + 24;

/// A store whose log is copied by its thread every few batches, on a disk in memory.
class BusyStore {
 public:
  BusyStore() { open(); }

  void open() {
    store.reset();
    SqliteOptions options{.vfs = disk->vfs_name(), .cache_kib = 64, .checkpoint_pages = due_pages};
    options.report = [this](const std::string& why) { reports.push_back(why); };
    store = std::make_unique<SqliteStore>("store.db", options);
  }

  /// A batch of about five pages: a row of its own, and one of three that are overwritten.
  void put(int number) {
    const auto name = std::to_string(number);
    store->begin_batch();
    const Commit commit{{}, {Put{"own/" + name, std::string(9'000, 'o')}, Put{"shared/" + std::to_string(number % 3), name}}};
    const auto reply = store->commit(commit);
    if (const auto* failed = std::get_if<Failed>(&reply)) FAIL(failed->reason);
    REQUIRE(std::holds_alternative<Committed>(reply));
    REQUIRE(store->end_batch() == Store::BatchEnd::durable);
    for (const auto& op : commit.ops) rows[std::get<Put>(op).key] = std::get<Put>(op).value;
    longest = std::max(longest, disk->size_of("store.db-wal") / frame_bytes);
  }

  static std::map<std::string, std::string> found_in(Store& store) {
    std::map<std::string, std::string> found;
    store.begin_batch();
    for (std::string after;;) {
      const auto page = std::get<Scanned>(store.scan({.prefix = "", .after = after})).entries;
      if (page.empty()) break;
      for (const auto& entry : page) found[entry.key] = entry.value;
      after = page.back().key;
    }
    REQUIRE(store.end_batch() == Store::BatchEnd::durable);
    return found;
  }

  /// Every row is what it was when its batch was durable, for a process that opens the disk after an accident.
  void expect_after(const std::unique_ptr<FaultyDisk>& accident) const {
    SqliteStore reopened{"store.db", {.vfs = accident->vfs_name()}};
    REQUIRE(found_in(reopened) == rows);
  }

  std::unique_ptr<FaultyDisk> disk = std::make_unique<FaultyDisk>();
  std::vector<std::string> reports;
  std::map<std::string, std::string> rows;
  std::size_t longest = 0;  ///< the log, in pages
  std::unique_ptr<SqliteStore> store;
};

}  // namespace

TEST_SUITE_BEGIN("store: sqlite checkpoints");

TEST_CASE("batches are durable while a checkpoint waits for the disk") {
  BusyStore busy;
  busy.disk->hold_writes("store.db");
  int number = 0;
  while (busy.longest < due_pages) busy.put(number++);
  busy.disk->wait_until_held();  // a pass is in progress
  for (int i = 0; i < 4; ++i) busy.put(number++);
  CHECK(BusyStore::found_in(*busy.store) == busy.rows);
  for (std::uint64_t seed = 0; seed < 8; ++seed) busy.expect_after(busy.disk->after_power_cut(seed));
  busy.disk->let_one_go();  // with a page in the file
  busy.disk->wait_until_held();
  for (std::uint64_t seed = 0; seed < 8; ++seed) busy.expect_after(busy.disk->after_power_cut(seed));
  busy.expect_after(busy.disk->after_kill());
  busy.disk->release_writes();
  for (int i = 0; i < 20; ++i) busy.put(number++);
  busy.open();
  CHECK(BusyStore::found_in(*busy.store) == busy.rows);
  CHECK(busy.reports.empty());
}

TEST_CASE("under constant load the log stays bounded, however slow the file is") {
  BusyStore busy;
  constexpr int batches = 200;
  SUBCASE("a fast disk") {
    for (int i = 0; i < batches; ++i) busy.put(i);
  }
  SUBCASE("each page of the file waits") {
    busy.disk->hold_writes("store.db");
    auto load = std::async(std::launch::async, [&] {
      for (int i = 0; i < batches; ++i) busy.put(i);
      busy.disk->release_writes();
      return true;
    });
    while (load.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) busy.disk->let_one_go();
    CHECK(load.get());
  }
  CHECK(busy.longest < std::size_t{due_pages} * 5);
  CHECK(busy.rows.size() == batches + 3);
  CHECK(BusyStore::found_in(*busy.store) == busy.rows);
  CHECK(busy.reports.empty());
}

TEST_CASE("a checkpoint that fails is reported and made again; no batch is lost") {
  BusyStore busy;
  busy.disk->fail_writes("store.db");
  int number = 0;
  while (busy.reports.size() < 3) busy.put(number++);
  CHECK(busy.reports.front().starts_with("store store.db: its write-ahead log was not copied into it: its disk is full ("));
  busy.expect_after(busy.disk->after_power_cut(1));
  const auto grown = busy.disk->size_of("store.db-wal") / frame_bytes;
  busy.disk->heal();
  for (int i = 0; i < 200; ++i) busy.put(number++);
  CHECK(busy.disk->size_of("store.db-wal") / frame_bytes <= grown + std::size_t{due_pages} * 20);
  CHECK(BusyStore::found_in(*busy.store) == busy.rows);
}

TEST_CASE("after a failed sync of the file every page is copied again before the log is used again") {
  BusyStore busy;
  int number = 0;
  for (int round = 0; round < 10; ++round) {
    busy.disk->hold_writes("store.db");
    const std::uint64_t before = busy.reports.size();
    std::atomic<int> durable = 0;
    auto load = std::async(std::launch::async, [&] {
      while (busy.reports.size() == before) {
        busy.put(number++);
        ++durable;
      }
    });
    busy.disk->wait_until_held();
    // What is appended during a pass keeps SQLite from syncing the file itself. Where the store copies the rest, nothing is.
    const int then = durable;
    for (int i = 0; i < 100 && durable < then + 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    busy.disk->fail_next_sync("store.db");
    busy.disk->release_writes();
    load.get();
    CHECK(busy.reports.back().contains("its disk failed"));
    for (int i = 0; i < 60; ++i) busy.put(number++);
    for (std::uint64_t seed = 0; seed < 4; ++seed) busy.expect_after(busy.disk->after_power_cut(seed));
  }
}

TEST_CASE("a power cut at any moment of a checkpoint leaves every durable batch") {
  BusyStore busy;
  for (int i = 0; i < 150; ++i) {
    busy.put(i);
    const auto seed = static_cast<std::uint64_t>(i);
    busy.expect_after(busy.disk->after_power_cut(seed));
    if (i % 5 == 0) busy.expect_after(busy.disk->after_kill());
  }
  CHECK(busy.longest < std::size_t{due_pages} * 5);
}

TEST_SUITE_END();

}  // namespace lntpay::test
