// Lists of entries, page by page, equal a loop over all entries.
#include "core/ledger/ledger_list.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/stored_ledger.hpp"

namespace lntpay::ledger_list_test {
namespace {

using testing::StoredLedger;

Listed<LedgerEntry> list(StoredLedger& ledger, const EntryFilter& filter, Page page) {
  return *ledger.world.run([&](Context& cx) { return list_entries(cx, ledger.tenant, filter, page); });
}

std::vector<std::uint64_t> all_pages(StoredLedger& ledger, const EntryFilter& filter, std::uint32_t limit, bool reverse) {
  std::vector<std::uint64_t> seqs;
  std::string after;
  for (;;) {
    const auto page = list(ledger, filter, {limit, after, reverse});
    CHECK(page.items.size() <= limit);
    for (const auto& entry : page.items) seqs.push_back(entry.seq);
    if (!page.has_more) return seqs;
    after = page.last_key;
  }
}

std::vector<std::uint64_t> by_loop(const StoredLedger& ledger, const EntryFilter& filter, bool reverse) {
  std::vector<std::uint64_t> seqs;
  for (const auto& entry : ledger.entries) {
    if (filter.type && entry.type != *filter.type) continue;
    if (!filter.reference.empty() && entry.reference != filter.reference) continue;
    if (filter.created_gte && entry.at.value < filter.created_gte->value) continue;
    if (filter.created_lt && entry.at.value >= filter.created_lt->value) continue;
    if (entry.seq > filter.after_seq) seqs.push_back(entry.seq);
  }
  if (reverse) std::ranges::reverse(seqs);
  return seqs;
}

}  // namespace

TEST_CASE("every filter works in both directions and with any page size") {
  StoredLedger ledger(60);
  const UnixMillis middle{1'770'000'030'000};
  const EntryFilter filters[] = {
      {},
      {.type = EntryType::withdrawal_lock},
      {.type = EntryType::withdrawal_settle},
      {.reference = "wd_3"},
      {.reference = "wd"},
      {.created_gte = middle},
      {.created_lt = middle},
      {.created_gte = middle, .created_lt = middle + seconds(1)},
      {.after_seq = 17},
      {.after_seq = 60},
      {.type = EntryType::adjustment, .created_lt = middle, .after_seq = 7},
  };
  for (const auto& filter : filters) {
    for (const std::uint32_t limit : {1U, 2U, 7U, 100U}) {
      for (const bool reverse : {true, false}) {
        CAPTURE(limit);
        CAPTURE(reverse);
        CHECK(all_pages(ledger, filter, limit, reverse) == by_loop(ledger, filter, reverse));
      }
    }
  }
}

TEST_CASE("a page without matches in 1,000 rows reports more, and the next resumes") {
  StoredLedger ledger(1'300);
  const EntryFilter filter{.reference = ledger.entries[1].reference};
  const auto first = list(ledger, filter, {5, "", true});
  CHECK(first.items.empty());
  CHECK(first.has_more);
  const auto second = list(ledger, filter, {5, first.last_key, true});
  REQUIRE(second.items.size() == 1);
  CHECK(second.items.front().seq == 2);
  CHECK_FALSE(second.has_more);
}

TEST_CASE("entries are read from a seq") {
  StoredLedger ledger(12);
  const auto read = [&](std::uint64_t after, std::uint32_t limit) {
    std::vector<std::uint64_t> seqs;
    for (const auto& entry : *ledger.world.run([&](Context& cx) { return read_entries(cx, ledger.tenant, after, limit); })) {
      seqs.push_back(entry.seq);
    }
    return seqs;
  };
  CHECK(read(0, 3) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(read(10, 3) == std::vector<std::uint64_t>{11, 12});
  CHECK(read(12, 3).empty());
}

}  // namespace lntpay::ledger_list_test
