// Rows that another version wrote are refused with a message, and are not changed.
#include "host-adapters/server/ops/store_format.hpp"

#include <doctest/doctest.h>

#include "core/storage/rows_format.hpp"
#include "host-adapters/stores/memory/memory_store.hpp"

namespace store_format_test {
using namespace lntpay;
using namespace lntpay::host;
using lntpay::host::Store;

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
  const auto ours = std::to_string(rows_format);
  CHECK(verdict(older) ==
        "the data in ./data was written by another version of LNTPay: its rows have no format number, and this version reads " +
            ours + ". Serve it with that version, or choose another folder with --data");
  MemoryStore newer;
  const auto next = std::to_string(rows_format + 1);
  put(newer, std::string(rows_format_key), next);
  CHECK(verdict(newer).contains("its rows have format " + next + ", and this version reads " + ours + "."));
}

TEST_CASE("rows of an earlier format that is still read are accepted, and the number is raised") {
  MemoryStore store;
  put(store, "00/shard/7K", "");
  put(store, std::string(rows_format_key), std::to_string(rows_format_oldest));
  CHECK(verdict(store) == "good");
  store.begin_batch();
  const auto read = store.get({{std::string(rows_format_key)}});
  store.end_batch();
  CHECK(std::get<Entries>(read).entries.front()->value == std::to_string(rows_format));
  MemoryStore older;
  put(older, std::string(rows_format_key), std::to_string(rows_format_oldest - 1));
  CHECK(verdict(older).contains("its rows have format " + std::to_string(rows_format_oldest - 1)));
}

TEST_CASE("a store without workspaces differs from one with some") {
  MemoryStore store;
  CHECK(verdict(store) == "good");
  CHECK(has_workspaces(store) == false);
  put(store, "00/shard/7K", "");
  CHECK(has_workspaces(store) == true);
}

}  // namespace store_format_test
