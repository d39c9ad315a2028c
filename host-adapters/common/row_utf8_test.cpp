// UTF-8 in rows.
#include "host-adapters/common/row_utf8.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/storage/row.hpp"

namespace row_utf8_test {
using namespace lntpay;

TEST_CASE("a row that is not UTF-8 fails a read by key, and is reported") {
  std::vector<std::string> reported;
  const auto checked = [&](std::vector<std::optional<Entry>> rows) {
    return host::with_utf8_rows(Entries{std::move(rows)}, [&](const Entry& row) { reported.push_back(row.key); });
  };
  CHECK(std::get<Entries>(checked({Entry{"a", "1", 1}, std::nullopt})).entries.size() == 2);
  CHECK(reported.empty());
  CHECK(std::get<Failed>(checked({Entry{"a", "1", 1}, Entry{"b", "\xff", 1}})).reason == unreadable_row);
  CHECK(reported == std::vector<std::string>{"b"});
}

TEST_CASE("a scan passes a damaged value on as one that no row has, and leaves out a damaged key") {
  std::vector<std::string> reported;
  const auto reply = host::with_utf8_rows(Scanned{{{"a", "1", 1}, {"b", "\xff", 2}, {"c\xff", "3", 3}, {"d", "4", 4}}},
                                          [&](const Entry& row) { reported.push_back(row.key); });
  CHECK(std::get<Scanned>(reply).entries == std::vector<Entry>{{"a", "1", 1}, {"b", "?", 2}, {"d", "4", 4}});
  CHECK(reported == std::vector<std::string>{"b", "c\xff"});
  CHECK(std::holds_alternative<Committed>(host::with_utf8_rows(Committed{}, [](const Entry&) {})));
}

}  // namespace row_utf8_test
