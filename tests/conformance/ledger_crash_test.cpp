// The ledger's code over SQLite on a disk that fails at each of its write calls: no acknowledged entry is lost or changed,
// and a retry of an unacknowledged transfer posts it once.
#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/conformance/faulty_vfs.hpp"
#include "tests/conformance/ledger_client.hpp"

namespace lntpay::test {
namespace {

using host::SqliteStore;

constexpr int transfers = 15;
constexpr int per_batch = 3;

enum class Accident : std::uint8_t { none, kill, power_cut };

struct Ordeal {
  FaultyDisk::Fault fault;
  Accident accident = Accident::none;  ///< the consequence of the first failed batch; none: the process continues
};

// A small cache spills into the log before COMMIT, and a short log is copied every few batches, by the store's thread: a run is the
// same every time.
std::unique_ptr<SqliteStore> open(const FaultyDisk& disk) {
  return std::make_unique<SqliteStore>(
      "store.db", host::SqliteOptions{.vfs = disk.vfs_name(), .cache_kib = 16, .checkpoint_pages = 20, .checkpoint_thread = false});
}

std::unique_ptr<SqliteStore> try_to_open(const FaultyDisk& disk) {
  try {
    return open(disk);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

class Bank {
 public:
  explicit Bank(const Ordeal& ordeal) : accident_(ordeal.accident) { disk_->batch(ordeal.fault); }

  /// Whether the fault occurred.
  bool run() {
    int pauses = 0;
    while (acknowledged_.size() < transfers) {
      if (!store_) store_ = try_to_open(*disk_);
      if (store_ && post_a_batch()) continue;
      REQUIRE(disk_->faulted());
      check(*disk_->after_kill());
      check(*disk_->after_power_cut(pauses_seed_++));
      if (accident_ != Accident::none) happen();
      if (++pauses > 60) disk_->heal();  // an operator makes room
    }
    const bool faulted = disk_->faulted() || accidents_ > 0;
    disk_->heal();
    check(*disk_->after_power_cut(1));
    return faulted;
  }

 private:
  /// Posts the next unacknowledged transfers, which are acknowledged once the batch is durable.
  bool post_a_batch() {
    std::vector<std::string> asked;
    bool good = true;
    store_->begin_batch();
    LedgerClient client(++clients_, [this](const Effect& effect) { return perform(*store_, effect); });
    for (int n = 0; n < transfers && asked.size() < per_batch; ++n) {
      const auto cause = "charge " + std::to_string(n);
      if (acknowledged_.contains(cause)) continue;
      asked.push_back(cause);
      good = good && client.post(cause, {.type = EntryType::charge_credit, .available_msat = 1 + n}).has_value();
    }
    const auto entries = client.entries();
    const bool durable = store_->end_batch() == host::Store::BatchEnd::durable;
    CHECK_MESSAGE((good || !durable || disk_->faulted()), "a healthy disk refused a transfer");
    if (!durable || !good || !entries) return false;
    acknowledged_.insert(asked.begin(), asked.end());
    for (const auto& entry : *entries) {
      const auto [known, added] = rows_.try_emplace(entry.seq, to_row(entry));
      CHECK_MESSAGE(known->second == to_row(entry), "an acknowledged entry has changed");
    }
    return true;
  }

  /// The state that a newly started process finds.
  void check(const FaultyDisk& disk) const {
    const auto store = open(disk);
    LedgerClient client(1, [&store](const Effect& effect) { return perform(*store, effect); });
    store->begin_batch();
    const auto proof = client.verify();
    const auto entries = client.entries();
    REQUIRE(store->end_batch() == host::Store::BatchEnd::durable);
    REQUIRE(proof.has_value());
    REQUIRE_MESSAGE(proof->ok, proof->problem);
    REQUIRE(entries.has_value());
    std::set<std::string> there;
    for (const auto& entry : *entries) REQUIRE_MESSAGE(there.insert(entry.reference).second, "a transfer happened twice");
    for (const auto& cause : acknowledged_) REQUIRE_MESSAGE(there.contains(cause), "an acknowledged entry is lost");
    for (const auto& [seq, row] : rows_) REQUIRE_MESSAGE(to_row((*entries)[seq - 1]) == row, "an acknowledged entry has changed");
    REQUIRE(there.size() <= acknowledged_.size() + per_batch);
  }

  /// The process is killed, or the power is cut; the next process starts on the remaining data, with a working disk.
  void happen() {
    auto found = accident_ == Accident::kill ? disk_->after_kill() : disk_->after_power_cut(disk_->calls());
    store_.reset();
    disk_ = std::move(found);
    ++accidents_;
  }

  std::unique_ptr<FaultyDisk> disk_ = std::make_unique<FaultyDisk>();
  std::unique_ptr<SqliteStore> store_;
  Accident accident_;
  int accidents_ = 0;
  std::uint64_t clients_ = 10;
  std::uint64_t pauses_seed_ = 0;
  std::set<std::string> acknowledged_;
  std::map<std::uint64_t, std::string> rows_;  ///< of acknowledged entries, by seq
};

int at_each_index(FaultyDisk::Kind kind, std::uint64_t calls, Accident accident) {
  int runs = 0;
  for (std::uint64_t first = 0;; ++first) {
    INFO("from call ", first);
    if (!Bank({{first, calls, kind}, accident}).run()) return runs;
    ++runs;
  }
}

constexpr std::uint64_t for_ever = 1'000'000'000;

}  // namespace

TEST_SUITE_BEGIN("ledger: accidents");

TEST_CASE("a full disk at any write loses no acknowledged entry, for one call or for many") {
  CHECK(at_each_index(FaultyDisk::Kind::full, 1, Accident::none) > 50);
  CHECK(at_each_index(FaultyDisk::Kind::full, 25, Accident::none) > 50);
}

TEST_CASE("an I/O error at any write loses no acknowledged entry, for one call or for many") {
  CHECK(at_each_index(FaultyDisk::Kind::io, 1, Accident::none) > 50);
  CHECK(at_each_index(FaultyDisk::Kind::io, 25, Accident::none) > 50);
}

TEST_CASE("a power cut at any write loses no acknowledged entry") {
  CHECK(at_each_index(FaultyDisk::Kind::io, for_ever, Accident::power_cut) > 50);
}

TEST_CASE("a process killed at any write loses no acknowledged entry") {
  CHECK(at_each_index(FaultyDisk::Kind::io, for_ever, Accident::kill) > 50);
}

TEST_SUITE_END();

}  // namespace lntpay::test
