// Commits: checks, conflicts, writes. Runs against every store.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/conformance/store_conformance.hpp"

using namespace std::string_literals;

namespace lntpay::test {

TEST_SUITE_BEGIN("store: commits");

TEST_CASE_TEMPLATE("a row that was put is found with its value", S, STORES) {
  S s;
  CHECK(s.put("a", "1") == "committed");
  CHECK(s.get({"a"}) == "a=1");
}

TEST_CASE_TEMPLATE("a key that was never put has no row", S, STORES) {
  S s;
  CHECK(s.get({"a"}) == "a=-");
  CHECK(s.scan("") == "");
}

TEST_CASE_TEMPLATE("get returns rows in the order of the keys, with absent and repeated keys", S, STORES) {
  S s;
  s.put("a", "1");
  s.put("c", "3");
  CHECK(s.get({"c", "b", "a", "c"}) == "c=3 b=- a=1 c=3");
  CHECK(s.get({}) == "");
}

TEST_CASE_TEMPLATE("a row put again has the new value and is one row", S, STORES) {
  S s;
  s.put("a", "1");
  s.put("a", "2");
  CHECK(s.get({"a"}) == "a=2");
  CHECK(s.scan("a") == "a");
}

TEST_CASE_TEMPLATE("of two creations of one key the second conflicts", S, STORES) {
  S s;
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "first"}}}) == "committed");
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "second"}}}) == "conflict");
  CHECK(s.get({"a"}) == "a=first");
}

TEST_CASE_TEMPLATE("of two updates from one version the second conflicts", S, STORES) {
  S s;
  s.put("a", "0");
  const auto seen = s.version("a");
  CHECK(s.commit({{{"a", seen}}, {Put{"a", "first"}}}) == "committed");
  CHECK(s.commit({{{"a", seen}}, {Put{"a", "second"}}}) == "conflict");
  CHECK(s.get({"a"}) == "a=first");
}

TEST_CASE_TEMPLATE("a check holds only for the row's current version", S, STORES) {
  S s;
  s.put("a", "1");
  s.put("b", "1");
  const auto own = s.version("a");
  for (const auto other : {std::uint64_t{0}, own - 1, own + 1, s.version("b"), UINT64_MAX, std::uint64_t{1} << 63}) {
    CAPTURE(other);
    CHECK(s.commit({{{"a", other}}, {Put{"a", "2"}}}) == "conflict");
  }
  CHECK(s.commit({{{"a", own}}, {Put{"a", "2"}}}) == "committed");
}

TEST_CASE_TEMPLATE("a row that was deleted and recreated has a new version", S, STORES) {
  S s;
  s.put("a", "1");
  const auto seen = s.version("a");
  s.remove("a");
  CHECK(s.commit({{{"a", seen}}, {Put{"a", "2"}}}) == "conflict");
  s.put("a", "1");
  CHECK(s.version("a") != seen);
  CHECK(s.commit({{{"a", seen}}, {Put{"a", "2"}}}) == "conflict");
  CHECK(s.get({"a"}) == "a=1");
}

TEST_CASE_TEMPLATE("writing the same value again gives another version", S, STORES) {
  S s;
  s.put("a", "1");
  const auto seen = s.version("a");
  s.put("a", "1");
  CHECK(s.version("a") != seen);
}

TEST_CASE_TEMPLATE("a key never sees a version again", S, STORES) {
  S s;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    REQUIRE(s.commit({{}, {Put{"a", std::to_string(i)}, Put{"b", ""}}}) == "committed");
    REQUIRE(seen.insert(s.version("a")).second);
    if (i % 3 == 0) s.remove("a");
  }
}

TEST_CASE_TEMPLATE("writes to other keys do not change a version", S, STORES) {
  S s;
  s.put("a", "1");
  const auto seen = s.version("a");
  s.put("b", "1");
  s.remove("c");
  CHECK(s.version("a") == seen);
}

TEST_CASE_TEMPLATE("a check for absence holds again after a delete", S, STORES) {
  S s;
  s.put("a", "1");
  s.remove("a");
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "2"}}}) == "committed");
  CHECK(s.get({"a"}) == "a=2");
}

TEST_CASE_TEMPLATE("all rows of a commit are written", S, STORES) {
  S s;
  s.put("c", "1");
  CHECK(s.commit({{}, {Put{"a", "1"}, Put{"b", "2"}, Delete{"c"}}}) == "committed");
  CHECK(s.get({"a", "b", "c"}) == "a=1 b=2 c=-");
}

TEST_CASE_TEMPLATE("a conflict writes nothing, whichever of the checks fails", S, STORES) {
  S s;
  s.put("a", "1");
  s.put("b", "2");
  const auto a = s.version("a");
  const auto b = s.version("b");
  const std::vector<Op> ops{Put{"a", "x"}, Delete{"b"}, Put{"new", "x"}};
  CHECK(s.commit({{{"a", a + 1}, {"b", b}}, ops}) == "conflict");
  CHECK(s.commit({{{"a", a}, {"b", b + 1}}, ops}) == "conflict");
  CHECK(s.commit({{{"a", a}, {"b", b}, {"a", std::nullopt}}, ops}) == "conflict");
  CHECK(s.get({"a", "b", "new"}) == "a=1 b=2 new=-");
  CHECK(s.version("a") == a);
  CHECK(s.version("b") == b);
}

TEST_CASE_TEMPLATE("checks of keys that the commit does not write count too", S, STORES) {
  S s;
  s.put("lock", "open");
  const auto seen = s.version("lock");
  CHECK(s.commit({{{"lock", seen}}, {Put{"a", "1"}}}) == "committed");
  s.put("lock", "shut");
  CHECK(s.commit({{{"lock", seen}}, {Put{"a", "2"}}}) == "conflict");
  CHECK(s.get({"a"}) == "a=1");
}

TEST_CASE_TEMPLATE("checks see the rows before the commit's own operations", S, STORES) {
  S s;
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "1"}, Put{"b", "1"}}}) == "committed");
  const auto seen = s.version("a");
  CHECK(s.commit({{{"a", seen}, {"c", std::nullopt}}, {Delete{"a"}, Put{"c", "1"}}}) == "committed");
  CHECK(s.get({"a", "b", "c"}) == "a=- b=1 c=1");
}

TEST_CASE_TEMPLATE("a commit that only checks writes nothing", S, STORES) {
  S s;
  s.put("a", "1");
  const auto seen = s.version("a");
  CHECK(s.commit({{{"a", seen}, {"b", std::nullopt}}, {}}) == "committed");
  CHECK(s.commit({{{"a", std::nullopt}}, {}}) == "conflict");
  CHECK(s.version("a") == seen);
  CHECK(s.scan("") == "a");
}

TEST_CASE_TEMPLATE("an empty commit is committed", S, STORES) {
  S s;
  CHECK(s.commit({}) == "committed");
}

TEST_CASE_TEMPLATE("operations on one key are applied in their order", S, STORES) {
  struct Row {
    std::vector<Op> ops;
    std::string then;
  };
  const Row rows[] = {
      {{Put{"a", "1"}, Put{"a", "2"}}, "a=2"},
      {{Put{"a", "1"}, Delete{"a"}}, "a=-"},
      {{Delete{"a"}, Put{"a", "1"}}, "a=1"},
      {{Delete{"a"}, Delete{"a"}}, "a=-"},
      {{Put{"a", "1"}, Delete{"a"}, Put{"a", "3"}}, "a=3"},
  };
  for (const auto& row : rows) {
    for (const bool there : {false, true}) {
      S s;
      if (there) s.put("a", "0");
      CAPTURE(there);
      CHECK(s.commit({{}, row.ops}) == "committed");
      CHECK(s.get({"a"}) == row.then);
      CHECK(s.scan("") == (row.then == "a=-" ? "" : "a"));
    }
  }
}

TEST_CASE_TEMPLATE("deleting an absent row is no error", S, STORES) {
  S s;
  CHECK(s.remove("a") == "committed");
  CHECK(s.commit({{{"a", std::nullopt}}, {Delete{"a"}, Put{"b", "1"}}}) == "committed");
  CHECK(s.scan("") == "b");
}

TEST_CASE_TEMPLATE("a repeated check is one check; contradictory checks conflict", S, STORES) {
  S s;
  s.put("a", "1");
  const auto seen = s.version("a");
  CHECK(s.commit({{{"a", seen}, {"a", seen}}, {}}) == "committed");
  CHECK(s.commit({{{"a", seen}, {"a", std::nullopt}}, {}}) == "conflict");
  CHECK(s.commit({{{"b", std::nullopt}, {"b", std::nullopt}}, {}}) == "committed");
}

TEST_CASE_TEMPLATE("an empty value is a row", S, STORES) {
  S s;
  s.put("a", "");
  CHECK(s.get({"a"}) == "a=");
  CHECK(s.scan("") == "a");
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "1"}}}) == "conflict");
  CHECK(s.commit({{{"a", s.version("a")}}, {Put{"a", "1"}}}) == "committed");
}

TEST_CASE_TEMPLATE("a value comes back byte for byte", S, STORES) {
  const std::string values[] = {
      "grüße, 雷, ⚡, 𝕷",
      "e\u0301 is not \u00e9",
      "line\nline\r\n\ttab \\ \" ' ` $ % _ ; --",
      "\0"s,
      "before\0after"s,
      "\0\0\0"s,
      "  spaces  ",
      "007",
      "1e3",
      "-0",
      "9223372036854775808",
      "NULL",
      "x'00'",
      "\u0001\u001f\u007f\u0080\uffff",
      "\xf4\x8f\xbf\xbf",
      std::string(5'000, 'v'),
  };
  S s;
  for (const auto& value : values) {
    REQUIRE(s.put("a", value) == "committed");
    const auto row = s.row("a");
    REQUIRE(row.has_value());
    CHECK(row->value == value);
    CHECK(s.rows({.prefix = "a"}).front().value == value);
  }
}

TEST_CASE_TEMPLATE("keys are equal only byte for byte", S, STORES) {
  const std::string keys[] = {"a",   "A",  "a ",  " a",  "a/",    "1",   "01",     "1.0",    "1e0", "\u00e9", "e\u0301",
                              "%",   "_",  "*",   "'a'", "\"a\"", "a;b", "a--b",   "NULL",   "雷",  "⚡",     "a\tb",
                              "a\\", "a'", "[a]", "{a}", "a\nb",  "$1",  "\u017f", "\u212a", "k",   "K",      "s"};
  S s;
  for (const auto& key : keys) REQUIRE(s.commit({{{key, std::nullopt}}, {Put{key, "of " + key}}}) == "committed");
  for (const auto& key : keys) CHECK(s.get({key}) == key + "=of " + key);
  CHECK(s.rows({}).size() == std::size(keys));
}

TEST_SUITE_END();

}  // namespace lntpay::test
