// The API of gates: create, list, change, revoke, delete; and invalid gates.
#include <doctest/doctest.h>

#include "core/gate/gate.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::gates_test {
namespace {

constexpr const char* reports = R"({"name":"reports","price_sats":21,"match":{"method":"GET","path":"/reports/*"}})";

struct GateWorld : World {
  GateWorld() { bootstrap(); }
  Reading patch(const std::string& id, const std::string& body) {
    return request("PATCH", "/v1/gates/" + id, body,
                   {{"authorization", "Bearer " + test_key}, {"content-type", "application/json"}});
  }
  [[nodiscard]] Gate stored(const std::string& id) const {
    for (const auto& [key, entry] : store.rows()) {
      if (key.ends_with("/gate/" + id)) return *from_row<Gate>(entry.value);
    }
    FAIL("there is no such gate");
    return {};
  }
};

}  // namespace

TEST_CASE("a gate is created with its fields, and defaults for the rest") {
  GateWorld world;
  const auto made = world.post("/v1/gates", reports);
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  CHECK(made.text("id").starts_with("gate_"));
  CHECK(made.number("price_sats") == 21);
  CHECK(made.text("match.method") == "GET");
  CHECK(made.text("match.path") == "/reports/*");
  CHECK(made.text("mode") == "per_request");
  CHECK(made.body().find(R"("uses":null,"ttl_seconds":null,"schemes":["l402","payment"],"commit":"at_once")") != std::string::npos);
  CHECK(world.get("/v1/gates/" + made.text("id")).body() == made.body());

  world.pass(seconds(1));
  const auto pass =
      world.post("/v1/gates", R"({"price_sats":100,"match":{"method":"*","path":"/*"},"mode":"pass","uses":10,"ttl_seconds":600,
                                               "schemes":["payment","l402"],"commit":"explicit"})");
  REQUIRE_MESSAGE(pass.status() == 201, pass.body());
  CHECK(pass.body().find(R"("uses":10,"ttl_seconds":600,"schemes":["payment","l402"],"commit":"explicit")") != std::string::npos);
  const auto list = world.get("/v1/gates");
  CHECK(list.items("data") == 2);
  CHECK(list.text("data.0.id") == pass.text("id"));
}

TEST_CASE("a gate's secret is sealed, unique, and in no response") {
  GateWorld world;
  const auto one = world.stored(world.post("/v1/gates", reports).text("id"));
  const auto two = world.stored(world.post("/v1/gates", reports).text("id"));
  CHECK(one.sealed_secret != two.sealed_secret);
  CHECK(world.get("/v1/gates").body().find(one.sealed_secret) == std::string::npos);
}

TEST_CASE("verify ignores the query of a path, and names what is wrong with a path") {
  GateWorld world;
  const auto verify = "/v1/gates/" + world.post("/v1/gates", reports).text("id") + "/verify";
  const auto asked = world.post(verify, R"({"method":"GET","path":"/reports/7?x=/../1"})");
  REQUIRE_MESSAGE(asked.status() == 200, asked.body());
  CHECK(asked.number("status") == 402);
  const auto ambiguous = world.post(verify, R"({"method":"GET","path":"/reports//7"})");
  CHECK(ambiguous.status() == 400);
  CHECK(ambiguous.text("error.message").starts_with("The path is ambiguous."));
  CHECK(world.post(verify, "{}").text("error.message").starts_with("This gate guards many requests."));
}

TEST_CASE("a change leaves other fields alone; an unknown gate is not found") {
  GateWorld world;
  const auto id = world.post("/v1/gates", reports).text("id");
  const auto secret = world.stored(id).sealed_secret;
  const auto changed = world.patch(id, R"({"price_sats":5,"match":{"path":"/reports"}})");
  REQUIRE_MESSAGE(changed.status() == 200, changed.body());
  CHECK(changed.number("price_sats") == 5);
  CHECK(changed.text("match.method") == "GET");
  CHECK(changed.text("match.path") == "/reports");
  CHECK(changed.text("name") == "reports");
  CHECK(world.patch(id, R"({"mode":"pass","uses":3})").number("uses") == 3);
  CHECK(world.patch(id, "{}").number("uses") == 3);
  CHECK(world.patch(id, R"({"uses":null})").body().contains(R"("uses":null)"));
  // per_request resets uses.
  world.patch(id, R"({"uses":3})");
  world.patch(id, R"({"mode":"per_request"})");
  CHECK(world.patch(id, R"({"mode":"pass"})").body().contains(R"("uses":null)"));
  CHECK(world.stored(id).sealed_secret == secret);
  CHECK(world.patch("gate_Ab0123456789ABCDEFGHJKMNPQRS", "{}").error() == "404 not_found");
  CHECK(world.get("/v1/gates/none").error() == "404 not_found");
}

TEST_CASE("an invalid gate is refused with the field") {
  GateWorld world;
  const auto refused = [&world](std::string_view rest) {
    return world.post("/v1/gates", R"({"price_sats":1,)" + std::string(rest) + "}");
  };
  for (const auto* match : {R"("match":{"method":"GET","path":"a"})", R"("match":{"method":"GET","path":"/a b"})",
                            R"("match":{"method":"GET","path":"/a/../b"})", R"("match":{"method":"GET","path":"/%61"})",
                            R"("match":{"method":"GET"})"}) {
    CAPTURE(match);
    const auto answer = refused(match);
    CHECK(answer.error() == "400 invalid_request");
    CHECK(answer.text("error.param") == "match.path");
  }
  for (const auto* match : {R"("match":{"method":"get","path":"/a"})", R"("match":{"path":"/a"})"}) {
    CHECK(refused(match).text("error.param") == "match.method");
  }
  CHECK(refused(R"("match":{"method":"GET","path":"/a","host":"b"})").text("error.param") == "host");
  const std::string good = R"("match":{"method":"GET","path":"/a"},)";
  CHECK(refused(good + R"("uses":2)").text("error.param") == "uses");
  CHECK(refused(good + R"("ttl_seconds":60)").text("error.param") == "ttl_seconds");
  CHECK(refused(good + R"("mode":"pass","ttl_seconds":59)").text("error.param") == "ttl_seconds");
  CHECK(refused(good + R"("mode":"pass","uses":1000001)").text("error.param") == "uses");
  CHECK(refused(good + R"("schemes":[])").text("error.param") == "schemes");
  CHECK(refused(good + R"("schemes":["bearer"])").text("error.param") == "schemes");
  CHECK(world.post("/v1/gates", R"({"match":{"method":"GET","path":"/a"}})").text("error.param") == "price_sats");
  CHECK(world.get("/v1/gates").items("data") == 0);
}

TEST_CASE("revoking makes a new secret and records when; deleting closes the gate") {
  GateWorld world;
  const auto id = world.post("/v1/gates", reports).text("id");
  const auto before = world.stored(id).sealed_secret;
  const auto revoked = world.post("/v1/gates/" + id + "/revoke");
  REQUIRE_MESSAGE(revoked.status() == 200, revoked.body());
  CHECK_FALSE(revoked.text("revoked_at").empty());
  CHECK(world.stored(id).sealed_secret != before);

  const auto gone = world.request("DELETE", "/v1/gates/" + id, "", {{"authorization", "Bearer " + world.test_key}});
  CHECK(gone.status() == 200);
  CHECK(gone.body() == R"({"id":")" + id + R"(","object":"gate","deleted":true})");
  CHECK(world.get("/v1/gates").items("data") == 0);
  CHECK_FALSE(world.get("/v1/gates/" + id).text("closed_at").empty());
}

TEST_CASE("the settings for repeats, 304, preflights and late payments have defaults and can be changed") {
  GateWorld world;
  const auto made = world.post("/v1/gates", reports);
  CHECK(made.body().contains(R"("repeat_seconds":0,"not_modified":"release","cors":"gate","late_policy":"credit")"));
  CHECK(made.body().contains(R"("closed_at":null)"));
  const auto changed = world.patch(
      made.text("id"), R"({"repeat_seconds":300,"not_modified":"commit","cors":"service","late_policy":"credit_and_unlock"})");
  CHECK(changed.body().contains(
      R"("repeat_seconds":300,"not_modified":"commit","cors":"service","late_policy":"credit_and_unlock")"));
  CHECK(world.patch(made.text("id"), R"({"repeat_seconds":0})").number("repeat_seconds") == 0);
  for (const auto& [field, value] :
       {std::pair{"repeat_seconds", "301"}, {"not_modified", "\"drop\""}, {"cors", "\"*\""}, {"late_policy", "1"}})
    CHECK(world.patch(made.text("id"), std::string("{\"") + field + "\":" + value + "}").text("error.param") == field);
}

TEST_CASE("a gate of the row's first version is read with the defaults of later fields") {
  GateWorld world;
  const auto id = world.post("/v1/gates", reports).text("id");
  for (const auto& [key, entry] : world.store.rows()) {
    if (!key.ends_with("/gate/" + id)) continue;
    std::string first_version = "1";
    std::string_view rest = entry.value;
    row::cut(rest);
    for (int field = 0; field < 13; ++field) first_version.append("|").append(row::cut(rest));
    world.store.put(key, first_version);
  }
  const auto read = world.get("/v1/gates/" + id);
  CHECK(read.body().contains(R"("repeat_seconds":0,"not_modified":"release","cors":"gate","late_policy":"credit")"));
  CHECK(world.stored(id).life_s_max == gate_ttl_s_max);
  CHECK(world.post("/v1/gates/" + id + "/revoke").status() == 200);
}

TEST_CASE("a workspace has at most 100 gates") {
  GateWorld world;
  for (std::size_t i = 0; i < gates_max; ++i) {
    REQUIRE(world.post("/v1/gates", reports).status() == 201);
    world.pass(seconds(1));
  }
  CHECK(world.post("/v1/gates", reports).error() == "403 limit_exceeded");
}

}  // namespace lntpay::test::gates_test
