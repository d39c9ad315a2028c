// Opening the data folder's store: whose it is, and accepting one that was set back.
#include "host-adapters/server/serve/store_opening.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/host/temp_folder.hpp"

namespace store_opening_test {
using namespace lntpay;
using namespace lntpay::host;
using lntpay::host::Store;

namespace {

namespace fs = std::filesystem;

class DataFolder {
 public:
  DataFolder() { options_.data = folder_.path(); }

  [[nodiscard]] const ServeOptions& options() const { return options_; }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] HostSecrets secrets() const { return *load_secrets(folder_.path()); }

  /// Opens the store, writes, and closes it; or why it cannot be opened.
  [[nodiscard]] std::string write(int batches) const {
    const auto store = open_sqlite(options_, secrets(), log_);
    if (!store) return store.error();
    for (int i = 0; i < batches; ++i) {
      (*store)->begin_batch();
      (*store)->commit({.checks = {}, .ops = {Put{"row", std::to_string(i)}}});
      REQUIRE((*store)->end_batch() == Store::BatchEnd::durable);
    }
    return "";
  }
  void copy(const std::string& from, const std::string& to) const {
    fs::copy_file(file(from), file(to), fs::copy_options::overwrite_existing);
  }

 private:
  test::TempFolder folder_;
  ServeOptions options_;
  Log log_{LogLevel::off};
};

}  // namespace

TEST_CASE("a data folder knows that it had a store") {
  const DataFolder data;
  CHECK_FALSE(data.secrets().store_made);
  CHECK(data.write(1).empty());
  CHECK(data.secrets().store_made);
  fs::remove(data.file("lntpay.db"));
  fs::remove(data.file("lntpay.db.mark"));
  CHECK(data.write(1).starts_with("store " + data.file("lntpay.db") + ": it is missing, but " + data.file("secrets.json") +
                                  " shows that it existed."));
}

TEST_CASE("accepting a store records a restore of the node with its evidence, then the mark") {
  const DataFolder data;
  CHECK(data.write(3).empty());
  data.copy("lntpay.db", "backup");
  CHECK(data.write(4).empty());
  data.copy("backup", "lntpay.db");
  CHECK(data.write(1).contains("it was set back"));

  const auto first = accept_store(data.options(), data.secrets(), Opens::set_back, "backup of May 3");
  REQUIRE_MESSAGE(first.has_value(), first.error());
  CHECK(first->found.standing == Standing::older);
  CHECK(first->found.mark.batch - first->found.batch == 4);
  CHECK(first->restores == 1);
  CHECK(data.write(1).empty());
  // Also where store and mark agree, as when both were restored.
  const auto second = accept_store(data.options(), data.secrets(), Opens::any, "both restored");
  REQUIRE(second.has_value());
  CHECK(second->found.standing == Standing::current);
  CHECK(second->restores == 2);

  SqliteStore store(data.file("lntpay.db"));
  store.begin_batch();
  const auto scanned = store.scan({.prefix = "00/", .limit = 1'000});
  CHECK(store.end_batch() == Store::BatchEnd::durable);
  int notes = 0;
  for (const auto& row : std::get<Scanned>(scanned).entries)
    notes += row.value.contains("its mark was at batch") && row.value.contains(": backup of May 3") ? 1 : 0;
  CHECK(notes == 1);
}

TEST_CASE("a store is neither opened nor accepted with the secrets of another") {
  const DataFolder data;
  const DataFolder other;
  CHECK(data.write(1).empty());
  CHECK(other.write(1).empty());
  const auto accepted = accept_store(data.options(), other.secrets(), Opens::any, "x");
  REQUIRE_FALSE(accepted.has_value());
  CHECK(accepted.error().contains("belongs to another store"));
}

}  // namespace store_opening_test
