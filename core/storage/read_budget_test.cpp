// How much a session reads before it leaves the rest to the next call.
#include "core/storage/read_budget.hpp"

#include <doctest/doctest.h>

namespace lntpay::read_budget_test {
namespace {

/// The session reads a row of this size, and a missing one.
void read_row(Seam& seam, std::size_t size) {
  std::vector<Reply> replies;
  replies.emplace_back(Entries{{Entry{"a", std::string(size, 'x'), 1}, std::nullopt}});
  seam.answer({}, std::move(replies));
}

}  // namespace

TEST_CASE("a budget ends after its rows, in pages") {
  Seam seam({});
  ReadBudget budget(seam, 300);
  CHECK(budget.next_page() == 125);
  budget.count(125);
  budget.count(125);
  CHECK(budget.next_page() == 50);
  budget.count(51);
  CHECK(budget.next_page() == 0);
  ReadBudget most(seam, 5'000);
  for (int page = 0; page < 8; ++page) most.count(most.next_page());
  CHECK(most.next_page() == 0);
}

TEST_CASE("a budget ends after its bytes, and does not count those that were read before") {
  Seam seam({});
  read_row(seam, read_bytes_max);
  const ReadBudget budget(seam);
  CHECK(budget.next_page() == read_page_rows);
  read_row(seam, read_bytes_max - 1);
  CHECK(budget.next_page() == read_page_rows);
  std::vector<Reply> replies;
  replies.emplace_back(Scanned{{Entry{"b", "x", 1}}});
  seam.answer({}, std::move(replies));
  CHECK(budget.next_page() == 0);
  CHECK(seam.bytes_read() == 2 * read_bytes_max);
}

}  // namespace lntpay::read_budget_test
