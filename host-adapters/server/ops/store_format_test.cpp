// A folder that another version wrote is refused in one sentence, and stays as it is.
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

std::string told(Store& store) {
  const auto looked = expect_rows_format(store, "./data");
  return looked ? "good" : looked.error();
}

}  // namespace

TEST_CASE("a new store is given the format of its rows, and is known by it") {
  MemoryStore store;
  CHECK(told(store) == "good");
  put(store, "00/shard/7K", "");
  CHECK(told(store) == "good");
}

TEST_CASE("rows of another format, or of none, are refused with what to do") {
  MemoryStore older;
  put(older, "00/shard/7K", "");
  CHECK(
      told(older) ==
      "the data in ./data was written by another version of LNTPay (its rows are older than the first that has a number, and this "
      "one reads 4): serve it with that version, or name another folder with --data");
  MemoryStore newer;
  put(newer, std::string(rows_format_key), "5");
  CHECK(told(newer).contains("(its rows have format 5, and this one reads 4)"));
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
