// The wait table: each waiter leaves it exactly once.
#include "host-adapters/server/engine/wait_table.hpp"

#include <doctest/doctest.h>

namespace wait_table_test {
using namespace lntpay;
using namespace lntpay::host;

TEST_CASE("a waiter for several rows is woken once, by the first write") {
  WaitTable table;
  table.add({1, 0}, {"a", "b"}, {100});
  table.add({2, 0}, {"b"}, {50});
  CHECK(table.take_written("a") == std::vector<Waiter>{{1, 0}});
  CHECK(table.take_written("a").empty());
  CHECK(table.take_written("b") == std::vector<Waiter>{{2, 0}});
  CHECK(table.size() == 0);
  CHECK_FALSE(table.next());
}

TEST_CASE("waiters are woken in order of their times") {
  WaitTable table;
  table.add({1, 0}, {"a"}, {100});
  table.add({2, 1}, {}, {50});
  CHECK(table.next() == UnixMillis{50});
  CHECK(table.take_due({49}).empty());
  CHECK(table.take_due({100}) == std::vector<Waiter>{{2, 1}, {1, 0}});
  CHECK(table.take_written("a").empty());
}

TEST_CASE("forgetting a session removes all its waits") {
  WaitTable table;
  table.add({7, 0}, {"a"}, {100});
  table.add({7, 2}, {"b"}, {100});
  table.add({8, 0}, {"a"}, {100});
  CHECK(table.contains(7));
  table.forget(7);
  CHECK_FALSE(table.contains(7));
  CHECK(table.take_written("a") == std::vector<Waiter>{{8, 0}});
  CHECK(table.take_written("b").empty());
  CHECK(table.size() == 0);
}

}  // namespace wait_table_test
