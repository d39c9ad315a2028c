// The steps that bring a workspace's gates to the terms of a file.
#include "host-adapters/server/gates/gate_sync.hpp"

#include <doctest/doctest.h>

namespace gate_sync_test {
using namespace lntpay::host;
using nlohmann::json;

namespace {

const json wanted = json::parse(R"({"name":"api GET /reports/*","price_sats":21,"match":{"method":"GET","path":"/reports/*"},
                                    "mode":"pass","uses":null,"ttl_seconds":3600,"commit":"at_once","schemes":["l402","payment"]})");

json present(const char* id, const json& changes = json::object()) {
  auto gate = wanted;
  gate["id"] = id;
  gate["created_at"] = "2026-01-01T00:00:00.000Z";
  gate.update(changes);
  return gate;
}

}  // namespace

TEST_CASE("a gate that the workspace lacks is created, without members that are null") {
  const auto steps = plan_gates(json::array({present("gate_1", {{"name", "another"}})}), {wanted});
  REQUIRE(steps.has_value());
  REQUIRE(steps->create.size() == 1);
  CHECK_FALSE(steps->create[0].contains("uses"));
  CHECK(steps->create[0]["price_sats"] == 21);
  CHECK(steps->change.empty());
  CHECK(steps->ids.empty());
}

TEST_CASE("a gate with the terms of the file stays as it is") {
  const auto steps = plan_gates(json::array({present("gate_1")}), {wanted});
  REQUIRE(steps.has_value());
  CHECK(steps->create.empty());
  CHECK(steps->change.empty());
  CHECK(steps->ids.at("api GET /reports/*") == "gate_1");
}

TEST_CASE("of a gate with other terms only these are changed") {
  const auto steps = plan_gates(json::array({present("gate_1", {{"price_sats", 5}, {"uses", 3}})}), {wanted});
  REQUIRE(steps.has_value());
  REQUIRE(steps->change.size() == 1);
  CHECK(steps->change[0].first == "gate_1");
  CHECK(steps->change[0].second == json{{"price_sats", 21}, {"uses", nullptr}});
}

TEST_CASE("a deleted gate is not kept") {
  const auto steps = plan_gates(json::array({present("gate_1", {{"closed_at", "2026-01-02T00:00:00.000Z"}})}), {wanted});
  REQUIRE(steps.has_value());
  CHECK(steps->create.size() == 1);
}

TEST_CASE("two gates with a kept name are refused") {
  const auto steps = plan_gates(json::array({present("gate_1"), present("gate_2")}), {wanted});
  REQUIRE_FALSE(steps.has_value());
  CHECK(steps.error().contains("two gates with the name \"api GET /reports/*\""));
}

}  // namespace gate_sync_test
