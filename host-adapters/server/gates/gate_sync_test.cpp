// The steps that bring a workspace's gates to the terms of a file.
#include "host-adapters/server/gates/gate_sync.hpp"

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gate_sync_test {
using namespace lntpay;
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

/// A file that keeps gates of these names.
GatesFile file_of(const std::vector<std::string>& names) {
  GatesFile file;
  auto& service = file.services.emplace_back();
  for (const auto& name : names) {
    auto kept = wanted;
    kept["name"] = name;
    service.prices.push_back(
        {.match = {"GET", "/" + name}, .gate = {}, .kept_gate = kept, .path_in_file = "services[0].prices[0]"});
  }
  return file;
}

/// An API with `gates`. The call of that number fails with `status`; or all calls, if `fails`.
struct Api {
  json gates = json::array();
  std::size_t fails_at = 0;
  bool fails = false;
  std::uint16_t status = 503;
  std::string message = "The store is not available. Try again.";
  std::vector<std::string> calls{};  ///< "POST /v1/gates"
  std::set<std::string> idempotency_keys{};

  Response respond(const Request& request) {
    calls.push_back(request.method + " " + request.target);
    for (const auto& [name, value] : request.headers)
      if (name == "idempotency-key") idempotency_keys.insert(value);
    if (fails || calls.size() == fails_at) return {status, {}, json{{"error", {{"code", "x"}, {"message", message}}}}.dump()};
    if (request.method == "GET") return {200, {}, json{{"data", gates}}.dump()};
    return {201, {}, json{{"id", "gate_" + std::to_string(calls.size())}}.dump()};
  }
  std::expected<std::map<std::string, std::string>, LoadError> sync(const GatesFile& file) {
    boost::asio::io_context io;
    ApiCalls api(
        io,
        [this](Input input, Answer answer) {
          Outcome outcome;
          outcome.response = respond(std::get<input::Http>(input).request);
          answer(std::move(outcome));
        },
        "lnt_test_key");
    std::optional<std::expected<std::map<std::string, std::string>, LoadError>> ids;
    boost::asio::co_spawn(io, sync_gates(api, file), [&](const std::exception_ptr&, auto result) { ids = std::move(result); });
    io.run();
    return *ids;
  }
};

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

TEST_CASE("a file of more gates than a workspace may have creates none") {
  Api api;
  for (int i = 0; i < 99; ++i) api.gates.push_back(present("gate_other", {{"name", std::to_string(i)}}));
  const auto refused = api.sync(file_of({"one", "two"}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == "the workspace would have 101 gates, and may have 100. Delete gates that are no longer needed");
  CHECK_FALSE(refused.error().is_passing);
  CHECK(api.calls == std::vector<std::string>{"GET /v1/gates?limit=100"});
  CHECK(api.sync(file_of({"one"})).has_value());
}

TEST_CASE("a call that finds the store busy is made again, with the same idempotency key") {
  Api api{.fails_at = 1};
  CHECK(api.sync(file_of({"one"})).has_value());
  CHECK(api.calls == std::vector<std::string>{"GET /v1/gates?limit=100", "GET /v1/gates?limit=100", "POST /v1/gates"});
  Api busy;
  busy.gates = json::array();
  busy.fails_at = 2;
  CHECK(busy.sync(file_of({"one"})).has_value());
  CHECK(busy.calls == std::vector<std::string>{"GET /v1/gates?limit=100", "POST /v1/gates", "POST /v1/gates"});
  CHECK(busy.idempotency_keys.size() == 1);
}

TEST_CASE("an error has one full stop, and speaks of the key only where the key is refused") {
  Api api{.fails = true, .status = 403, .message = "This key lacks the scope gates:write."};
  CHECK(api.sync(file_of({"one"})).error().reason ==
        "the workspace's gates cannot be read: 403 This key lacks the scope gates:write. The key needs the scopes gates:read and "
        "gates:write: name it in api_key_file or in LNTPAY_API_KEY");
  CHECK(error_in({400, {}, R"({"error":{"message":"The path is invalid."}})"}).reason == "400 The path is invalid");
  CHECK(error_in({500, {}, "no JSON"}).reason == "500");
  CHECK(error_in({503, {}, R"({"error":7})"}).is_passing);
}

}  // namespace gate_sync_test
