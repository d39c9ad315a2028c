// Scans: order, prefixes, pages. Runs against every store.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/conformance/store_conformance.hpp"

namespace lntpay::test {
namespace {

/// Reads to the end in pages of `limit`; `between` runs after every page. Returns the keys, separated by spaces.
template <class Between>
std::string in_pages(Subject& s, const std::string& prefix, std::uint32_t limit, bool reverse, Between between) {
  std::string seen;
  for (std::string after;;) {
    const auto page = s.rows({prefix, after, limit, reverse});
    REQUIRE(page.size() <= limit);
    if (page.empty()) return seen;
    for (const auto& entry : page) seen += (seen.empty() ? "" : " ") + entry.key;
    after = page.back().key;
    between(after);
  }
}

std::string in_pages(Subject& s, const std::string& prefix, std::uint32_t limit, bool reverse) {
  return in_pages(s, prefix, limit, reverse, [](const std::string&) {});
}

std::string numbered(int n) {
  auto digits = std::to_string(n);
  return "m/" + std::string(5 - digits.size(), '0') + digits;
}

void put_numbered(Subject& s, int first, int end) {
  s.begin();
  for (int i = first; i < end; i += 500) {
    Commit commit;
    for (int n = i; n < std::min(i + 500, end); ++n) commit.ops.emplace_back(Put{numbered(n), std::to_string(n)});
    REQUIRE(s.commit(commit) == "committed");
  }
  REQUIRE(s.end() == "durable");
}

}  // namespace

TEST_SUITE_BEGIN("store: scans");

TEST_CASE_TEMPLATE("a scan is in byte order, whatever the bytes", S, STORES) {
  S s;
  s.put_each(
      {"~", "雷", "a", "Z", "\u00e9", "!", "0", "\x7f", "~a", "\U0010ffff", "\u0080", "A", "z", "aa", "\x01", "}", "a!", "_"});
  CHECK(s.scan("") == "\x01 ! 0 A Z _ a a! aa z } ~ ~a \x7f \u0080 \u00e9 雷 \U0010ffff");
  CHECK(s.scan_back("") == "\U0010ffff 雷 \u00e9 \u0080 \x7f ~a ~ } z aa a! a _ Z A 0 ! \x01");
}

TEST_CASE_TEMPLATE("a scan gives keys, values and versions as get does", S, STORES) {
  S s;
  s.put_each({"m/1", "m/2", "m/3"});
  for (const bool reverse : {false, true}) {
    const auto rows = s.rows({.prefix = "m/", .reverse = reverse});
    CHECK(rows.size() == 3);
    for (const auto& row : rows) CHECK(s.row(row.key) == row);
  }
}

TEST_CASE_TEMPLATE("a prefix takes the rows that begin with it and no others", S, STORES) {
  S s;
  s.put_each({"a", "a/", "a/1", "a/2", "a0", "ab", "ab/1", "b", "A/1"});
  CHECK(s.scan("a/") == "a/ a/1 a/2");
  CHECK(s.scan("a") == "a a/ a/1 a/2 a0 ab ab/1");
  CHECK(s.scan("ab") == "ab ab/1");
  CHECK(s.scan("a/1") == "a/1");
  CHECK(s.scan("a/1/") == "");
  CHECK(s.scan("c") == "");
  CHECK(s.scan_back("a/") == "a/2 a/1 a/");
  CHECK(s.scan_back("c") == "");
}

TEST_CASE_TEMPLATE("a prefix may end in any byte", S, STORES) {
  S s;
  s.put_each({"y", "z", "z1", "{", "}", "~", "~~", "\x7f", "\x7f!", "\u00bf", "\u00bf!", "\u00c0", "\U0010ffff", "\U0010ffff!"});
  CHECK(s.scan("z") == "z z1");
  CHECK(s.scan("~") == "~ ~~");
  CHECK(s.scan("\x7f") == "\x7f \x7f!");
  CHECK(s.scan("\u00bf") == "\u00bf \u00bf!");
  CHECK(s.scan("\U0010ffff") == "\U0010ffff \U0010ffff!");
  CHECK(s.scan_back("z") == "z1 z");
  CHECK(s.scan_back("\u00bf") == "\u00bf! \u00bf");
  CHECK(s.scan_back("\U0010ffff") == "\U0010ffff! \U0010ffff");
}

TEST_CASE_TEMPLATE("wildcards of pattern languages are plain bytes in a prefix", S, STORES) {
  S s;
  s.put_each({"%", "%1", "_", "_1", "*", "*1", "?1", "x1", "[x]1", "\\1", "\\%"});
  CHECK(s.scan("%") == "% %1");
  CHECK(s.scan("_") == "_ _1");
  CHECK(s.scan("*") == "* *1");
  CHECK(s.scan("?") == "?1");
  CHECK(s.scan("[x]") == "[x]1");
  CHECK(s.scan("\\") == "\\% \\1");
}

TEST_CASE_TEMPLATE("a scan begins strictly after `after`, be there such a row or not", S, STORES) {
  S s;
  s.put_each({"m/1", "m/3", "m/5"});
  CHECK(s.scan("m/", "m/1") == "m/3 m/5");
  CHECK(s.scan("m/", "m/2") == "m/3 m/5");
  CHECK(s.scan("m/", "m/") == "m/1 m/3 m/5");
  CHECK(s.scan("m/", "m/1!") == "m/3 m/5");
  CHECK(s.scan("m/", "m/5") == "");
  CHECK(s.scan_back("m/", "m/5") == "m/3 m/1");
  CHECK(s.scan_back("m/", "m/4") == "m/3 m/1");
  CHECK(s.scan_back("m/", "m/5!") == "m/5 m/3 m/1");
  CHECK(s.scan_back("m/", "m/1") == "");
  CHECK(s.scan("", "m/1") == "m/3 m/5");
  CHECK(s.scan_back("", "m/5") == "m/3 m/1");
}

TEST_CASE_TEMPLATE("`after` may lie outside of the prefix", S, STORES) {
  S s;
  s.put_each({"a", "m", "m/1", "m/2", "z"});
  CHECK(s.scan("m/", "a") == "m/1 m/2");
  CHECK(s.scan("m/", "m") == "m/1 m/2");
  CHECK(s.scan("m/", "z") == "");
  CHECK(s.scan("m/", "m0") == "");
  CHECK(s.scan_back("m/", "z") == "m/2 m/1");
  CHECK(s.scan_back("m/", "m0") == "m/2 m/1");
  CHECK(s.scan_back("m/", "a") == "");
  CHECK(s.scan_back("m/", "m") == "");
}

TEST_CASE_TEMPLATE("the row whose key is the prefix itself is first, and last when descending", S, STORES) {
  S s;
  s.put_each({"m", "m/1"});
  CHECK(s.scan("m", "", 1) == "m");
  CHECK(s.scan("m", "m") == "m/1");
  CHECK(s.scan_back("m", "m/1") == "m");
  CHECK(s.scan_back("m", "m") == "");
}

TEST_CASE_TEMPLATE("the limit is the most that a scan answers with", S, STORES) {
  S s;
  put_numbered(s, 0, 1'001);
  CHECK(s.rows({.prefix = "m/", .limit = 1}).size() == 1);
  CHECK(s.scan("m/", "", 1) == "m/00000");
  CHECK(s.scan_back("m/", "", 1) == "m/01000");
  CHECK(s.scan("m/", "", 2) == "m/00000 m/00001");
  CHECK(s.rows({.prefix = "m/", .limit = 999}).size() == 999);
  CHECK(s.rows({.prefix = "m/", .limit = 1'000}).size() == 1'000);
  CHECK(s.rows({.prefix = "m/", .limit = 1'000, .reverse = true}).size() == 1'000);
  CHECK(s.scan("m/", "m/00999", 1'000) == "m/01000");
}

TEST_CASE_TEMPLATE("a scan without limit or with one over 1,000 is refused", S, STORES) {
  S s;
  s.put_each({"a"});
  CHECK(s.scan("", "", 0) == "failed: the limit of a scan is 0");
  CHECK(s.scan("", "", 1'001) == "failed: rows in a scan: 1001, the limit is 1000");
  CHECK(s.scan_back("", "", UINT32_MAX).starts_with("failed: "));
}

TEST_CASE_TEMPLATE("pages of any size give every row once, in both directions", S, STORES) {
  S s;
  s.put_each({"l", "m/1", "m/1!", "m/2", "m/2/1", "m/3", "m/é", "n"});
  for (const std::uint32_t limit : {1U, 2U, 3U, 5U, 6U, 7U, 1'000U}) {
    CAPTURE(limit);
    CHECK(in_pages(s, "m/", limit, false) == "m/1 m/1! m/2 m/2/1 m/3 m/é");
    CHECK(in_pages(s, "m/", limit, true) == "m/é m/3 m/2/1 m/2 m/1! m/1");
  }
}

TEST_CASE_TEMPLATE("rows put between two pages are seen ahead of the cursor and not behind it", S, STORES) {
  S s;
  s.put_each({"m/2", "m/4", "m/6"});
  const auto insert = [&](const std::string& after) {
    if (after == "m/4") s.put_each({"m/1", "m/3", "m/5", "m/7"});
  };
  CHECK(in_pages(s, "m/", 2, false, insert) == "m/2 m/4 m/5 m/6 m/7");
  S t;
  t.put_each({"m/2", "m/4", "m/6"});
  const auto insert_back = [&](const std::string& after) {
    if (after == "m/4") t.put_each({"m/1", "m/3", "m/5", "m/7"});
  };
  CHECK(in_pages(t, "m/", 2, true, insert_back) == "m/6 m/4 m/3 m/2 m/1");
}

TEST_CASE_TEMPLATE("paging goes on when the row at the cursor was deleted", S, STORES) {
  for (const bool reverse : {false, true}) {
    S s;
    s.put_each({"m/1", "m/2", "m/3", "m/4", "m/5"});
    const auto erase = [&](const std::string& after) { REQUIRE(s.remove(after) == "committed"); };
    CHECK(in_pages(s, "m/", 1, reverse, erase) == (reverse ? "m/5 m/4 m/3 m/2 m/1" : "m/1 m/2 m/3 m/4 m/5"));
    CHECK(s.scan("m/") == "");
  }
}

TEST_CASE_TEMPLATE("rows deleted ahead of the cursor are not seen", S, STORES) {
  S s;
  s.put_each({"m/1", "m/2", "m/3", "m/4"});
  const auto erase = [&](const std::string& after) {
    if (after == "m/2") REQUIRE(s.remove("m/3") == "committed");
  };
  CHECK(in_pages(s, "m/", 2, false, erase) == "m/1 m/2 m/4");
}

TEST_CASE_TEMPLATE("a row changed between two pages keeps its place", S, STORES) {
  S s;
  s.put_each({"m/1", "m/2", "m/3"});
  const auto change = [&](const std::string&) { REQUIRE(s.put("m/1", "again") == "committed"); };
  CHECK(in_pages(s, "m/", 1, false, change) == "m/1 m/2 m/3");
}

TEST_CASE_TEMPLATE("ten thousand rows are read in pages, each once", S, STORES) {
  S s;
  put_numbered(s, 0, 10'000);
  for (const bool reverse : {false, true}) {
    int seen = 0;
    std::string after;
    for (;;) {
      const auto page = s.rows({"m/", after, 1'000, reverse});
      if (page.empty()) break;
      for (const auto& entry : page) {
        const auto n = reverse ? 9'999 - seen : seen;
        REQUIRE(entry.key == numbered(n));
        REQUIRE(entry.value == std::to_string(n));
        ++seen;
      }
      after = page.back().key;
    }
    CHECK(seen == 10'000);
  }
}

TEST_SUITE_END();

}  // namespace lntpay::test
