// Batches: visibility inside, lost batches, reopened stores. Runs against every store that supports it.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "tests/conformance/store_conformance.hpp"

namespace lntpay::test {

TEST_SUITE_BEGIN("store: batches");

TEST_CASE_TEMPLATE("a commit is seen by everything that follows in its batch", S, STORES) {
  S s;
  s.put("m/0", "0");
  s.begin();
  CHECK(s.put("m/1", "1") == "committed");
  CHECK(s.get({"m/1"}) == "m/1=1");
  CHECK(s.scan("m/") == "m/0 m/1");
  CHECK(s.remove("m/0") == "committed");
  CHECK(s.get({"m/0"}) == "m/0=-");
  CHECK(s.scan_back("m/") == "m/1");
  CHECK(s.end() == "durable");
  CHECK(s.scan("m/") == "m/1");
}

TEST_CASE_TEMPLATE("a check sees the commits before it in its batch", S, STORES) {
  S s;
  s.begin();
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "1"}}}) == "committed");
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "2"}}}) == "conflict");
  const auto seen = s.version("a");
  CHECK(s.commit({{{"a", seen}}, {Put{"a", "3"}}}) == "committed");
  CHECK(s.commit({{{"a", seen}}, {Put{"a", "4"}}}) == "conflict");
  CHECK(s.end() == "durable");
  CHECK(s.get({"a"}) == "a=3");
}

TEST_CASE_TEMPLATE("a version read in a batch is final", S, STORES) {
  S s;
  s.begin();
  s.put("a", "1");
  const auto seen = s.version("a");
  CHECK(s.end() == "durable");
  CHECK(s.version("a") == seen);
}

TEST_CASE_TEMPLATE("a conflict leaves the other commits of its batch alone", S, STORES) {
  S s;
  s.begin();
  CHECK(s.put("a", "1") == "committed");
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"b", "1"}}}) == "conflict");
  CHECK(s.put("c", "1") == "committed");
  CHECK(s.end() == "durable");
  CHECK(s.scan("") == "a c");
}

TEST_CASE_TEMPLATE("batches without a write are durable", S, STORES) {
  S s;
  s.begin();
  CHECK(s.end() == "durable");
  s.begin();
  CHECK(s.get({"a"}) == "a=-");
  CHECK(s.scan("") == "");
  CHECK(s.end() == "durable");
}

TEST_CASE_TEMPLATE("effects outside a batch are rejected and write nothing", S, STORES) {
  S s;
  s.put("a", "1");
  auto& store = s.store();
  CHECK(std::holds_alternative<Failed>(store.get(Get{{"a"}})));
  CHECK(std::holds_alternative<Failed>(store.scan({})));
  CHECK(std::holds_alternative<Failed>(store.commit({{}, {Put{"b", "1"}}})));
  CHECK(std::holds_alternative<Failed>(store.commit({})));
  CHECK(s.scan("") == "a");
}

TEST_CASE_TEMPLATE("a lost batch leaves nothing", S, STORES) {
  S s;
  s.put_each({"changed", "gone", "same"});
  const auto changed = s.row("changed");
  const auto gone = s.row("gone");
  if (!s.lose_next_batch()) return;
  s.begin();
  CHECK(s.commit({{}, {Put{"changed", "x"}, Delete{"gone"}, Put{"new", "x"}}}) == "committed");
  CHECK(s.commit({{}, {Put{"changed", "y"}, Put{"gone", "y"}, Delete{"new"}}}) == "committed");
  CHECK(s.commit({{}, {Delete{"changed"}, Put{"new", "z"}}}) == "committed");
  CHECK(s.end() == "lost");
  CHECK(s.scan("") == "changed gone same");
  CHECK(s.row("changed") == changed);
  CHECK(s.row("gone") == gone);
  if (s.reopen()) CHECK(s.scan("") == "changed gone same");
}

TEST_CASE_TEMPLATE("after a lost batch the store works, and reuses no version", S, STORES) {
  S s;
  s.put("a", "0");
  std::set<std::uint64_t> seen{s.version("a")};
  for (int i = 0; i < 10; ++i) {
    if (!s.lose_next_batch()) return;
    s.begin();
    CHECK(s.put("a", "lost") == "committed");
    CHECK(seen.insert(s.version("a")).second);
    CHECK(s.end() == "lost");
    CHECK(s.put("a", std::to_string(i)) == "committed");
    CHECK(seen.insert(s.version("a")).second);
  }
  CHECK(s.get({"a"}) == "a=9");
  if (s.reopen()) CHECK(s.get({"a"}) == "a=9");
}

TEST_CASE_TEMPLATE("after an unknown outcome all or nothing is written, as a read shows", S, STORES) {
  for (const bool written : {false, true}) {
    S s;
    s.put("b", "1");
    if (!s.next_commit_unknown(written)) return;
    CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "1"}, Delete{"b"}}}).starts_with("unknown: "));
    CHECK(s.get({"a", "b"}) == (written ? "a=1 b=-" : "a=- b=1"));
    CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "1"}, Delete{"b"}}}) == (written ? "conflict" : "committed"));
    CHECK(s.get({"a", "b"}) == "a=1 b=-");
  }
}

TEST_CASE_TEMPLATE("a reopened store has every row, value and version", S, STORES) {
  S s;
  for (int i = 0; i < 300; ++i) {
    const auto n = std::to_string(i);
    REQUIRE(s.commit({{}, {Put{"m/" + n, std::string(static_cast<std::size_t>(i * 10), 'v')}, Put{"head", n}}}) == "committed");
    if (i % 7 == 0) s.remove("m/" + n);
  }
  const auto before = s.rows({});
  if (!s.reopen()) return;
  CHECK(s.rows({}) == before);
  if (!s.reopen()) return;
  CHECK(s.rows({}) == before);
}

TEST_CASE_TEMPLATE("a reopened store reuses no version of a key", S, STORES) {
  S s;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 3; ++j) {
      REQUIRE(s.put("a", "1") == "committed");
      REQUIRE(seen.insert(s.version("a")).second);
      REQUIRE(s.remove("a") == "committed");
    }
    if (!s.reopen()) return;
  }
}

TEST_CASE_TEMPLATE("a row deleted and recreated over a reopening has a new version", S, STORES) {
  S s;
  s.put("a", "1");
  const auto seen = s.version("a");
  s.remove("a");
  if (!s.reopen()) return;
  s.put("a", "1");
  CHECK(s.commit({{{"a", seen}}, {Put{"a", "2"}}}) == "conflict");
}

TEST_CASE_TEMPLATE("a batch that is open at a crash is lost", S, STORES) {
  S s;
  s.put("a", "1");
  s.begin();
  s.put("b", "1");
  if (!s.has_batches() || !s.reopen()) return;
  s.begin();
  CHECK(s.scan("") == "a");
  CHECK(s.end() == "durable");
}

TEST_SUITE_END();

}  // namespace lntpay::test
