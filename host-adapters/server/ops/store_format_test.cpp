// A folder that another version wrote is refused with a message, and is not changed.
#include "host-adapters/server/ops/store_format.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "core/storage/rows_format.hpp"
#include "host-adapters/server/engine/resident_host.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"

using namespace lntpay;
using namespace lntpay::host;

namespace {

void put(Store& store, const std::string& key, const std::string& value) {
  store.begin_batch();
  store.commit({.checks = {}, .ops = {Put{key, value}}});
  REQUIRE(store.end_batch() == Store::BatchEnd::durable);
}

std::string verdict(Store& store) {
  const auto checked = expect_rows_format(store, "./data");
  return checked ? "good" : checked.error();
}

}  // namespace

TEST_CASE("a new store receives the format number and is accepted by it") {
  MemoryStore store;
  CHECK(verdict(store) == "good");
  put(store, "00/shard/7K", "");
  CHECK(verdict(store) == "good");
}

TEST_CASE("rows of another format, or of none, are refused") {
  MemoryStore older;
  put(older, "00/shard/7K", "");
  CHECK(verdict(older) ==
        "the data in ./data was written by another version of LNTPay: its rows have no format number, and this version reads 4. "
        "Serve it with that version, or choose another folder with --data");
  MemoryStore newer;
  put(newer, std::string(rows_format_key), "5");
  CHECK(verdict(newer).contains("its rows have format 5, and this version reads 4."));
}

TEST_CASE("the host does not serve a folder of another version") {
  const auto folder = std::filesystem::temp_directory_path() / ("lntpay-format-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto start = [&folder] {
    ServeOptions options;
    options.listen = "127.0.0.1:0";
    options.data = folder;
    options.engine = "native";
    options.log_level = "off";
    return ResidentHost(options).start();
  };
  CHECK(start().has_value());
  CHECK(start().has_value());
  {
    SqliteStore store((folder / "lntpay.db").string());
    put(store, std::string(rows_format_key), "1");
  }
  const auto refused = start();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().starts_with("the data in " + folder.string() + " was written by another version of LNTPay"));
  std::filesystem::remove_all(folder);
}
