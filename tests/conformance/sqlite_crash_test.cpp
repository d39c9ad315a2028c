// SQLite under failing writes, power cuts and kills: nothing acknowledged is lost, nothing is applied by half, nothing that was
// lost comes back once the store has answered again.
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/conformance/faulty_vfs.hpp"

namespace lntpay::test {
namespace {

using host::SqliteStore;
using host::Store;
using Rows = std::map<std::string, std::string>;

// A small cache spills into the log before COMMIT, and a short log is copied every few batches, by the store's thread: a run is the
// same every time.
std::unique_ptr<SqliteStore> open(const FaultyDisk& disk) {
  return std::make_unique<SqliteStore>(
      "store.db", host::SqliteOptions{.vfs = disk.vfs_name(), .cache_kib = 16, .checkpoint_pages = 40, .checkpoint_thread = false});
}

std::unique_ptr<SqliteStore> try_to_open(const FaultyDisk& disk) {
  try {
    return open(disk);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

constexpr int batches = 9;

/// Batch n: three commits over many pages; every fourth has rows that need pages of their own.
std::vector<Commit> batch(int n) {
  const auto name = std::to_string(n);
  const auto size = n % 4 == 0 ? std::size_t{30'000} : std::size_t{700};
  Commit first{{}, {Put{"head", name}, Put{"m/" + name, std::string(size, 'm')}}};
  for (int i = 0; i < 8; ++i) first.ops.emplace_back(Put{std::to_string(i) + "/" + name, std::string(400, 'i')});
  return {first, {{}, {Delete{"m/" + std::to_string(n - 3)}, Put{"twin", name}}}, {{}, {Put{"last", name}}}};
}

Rows with(Rows rows, const std::vector<Commit>& commits) {
  for (const auto& commit : commits) {
    for (const auto& op : commit.ops) {
      if (const auto* put = std::get_if<Put>(&op)) {
        rows[put->key] = put->value;
      } else {
        rows.erase(std::get<Delete>(op).key);
      }
    }
  }
  return rows;
}

/// Nullopt: the store cannot tell.
std::optional<Rows> rows_of(Store& store) {
  store.begin_batch();
  const auto reply = store.scan({});
  const auto end = store.end_batch();
  const auto* scanned = std::get_if<Scanned>(&reply);
  if (!scanned || end == Store::BatchEnd::lost) return std::nullopt;
  Rows rows;
  for (const auto& entry : scanned->entries) rows[entry.key] = entry.value;
  return rows;
}

/// What a process finds that opens the disk after an accident.
Rows found_on(std::unique_ptr<FaultyDisk> disk) {
  const auto store = open(*disk);
  auto rows = rows_of(*store);
  REQUIRE(rows.has_value());
  return *std::move(rows);
}

Store::BatchEnd perform(Store& store, const std::vector<Commit>& commits) {
  store.begin_batch();
  auto failed = false;
  for (const auto& commit : commits) {
    const auto committed = std::holds_alternative<Committed>(store.commit(commit));
    CHECK_MESSAGE((!failed || !committed), "a commit after a failed one was committed");
    failed = failed || !committed;
  }
  const auto end = store.end_batch();
  CHECK_MESSAGE((!failed || end == Store::BatchEnd::lost), "a batch with a failed commit was durable");
  return end;
}

/// One run of all batches on a disk that fails as planned.
class Ordeal {
 public:
  explicit Ordeal(const FaultyDisk::Fault& fault) { disk_.batch(fault); }

  /// Whether the fault occurred.
  bool run() {
    auto store = try_to_open(disk_);
    if (!store) {
      REQUIRE(disk_.faulted());
      look_after_accidents();
      disk_.heal();
      store = open(disk_);
    }
    for (int n = 1; n <= batches; ++n) {
      const auto commits = batch(n);
      if (perform(*store, commits) == Store::BatchEnd::durable) {
        acknowledged_ = with(acknowledged_, commits);
        lost_.reset();
      } else {
        REQUIRE(disk_.faulted());
        // A batch that was refused from its start leaves nothing, but the one that was lost before it may still be there.
        if (!lost_) lost_ = with(acknowledged_, commits);
      }
      if (disk_.faulted() && looks_ < 2) look_after_accidents();
      if (const auto rows = rows_of(*store)) {
        REQUIRE(*rows == acknowledged_);
        lost_.reset();  // it has answered: the lost batch must never be seen again
        if (disk_.faulted() && looks_ < 3) look_after_accidents();
      }
    }
    disk_.heal();
    const auto commits = batch(batches + 1);
    REQUIRE(perform(*store, commits) == Store::BatchEnd::durable);
    acknowledged_ = with(acknowledged_, commits);
    lost_.reset();
    REQUIRE(rows_of(*store) == acknowledged_);
    look_after_accidents();
    store.reset();
    look_after_accidents();
    return disk_.faulted();
  }

 private:
  void look_after_accidents() {
    ++looks_;
    expect(found_on(disk_.after_kill()));
    expect(found_on(disk_.after_power_cut(disk_.calls())));
    expect(found_on(disk_.after_power_cut(disk_.calls() + 1)));
  }

  void expect(const Rows& found) const {
    const auto as_acknowledged = found == acknowledged_;
    const auto with_all_of_the_lost_batch = lost_ && found == *lost_;
    REQUIRE((as_acknowledged || with_all_of_the_lost_batch));
  }

  FaultyDisk disk_;
  Rows acknowledged_;
  std::optional<Rows> lost_;  // what the last batch would have made, while it may still come back whole
  int looks_ = 0;
};

}  // namespace

TEST_SUITE_BEGIN("store: sqlite accidents");

TEST_CASE("a failing write loses nothing acknowledged and applies nothing by half") {
  std::uint64_t runs = 0;
  for (const auto kind : {FaultyDisk::Kind::full, FaultyDisk::Kind::io}) {
    for (const std::uint64_t calls : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{25}}) {
      // A single failed sync or write at every place; longer ones at every seventh.
      for (std::uint64_t first = 0;; first += calls == 1 ? 1 : 7) {
        INFO("disk ", std::string{kind == FaultyDisk::Kind::full ? "full" : "error"}, " at call ", first, " for ", calls);
        if (!Ordeal{{first, calls, kind}}.run()) break;
        ++runs;
      }
    }
  }
  MESSAGE(runs << " faults");
  CHECK(runs > 200);
}

TEST_CASE("a power cut leaves every acknowledged batch and no part of another") {
  FaultyDisk disk;
  const auto store = open(disk);
  Rows acknowledged;
  for (int n = 1; n <= 60; ++n) {
    REQUIRE(perform(*store, batch(n)) == Store::BatchEnd::durable);
    acknowledged = with(acknowledged, batch(n));
    for (std::uint64_t seed = 0; seed < 4; ++seed) REQUIRE(found_on(disk.after_power_cut(seed)) == acknowledged);
    // During the next batch, part of which may already be in the log.
    store->begin_batch();
    store->commit(batch(n + 4).front());
    for (std::uint64_t seed = 0; seed < 2; ++seed) REQUIRE(found_on(disk.after_power_cut(seed)) == acknowledged);
    REQUIRE(found_on(disk.after_kill()) == acknowledged);
    disk.fail_next_sync();
    REQUIRE(store->end_batch() == Store::BatchEnd::lost);
  }
}

TEST_CASE("a lost batch does not come back after the store has answered again") {
  FaultyDisk disk;
  const auto store = open(disk);
  REQUIRE(perform(*store, batch(1)) == Store::BatchEnd::durable);
  const auto acknowledged = with({}, batch(1));

  // COMMIT fails at its sync, and so does every immediate attempt to replace the lost frames.
  disk.batch({disk.calls(), 1'000, FaultyDisk::Kind::full});
  disk.heal();
  store->begin_batch();
  for (const auto& commit : batch(2)) store->commit(commit);
  disk.fail_next_sync();
  REQUIRE(store->end_batch() == Store::BatchEnd::lost);
  CHECK(found_on(disk.after_kill()) == acknowledged);

  disk.batch({disk.calls(), 1'000'000, FaultyDisk::Kind::io});
  CHECK(perform(*store, batch(2)) == Store::BatchEnd::lost);
  CHECK_FALSE(rows_of(*store).has_value());
  disk.heal();
  CHECK(rows_of(*store) == acknowledged);
  CHECK(found_on(disk.after_kill()) == acknowledged);
  CHECK(found_on(disk.after_power_cut(1)) == acknowledged);
}

TEST_SUITE_END();

}  // namespace lntpay::test
