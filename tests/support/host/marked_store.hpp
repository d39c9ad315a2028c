// A SQLite store with its mark in a folder of its own: opening it, its files, and what a kill leaves of them.
#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/support/host/temp_folder.hpp"

namespace lntpay::host::testing {

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
    std::filesystem::copy_file(file(from), file(to), std::filesystem::copy_options::overwrite_existing);
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
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(path()).parent_path())) {
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
  [[nodiscard]] std::uintmax_t size(const std::string& name) const { return std::filesystem::file_size(file(name)); }

  /// Accepts the store as it is, and closes it.
  void accept() const {
    auto with = options();
    with.opens = Opens::any;
    SqliteStore store{path(), with};
    store.accept();
  }

 private:
  lntpay::test::TempFolder folder_;
};

}  // namespace lntpay::host::testing
