// The mark: which stores it accepts, and its file.
#include "host-adapters/stores/sqlite/store_mark.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "tests/support/host/temp_folder.hpp"

namespace store_mark_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

Bytes32 digest(std::uint8_t byte) {
  Bytes32 all{};
  all.fill(byte);
  return all;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

StoreMark mark_in(const std::string& path) {
  const auto found = read_mark(path);
  REQUIRE(found.state == MarkState::readable);
  return found.mark;
}

}  // namespace

TEST_CASE("a store is compared with its mark by number and by history") {
  // Opened before batch 1 (history 1) and after batches 10 (2) and 20 (3); the last batch is 25.
  const std::vector<Opening> openings{{0, digest(1)}, {10, digest(2)}, {20, digest(3)}};
  struct Row {
    std::uint64_t batch;
    std::uint8_t history;
    Standing expected;
  };
  const Row rows[] = {
      {25, 3, Standing::current}, {24, 3, Standing::current}, {20, 3, Standing::current}, {20, 2, Standing::current},
      {3, 1, Standing::current},  {26, 3, Standing::older},   {26, 9, Standing::older},  // batches are missing
      {25, 9, Standing::another}, {0, 9, Standing::another},                             // another store
      {11, 1, Standing::another}, {21, 2, Standing::another},                            // a copy was opened after batch 10, or 20
  };
  for (const auto& row : rows) {
    CAPTURE(row.batch);
    CAPTURE(row.history);
    CHECK(standing_of({row.batch, digest(row.history)}, 25, openings) == row.expected);
  }
  CHECK(standing_of({0, digest(1)}, 0, {}) == Standing::another);
  CHECK(standing_of({1, digest(1)}, 0, {}) == Standing::older);
}

TEST_CASE("a mark older than all kept openings is not held against a store") {
  std::vector<Opening> openings;
  for (std::uint64_t i = 0; i < openings_kept; ++i) openings.push_back({100 + i, digest(static_cast<std::uint8_t>(i % 250))});
  CHECK(standing_of({100, digest(255)}, 5'000, openings) == Standing::unverified);
  CHECK(standing_of({101, digest(255)}, 5'000, openings) == Standing::another);
  openings.pop_back();  // none was pruned
  CHECK(standing_of({100, digest(255)}, 5'000, openings) == Standing::another);
}

TEST_CASE("two openings of one history have different digests") { CHECK(next_digest(digest(1), 7) != next_digest(digest(1), 7)); }

TEST_CASE("a mark is read back, the later of two writes first") {
  const test::TempFolder folder;
  const auto path = folder.file("mark");
  CHECK(read_mark(path).state == MarkState::missing);
  {
    MarkFile file(path, {1, digest(1)});
    CHECK(mark_in(path) == StoreMark{1, digest(1)});
    for (std::uint64_t n = 2; n < 6; ++n) {
      CHECK(file.write({n, digest(1)}) == 0);
      CHECK(mark_in(path) == StoreMark{n, digest(1)});
    }
  }
  CHECK(content(path).size() == 1'024);
  CHECK(std::filesystem::status(path).permissions() == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const MarkFile accepted(path, {3, digest(2)});
  CHECK(mark_in(path) == StoreMark{3, digest(2)});
}

TEST_CASE("a torn slot leaves the other one; without a whole slot it is damaged") {
  const test::TempFolder folder;
  const auto path = folder.file("mark");
  const auto older = slot_text({7, digest(1)});
  const auto newer = slot_text({8, digest(1)});
  REQUIRE(older.size() == 512);
  for (const std::size_t kept : {0U, 14U, 60U, 115U}) {
    CAPTURE(kept);
    const auto torn = newer.substr(0, kept) + older.substr(kept);
    write(path, older + torn);
    CHECK(mark_in(path).batch == 7);
    write(path, torn + older);
    CHECK(mark_in(path).batch == 7);
  }
  auto flipped = newer;
  flipped[40] = flipped[40] == '0' ? '1' : '0';
  write(path, older + flipped);
  CHECK(mark_in(path).batch == 7);
  write(path, flipped + flipped);
  CHECK(read_mark(path).state == MarkState::damaged);
  write(path, std::string(1'024, '\0'));
  CHECK(read_mark(path).state == MarkState::damaged);
  write(path, "");
  CHECK(read_mark(path).state == MarkState::missing);
}

TEST_CASE("a file that never was a mark is not taken for one") {
  const test::TempFolder folder;
  const auto path = folder.file("notes");
  for (const auto& text :
       {std::string("shopping list"), std::string(4'000, 'x'), slot_text({1, digest(1)}) + std::string(600, ' ')}) {
    write(path, text);
    CHECK(read_mark(path).state == MarkState::foreign);
  }
}

TEST_CASE("a mark that cannot be created is refused with path and cause") {
  const test::TempFolder folder;
  const auto path = folder.file("no/such/mark");
  try {
    const MarkFile file(path, {});
    FAIL("it was created");
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()) == "store mark " + path + ": No such file or directory. Create the folder " +
                                           folder.file("no/such") + ", or name another one");
  }
}

}  // namespace store_mark_test
