// Limits of every store, and complete rejections. Runs against every store.
#include <doctest/doctest.h>

#include <string>

#include "tests/conformance/store_conformance.hpp"

using namespace std::string_literals;

namespace lntpay::test {

TEST_SUITE_BEGIN("store: limits");

TEST_CASE_TEMPLATE("a value of 1 MiB is stored, one byte more is rejected", S, STORES) {
  S s;
  const std::string largest(host::value_bytes_max, 'v');
  CHECK(s.put("a", largest) == "committed");
  CHECK(s.row("a")->value == largest);
  CHECK(s.put("a", largest + "v") == "failed: bytes in a value: 1048577, the limit is 1048576");
  CHECK(s.put("b", largest + "v").starts_with("failed: "));
  CHECK(s.row("a")->value == largest);
  CHECK(s.get({"b"}) == "b=-");
}

TEST_CASE_TEMPLATE("a key has 1 to 512 bytes", S, STORES) {
  S s;
  const std::string longest(s.key_bytes_max(), 'k');
  CHECK(s.put(longest, "1") == "committed");
  CHECK(s.get({longest}) == longest + "=1");
  CHECK(s.scan(longest) == longest);
  CHECK(s.commit({{{longest, s.version(longest)}}, {Delete{longest}}}) == "committed");
  CHECK(s.put(longest + "k", "1") == "failed: bytes in a key: 513, the limit is 512");
  CHECK(s.put("", "1") == "failed: a key is empty");
  CHECK(s.scan("") == "");
}

TEST_CASE_TEMPLATE("an invalid key is rejected in every position", S, STORES) {
  S s;
  for (const auto& key : {""s, "a\0b"s, std::string(513, 'k')}) {
    CHECK(s.put(key, "1").starts_with("failed: "));
    CHECK(s.remove(key).starts_with("failed: "));
    CHECK(s.commit({{{key, std::nullopt}}, {}}).starts_with("failed: "));
    CHECK(s.get({key}).starts_with("failed: "));
    CHECK(s.get({"a", key}).starts_with("failed: "));
  }
  CHECK(s.scan(std::string(513, 'k')).starts_with("failed: "));
  CHECK(s.scan("", std::string(513, 'k')).starts_with("failed: "));
  CHECK(s.scan("") == "");
}

TEST_CASE_TEMPLATE("a commit takes a thousand operations, and no more", S, STORES) {
  S s;
  Commit commit;
  for (int i = 0; i < 1'000; ++i) commit.ops.emplace_back(Put{"a" + std::to_string(i), "1"});
  auto over = commit;
  over.ops.emplace_back(Put{"b", "1"});
  CHECK(s.commit(over) == "failed: operations in a commit: 1001, the limit is 1000");
  CHECK(s.scan("") == "");
  CHECK(s.commit(commit) == "committed");
  CHECK(s.rows({}).size() == 1'000);
}

TEST_CASE_TEMPLATE("a commit takes a thousand checks, and no more", S, STORES) {
  S s;
  Commit commit{{}, {Put{"a", "1"}}};
  for (int i = 0; i < 1'000; ++i) commit.checks.push_back({"c" + std::to_string(i), std::nullopt});
  auto over = commit;
  over.checks.push_back({"c", std::nullopt});
  CHECK(s.commit(over) == "failed: checks in a commit: 1001, the limit is 1000");
  CHECK(s.commit(commit) == "committed");
  s.put("c999", "1");
  CHECK(s.commit(commit) == "conflict");
}

TEST_CASE_TEMPLATE("a get takes up to a thousand keys", S, STORES) {
  S s;
  s.put("a", "1");
  std::vector<std::string> keys(1'000, "a");
  CHECK_FALSE(s.get(keys).starts_with("failed: "));
  keys.emplace_back("a");
  CHECK(s.get(keys) == "failed: keys in a get: 1001, the limit is 1000");
}

TEST_CASE_TEMPLATE("a rejected commit writes nothing and does not affect its batch", S, STORES) {
  S s;
  s.begin();
  CHECK(s.put("a", "1") == "committed");
  CHECK(s.commit({{}, {Put{"b", "1"}, Put{"c", std::string(host::value_bytes_max + 1, 'v')}}}).starts_with("failed: "));
  CHECK(s.scan("", "", 0).starts_with("failed: "));
  CHECK(s.get({"a", "b", "c"}) == "a=1 b=- c=-");
  CHECK(s.put("d", "1") == "committed");
  CHECK(s.end() == "durable");
  CHECK(s.scan("") == "a d");
}

TEST_CASE_TEMPLATE("a commit is all durable or all volatile", S, STORES) {
  S s;
  if (!s.has_durable_rows()) return;
  const std::string why = "failed: a commit has durable and volatile keys";
  CHECK(s.commit({{}, {Put{"a", "1"}, Put{"~a", "1"}}}) == why);
  CHECK(s.commit({{}, {Put{"~a", "1"}, Delete{"a"}}}) == why);
  CHECK(s.commit({{{"~a", std::nullopt}}, {Put{"a", "1"}}}) == why);
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"~a", "1"}}}) == why);
  CHECK(s.commit({{{"a", std::nullopt}, {"~a", std::nullopt}}, {}}) == why);
  CHECK(s.scan("") == "");
  CHECK(s.commit({{{"~a", std::nullopt}}, {Put{"~a", "1"}, Put{"~b", "1"}}}) == "committed");
  CHECK(s.commit({{{"a", std::nullopt}}, {Put{"a", "1"}}}) == "committed");
  CHECK(s.get({"~b", "a", "~a", "b"}) == "~b=1 a=1 ~a=1 b=-");
  CHECK(s.scan("") == "a ~a ~b");
  CHECK(s.scan_back("", "", 2) == "~b ~a");
  CHECK(s.scan("", "a", 1) == "~a");
  CHECK(s.scan("~") == "~a ~b");
}

TEST_SUITE_END();

}  // namespace lntpay::test
