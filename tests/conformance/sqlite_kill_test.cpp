// A writing process is killed repeatedly: everything it acknowledged is in the file, complete.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <random>
#include <string>

#include "host-adapters/stores/sqlite/sqlite_store.hpp"
#include "tests/conformance/store_conformance.hpp"

namespace lntpay::test {
namespace {

using host::SqliteStore;

std::uint64_t head_of(SqliteStore& store) {
  const auto reply = store.get({{"head"}});
  const auto& entry = std::get<Entries>(reply).entries.front();
  return entry ? std::stoull(entry->value) : 0;
}

std::string numbered(const char* name, std::uint64_t n) {
  auto digits = std::to_string(n);
  return std::string{name} + std::string(8 - digits.size(), '0') + digits;
}

/// Writes batches of two commits each; prints a batch's number only when it is durable.
[[noreturn]] void write_until_killed(const std::string& path, int acknowledgements) {
  SqliteStore store{path, {.cache_kib = 64, .checkpoint_pages = 50}};
  store.begin_batch();
  auto n = head_of(store);
  static_cast<void>(store.end_batch());
  for (;;) {
    ++n;
    store.begin_batch();
    store.commit({{}, {Put{"head", std::to_string(n)}, Put{numbered("left/", n), std::string(n % 9'000, 'l')}}});
    store.commit({{}, {Put{numbered("right/", n), "r"}}});
    if (store.end_batch() != host::Store::BatchEnd::durable) _exit(2);
    if (write(acknowledgements, &n, sizeof n) != sizeof n) _exit(3);
  }
}

/// Waits for `wanted` acknowledged batches, kills the process, and returns the last number printed.
std::uint64_t killed_after(const std::string& path, int wanted, unsigned then_us) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
    try {
      write_until_killed(path, ends[1]);
    } catch (...) {
      _exit(1);
    }
  }
  close(ends[1]);
  std::uint64_t last = 0;
  for (int i = 0; i < wanted; ++i) REQUIRE(read(ends[0], &last, sizeof last) == sizeof last);
  usleep(then_us);
  REQUIRE(kill(child, SIGKILL) == 0);
  while (read(ends[0], &last, sizeof last) == sizeof last) {
  }
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  return last;
}

}  // namespace

TEST_SUITE_BEGIN("store: sqlite accidents");

TEST_CASE("20 times kill -9: every acknowledged batch is complete") {
  const TempFolder folder;
  const auto path = folder.file("store.db");
  std::mt19937 random{7};
  for (int round = 0; round < 20; ++round) {
    const auto acknowledged = killed_after(path, static_cast<int>(random() % 40), random() % 4'000);
    SqliteStore store{path};  // an unclean end: it has checked the file
    CHECK((store.recovered() || acknowledged == 0));
    store.begin_batch();
    const auto head = head_of(store);
    CHECK(head >= acknowledged);
    CHECK((acknowledged == 0 || head <= acknowledged + 1));
    std::uint64_t seen = 0;
    for (std::string after;;) {
      const auto page = std::get<Scanned>(store.scan({.prefix = "left/", .after = after})).entries;
      if (page.empty()) break;
      Get twins;
      for (const auto& entry : page) {
        ++seen;
        REQUIRE(entry.key == numbered("left/", seen));
        REQUIRE(entry.value.size() == seen % 9'000);
        twins.keys.push_back(numbered("right/", seen));
      }
      const auto found = std::get<Entries>(store.get(twins));
      for (const auto& twin : found.entries) REQUIRE(twin.has_value());
      after = page.back().key;
    }
    CHECK(seen == head);
    CHECK(std::get<Scanned>(store.scan({.prefix = "right/", .after = numbered("right/", seen)})).entries.empty());
    CHECK(store.end_batch() == host::Store::BatchEnd::durable);
  }
}

TEST_SUITE_END();

}  // namespace lntpay::test
