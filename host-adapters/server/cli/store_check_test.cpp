// The check of a store: its mark, and files that it cannot read. Rows and ledgers: tests/conformance/store_damage_test.cpp.
#include "host-adapters/server/cli/store_check.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "core/storage/rows_format.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/support/host/temp_folder.hpp"

namespace store_check_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

namespace fs = std::filesystem;

class CheckedStore {
 public:
  [[nodiscard]] std::string path() const { return folder_.file("lntpay.db"); }
  [[nodiscard]] std::string mark() const { return folder_.file("lntpay.db.mark"); }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] std::string folder() const { return folder_.path().string(); }

  void write(int batches, const std::string& owner = "aa") const {
    SqliteStore store{path(), {.mark = mark(), .owner = owner}};
    for (int i = 0; i < batches; ++i) {
      store.begin_batch();
      store.commit({.checks = {}, .ops = {Put{std::string(rows_format_key), std::to_string(rows_format)}}});
      REQUIRE(store.end_batch() == host::Store::BatchEnd::durable);
    }
  }
  void copy(const std::string& from, const std::string& to) const { fs::copy_file(from, to, fs::copy_options::overwrite_existing); }

  /// The findings in one line, or why it cannot be read.
  [[nodiscard]] std::string found(const std::string& mark_path) const {
    try {
      std::string all;
      for (const auto& each : check_store(path(), mark_path).findings) all += each.key + each.problem + ";";
      return all;
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

 private:
  test::TempFolder folder_;
};

}  // namespace

TEST_CASE("a store that was set back is a finding of its check") {
  const CheckedStore of;
  of.write(2);
  of.copy(of.path(), of.file("backup"));
  of.write(3);
  CHECK(of.found(of.mark()).empty());
  of.copy(of.file("backup"), of.path());
  CHECK(of.found("").empty());
  CHECK(of.found(of.mark()) ==
        "it was set back: its last batch is 2, but its mark " + of.mark() +
            " is at batch 5, so 3 acknowledged batches are missing, which may hold credits and withdrawals;");
}

TEST_CASE("a damaged mark and that of another store are findings, a missing one is not") {
  const CheckedStore of;
  const CheckedStore other;
  of.write(1);
  other.write(3, "bb");
  CHECK(of.found(of.file("none")).empty());
  CHECK(of.found(other.mark()).contains("its mark " + other.mark() + " belongs to another store"));
  fs::resize_file(of.mark(), 100);
  CHECK(of.found(of.mark()).contains("its mark " + of.mark() + " is damaged"));
}

TEST_CASE("a file that cannot be read is named with a next step") {
  const CheckedStore of;
  of.write(1);
  const auto next = "Keep this file and its -wal file. Restore a backup, then run: lntpay store accept --data " + of.folder();
  fs::resize_file(of.path(), 8'192);
  CHECK(of.found(of.mark()).contains("it was cut off: it has 8192 bytes, but its header counts "));
  CHECK(of.found(of.mark()).contains(next));
  std::ofstream(of.path(), std::ios::binary) << std::string(9'000, 'x');
  CHECK(of.found(of.mark()).contains("it is damaged (file is not a database (SQLite 26)). " + next));
  fs::resize_file(of.path(), 0);
  CHECK(of.found(of.mark()).contains("it is empty: it has 0 bytes. " + next));
  CHECK(fs::file_size(of.path()) == 0);
}

}  // namespace store_check_test
