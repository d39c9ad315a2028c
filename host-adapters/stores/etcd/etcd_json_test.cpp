// The calls to etcd and the replies for its responses. Against etcd itself: tests/conformance.
#include "host-adapters/stores/etcd/etcd_json.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace etcd_json_test {
using namespace lntpay;
using namespace lntpay::host;
using nlohmann::json;

namespace {

const EtcdSpace space("l/");

Reply answered(std::uint16_t status, std::string body) { return Answered{{status, {}, std::move(body)}}; }

template <class Kind>
std::string why(const Reply& reply) {
  const auto* found = std::get_if<Kind>(&reply);
  return found != nullptr ? found->reason : "another reply";
}

}  // namespace

TEST_CASE("a commit is one Txn with a compare per check and a write per key") {
  const auto call = space.call(Commit{{{"a", 7}, {"b", std::nullopt}}, {Put{"a", "1"}, Put{"c", "2"}, Delete{"a"}}});
  CHECK(call.path == "/v3/kv/txn");
  CHECK(json::parse(call.body) == json::parse(R"({
    "compare":[{"key":"bC9h","target":"MOD","result":"EQUAL","mod_revision":"7"},
               {"key":"bC9i","target":"VERSION","result":"EQUAL","version":"0"}],
    "success":[{"request_delete_range":{"key":"bC9h"}},{"request_put":{"key":"bC9j","value":"Mg=="}}]})"));
}

TEST_CASE("a check of an impossible version never holds, not even without a row") {
  for (const std::uint64_t version : {std::uint64_t{0}, std::uint64_t{1} << 63U, ~std::uint64_t{0}}) {
    const auto call = json::parse(space.call(Commit{{{"a", version}}, {}}).body);
    CHECK(call["compare"][0]["mod_revision"] == "-1");
  }
}

TEST_CASE("a put can be under a lease, which is granted where it is missing") {
  const auto call = space.call(Commit{{}, {Put{"a", "1"}, Delete{"b"}}}, 77);
  CHECK(json::parse(call.body)["success"] == json::parse(R"([{"request_put":{"key":"bC9h","value":"MQ==","lease":"77"}},
    {"request_delete_range":{"key":"bC9i"}}])"));
  CHECK(EtcdSpace::grant(77, 60).path == "/v3/lease/grant");
  CHECK(EtcdSpace::lacks_lease(answered(404, R"({"error":"etcdserver: requested lease not found","code":5})")));
  CHECK_FALSE(EtcdSpace::lacks_lease(answered(200, R"({"succeeded":true})")));
  CHECK_FALSE(EtcdSpace::lacks_lease(NoAnswer{"lease not found"}));
}

TEST_CASE("a commit is committed, in conflict, rejected or unknown") {
  const Commit commit{{}, {Put{"a", "1"}}};
  CHECK(std::holds_alternative<Committed>(space.reply(commit, answered(200, R"({"header":{},"succeeded":true})"))));
  CHECK(std::holds_alternative<Conflict>(space.reply(commit, answered(200, R"({"header":{}})"))));
  CHECK(why<Failed>(space.reply(commit, answered(400, R"({"error":"etcdserver: too many operations in txn request","code":3})"))) ==
        "etcd answered 400: etcdserver: too many operations in txn request");
  CHECK(why<Failed>(space.reply(commit, NotSent{"connection refused"})) == "the call was not sent to etcd: connection refused");
  CHECK(why<Unknown>(space.reply(commit, answered(503, R"({"error":"etcdserver: request timed out","code":14})"))) ==
        "etcd answered 503: etcdserver: request timed out");
  CHECK(why<Unknown>(space.reply(commit, answered(408, R"({"error":"context canceled","code":1})"))) ==
        "etcd answered 408: context canceled");
  CHECK(why<Unknown>(space.reply(commit, NoAnswer{"reset"})) == "etcd did not answer: reset");
  CHECK(why<Unknown>(space.reply(commit, Broken{{200, {}, "{"}, "reset"})) == "etcd's response was truncated: reset");
  for (const auto* body : {"not JSON", "{}", R"({"succeeded":true})", R"({"header":7,"succeeded":true})"}) {
    CHECK(why<Unknown>(space.reply(commit, answered(200, body))) == "the response is not etcd's");
  }
  for (const int status : {201, 302, 408, 418, 499, 500, 503}) {
    CHECK(why<Unknown>(space.reply(commit, answered(static_cast<std::uint16_t>(status), ""))) ==
          "etcd answered " + std::to_string(status));
  }
}

TEST_CASE("rows are returned without the prefix, and empty values restored") {
  const auto found = space.reply(
      Get{{"a", "b"}},
      answered(
          200,
          R"({"header":{},"succeeded":true,"responses":[{"response_range":{"kvs":[{"key":"bC9h","mod_revision":"9"}]}},{"response_range":{}}]})"));
  REQUIRE(std::holds_alternative<Entries>(found));
  CHECK(std::get<Entries>(found).entries == std::vector<std::optional<Entry>>{Entry{"a", "", 9}, std::nullopt});
}

TEST_CASE("a malformed response is Failed") {
  for (const auto* body :
       {"{}", R"({"responses":[{"response_range":{}}]})", R"({"header":{},"responses":[]})", R"({"header":{},"responses":["a"]})",
        R"({"header":{},"responses":[{"response_put":{}}]})", R"({"header":{},"responses":[{"response_range":{"kvs":[{}]}}]})",
        R"({"header":{},"responses":[{"response_range":{"kvs":[{"key":"!","mod_revision":"1"}]}}]})",
        R"({"header":{},"responses":[{"response_range":{"kvs":[{"key":"bC9h","mod_revision":"x"}]}}]})",
        R"({"header":{},"responses":[{"response_range":{"kvs":[{"key":"","mod_revision":"1"}]}}]})", "[]", ""}) {
    CAPTURE(body);
    CHECK(std::holds_alternative<Failed>(space.reply(Get{{"a"}}, answered(200, body))));
  }
  for (const auto& answer : {answered(500, ""), answered(200, "{}"), answered(200, R"({"header":{},"kvs":{}})")})
    CHECK(std::holds_alternative<Failed>(space.reply(Range{"a", "", 1, false}, answer)));
}

}  // namespace etcd_json_test
