// Creates and reopens each store under test, and injects its faults.
#include <utility>
#include <variant>

#include "host-adapters/stores/memory/memory_store.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "host-adapters/stores/volatile_store.hpp"
#include "tests/conformance/faulty_vfs.hpp"
#include "tests/conformance/store_conformance.hpp"

namespace lntpay::test {
namespace {

/// Adds '~' to every key of an effect and removes it from every key of a reply.
class Tilded final : public host::Store {
 public:
  explicit Tilded(std::unique_ptr<host::Store> store) : store_{std::move(store)} {}

  void begin_batch() override { store_->begin_batch(); }
  BatchEnd end_batch() override { return store_->end_batch(); }

  Reply get(const Get& asked) override {
    auto in = asked;
    for (auto& key : in.keys) tilde(key);
    auto reply = store_->get(in);
    if (auto* found = std::get_if<Entries>(&reply)) {
      for (auto& entry : found->entries) {
        if (entry) entry->key.erase(0, 1);
      }
    }
    return reply;
  }

  Reply scan(const Range& asked) override {
    auto in = asked;
    in.prefix.insert(0, "~");
    tilde(in.after);
    auto reply = store_->scan(in);
    if (auto* found = std::get_if<Scanned>(&reply)) {
      for (auto& entry : found->entries) entry.key.erase(0, 1);
    }
    return reply;
  }

  Reply commit(const Commit& asked) override {
    auto in = asked;
    for (auto& check : in.checks) tilde(check.key);
    for (auto& op : in.ops) std::visit([](auto& one) { tilde(one.key); }, op);
    return store_->commit(in);
  }

 private:
  /// An empty key stays empty, so that it is rejected.
  static void tilde(std::string& key) {
    if (!key.empty()) key.insert(0, "~");
  }

  std::unique_ptr<host::Store> store_;
};

host::MemoryStore& memory(host::Store& store) { return dynamic_cast<host::MemoryStore&>(store); }

std::unique_ptr<host::Store> sqlite_on(const FaultyDisk& disk) {
  return std::make_unique<host::SqliteStore>("store.db", host::SqliteOptions{.vfs = disk.vfs_name()});
}

}  // namespace

Memory::Memory() : store_{std::make_unique<host::MemoryStore>()} {}
Memory::~Memory() = default;
host::Store& Memory::store() { return *store_; }
bool Memory::lose_next_batch() {
  memory(*store_).lose_next_batch();
  return true;
}
bool Memory::next_commit_unknown(bool written) {
  memory(*store_).next_commit_unknown(written);
  return true;
}

Sqlite::Sqlite() : store_{std::make_unique<host::SqliteStore>(folder_.file("store.db"))} {}
Sqlite::~Sqlite() = default;
host::Store& Sqlite::store() { return *store_; }
bool Sqlite::reopen() {
  store_.reset();
  store_ = std::make_unique<host::SqliteStore>(folder_.file("store.db"));
  return true;
}

SqliteFaulty::SqliteFaulty() : disk_{std::make_unique<FaultyDisk>()}, store_{sqlite_on(*disk_)} {}
SqliteFaulty::~SqliteFaulty() { store_.reset(); }
host::Store& SqliteFaulty::store() { return *store_; }
/// Not a clean close: the power is cut.
bool SqliteFaulty::reopen() {
  auto found = disk_->after_power_cut(1);
  store_.reset();
  disk_ = std::move(found);
  store_ = sqlite_on(*disk_);
  return true;
}
bool SqliteFaulty::lose_next_batch() {
  disk_->fail_next_sync();
  return true;
}

VolatileOverMemory::VolatileOverMemory() {
  auto behind = std::make_unique<host::MemoryStore>();
  behind_ = behind.get();
  store_ = std::make_unique<host::VolatileStore>(std::move(behind));
}
VolatileOverMemory::~VolatileOverMemory() = default;
host::Store& VolatileOverMemory::store() { return *store_; }
bool VolatileOverMemory::lose_next_batch() {
  memory(*behind_).lose_next_batch();
  return true;
}
bool VolatileOverMemory::next_commit_unknown(bool written) {
  memory(*behind_).next_commit_unknown(written);
  return true;
}

VolatileOverSqlite::VolatileOverSqlite()
    : store_{std::make_unique<host::VolatileStore>(std::make_unique<host::SqliteStore>(folder_.file("store.db")))} {}
VolatileOverSqlite::~VolatileOverSqlite() = default;
host::Store& VolatileOverSqlite::store() { return *store_; }
bool VolatileOverSqlite::reopen() {
  store_.reset();
  store_ = std::make_unique<host::VolatileStore>(std::make_unique<host::SqliteStore>(folder_.file("store.db")));
  return true;
}

VolatileRows::VolatileRows()
    : store_{std::make_unique<Tilded>(std::make_unique<host::VolatileStore>(std::make_unique<host::MemoryStore>()))} {}
VolatileRows::~VolatileRows() = default;
host::Store& VolatileRows::store() { return *store_; }

}  // namespace lntpay::test
