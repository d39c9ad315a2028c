// The stores under test, with effects and outcomes as text. The cases are the *_test.cpp files in this folder; each runs
// against every type in STORES. To add a store, derive from Subject and add it there.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host-adapters/stores/host_store.hpp"
#include "host-adapters/stores/rules/store_limits.hpp"
#include "tests/conformance/etcd_store.hpp"
#include "tests/conformance/script_store.hpp"
#include "tests/support/host/temp_folder.hpp"

namespace lntpay::test {

class FaultyDisk;

/// One empty store. Outside begin() and end() every effect has its own batch, which must end durable.
class Subject {
 public:
  virtual ~Subject() = default;

  virtual host::Store& store() = 0;
  /// False: each effect is durable by itself, so no batch can be lost.
  [[nodiscard]] virtual bool has_batches() const { return true; }
  /// Closes and reopens the store; false: its rows are lost when it is closed.
  virtual bool reopen() { return false; }
  /// False: not possible with this store. The same for the next.
  virtual bool lose_next_batch() { return false; }
  virtual bool next_commit_unknown(bool /*written*/) { return false; }
  /// The available key length; false: no durable keys.
  [[nodiscard]] virtual std::size_t key_bytes_max() const { return host::key_bytes_max; }
  [[nodiscard]] virtual bool has_durable_rows() const { return true; }

  void begin();
  /// "durable" or "lost".
  std::string end();

  /// "a=1 b=-": the value of each key, "-" for none; or "failed: why".
  std::string get(std::vector<std::string> keys);
  /// "committed", "conflict", "unknown: why", "failed: why".
  std::string commit(Commit asked);
  std::string put(std::string key, std::string value) { return commit({{}, {Put{std::move(key), std::move(value)}}}); }
  std::string remove(std::string key) { return commit({{}, {Delete{std::move(key)}}}); }
  /// The keys, separated by spaces; or "failed: why".
  std::string scan(std::string prefix, std::string after = "", std::uint32_t limit = scan_limit_max);
  std::string scan_back(std::string prefix, std::string after = "", std::uint32_t limit = scan_limit_max);

  std::vector<Entry> rows(const Range& asked);
  std::optional<Entry> row(const std::string& key);
  /// The version of an existing row.
  std::uint64_t version(const std::string& key);
  void put_each(std::initializer_list<std::string> keys);

 private:
  template <class Effect>
  Reply perform(Reply (host::Store::*effect)(const Effect&), const Effect& asked);

  bool open_ = false;
};

/// The reference store.
struct Memory : Subject {
  Memory();
  ~Memory() override;
  host::Store& store() override;
  bool lose_next_batch() override;
  bool next_commit_unknown(bool written) override;

 private:
  std::unique_ptr<host::Store> store_;
};

/// A file in the file system.
struct Sqlite : Subject {
  Sqlite();
  ~Sqlite() override;
  host::Store& store() override;
  bool reopen() override;

 private:
  TempFolder folder_;
  std::unique_ptr<host::Store> store_;
};

/// A file on a disk in memory, with a sync that fails on demand.
struct SqliteFaulty : Subject {
  SqliteFaulty();
  ~SqliteFaulty() override;
  host::Store& store() override;
  bool reopen() override;
  bool lose_next_batch() override;

 private:
  std::unique_ptr<FaultyDisk> disk_;
  std::unique_ptr<host::Store> store_;
};

/// Durable rows of a VolatileStore, over memory and over SQLite.
struct VolatileOverMemory : Subject {
  VolatileOverMemory();
  ~VolatileOverMemory() override;
  host::Store& store() override;
  bool lose_next_batch() override;
  bool next_commit_unknown(bool written) override;

 private:
  host::Store* behind_;
  std::unique_ptr<host::Store> store_;
};

struct VolatileOverSqlite : Subject {
  VolatileOverSqlite();
  ~VolatileOverSqlite() override;
  host::Store& store() override;
  bool reopen() override;

 private:
  TempFolder folder_;
  std::unique_ptr<host::Store> store_;
};

/// Volatile rows of a VolatileStore: every key of an effect gets a '~', which replies lose.
struct VolatileRows : Subject {
  VolatileRows();
  ~VolatileRows() override;
  host::Store& store() override;
  [[nodiscard]] std::size_t key_bytes_max() const override { return host::key_bytes_max - 1; }
  [[nodiscard]] bool has_durable_rows() const override { return false; }

 private:
  std::unique_ptr<host::Store> store_;
};

/// Stores in JavaScript: every effect is durable by itself.
struct Script : Subject {
  explicit Script(const char* kind) : store_{kind} {}
  host::Store& store() override { return store_; }
  bool reopen() override { return store_.reopen(); }
  [[nodiscard]] bool has_batches() const override { return false; }

 private:
  ScriptStore store_;
};

/// host-adapters/js/memory-store.mjs.
struct JsMemory : Script {
  JsMemory() : Script{"memory"} {}
};
/// host-adapters/cloudflare/durable-store.mjs in a Durable Object of workerd. It is reopened by stopping its object.
struct DurableObject : Script {
  DurableObject() : Script{"durable"} {}
};
/// host-adapters/browser/indexed-store.mjs in Chromium. It is reopened by reloading its page.
struct IndexedDb : Script {
  IndexedDb() : Script{"indexed"} {}
};

/// A real etcd. It is reopened by killing its process.
struct InEtcd : Subject {
  host::Store& store() override { return store_; }
  bool reopen() override {
    EtcdStore::restart();
    return true;
  }
  [[nodiscard]] bool has_batches() const override { return false; }

 private:
  EtcdStore store_;
};

#define STORES \
  Memory, Sqlite, SqliteFaulty, VolatileOverMemory, VolatileOverSqlite, VolatileRows, JsMemory, DurableObject, IndexedDb, InEtcd

}  // namespace lntpay::test
