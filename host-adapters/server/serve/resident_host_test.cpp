// The host and its data folder.
#include "host-adapters/server/serve/resident_host.hpp"

#include <doctest/doctest.h>

#include "core/storage/rows_format.hpp"
#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/support/host/temp_folder.hpp"

namespace resident_host_test {
using namespace lntpay;
using namespace lntpay::host;
using lntpay::host::Store;

TEST_CASE("the host does not serve a folder of another version, nor write to it") {
  const test::TempFolder folder;
  const auto start = [&folder] {
    ServeOptions options;
    options.listen = "127.0.0.1:0";
    options.data = folder.path();
    options.engine = "native";
    options.log_level = "off";
    return ResidentHost(options).start();
  };
  CHECK(start().has_value());
  CHECK(start().has_value());
  {
    SqliteStore store(folder.file("lntpay.db"));
    store.begin_batch();
    store.commit({.checks = {}, .ops = {Put{std::string(rows_format_key), "1"}}});
    REQUIRE(store.end_batch() == Store::BatchEnd::durable);
  }
  const auto refused = start();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().starts_with("the data in " + folder.path().string() + " was written by another version of LNTPay"));
}

}  // namespace resident_host_test
