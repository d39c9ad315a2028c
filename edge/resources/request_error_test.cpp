// Errors that the sandbox returns by request.
#include <doctest/doctest.h>

#include <string>

#include "core/base/error.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::request_error_test {

TEST_CASE("the sandbox returns every published error on request, except to its own controls") {
  World world;
  world.bootstrap();
  for (const auto name : published_errors) {
    const auto set = world.post("/v1/sandbox/faults", R"({"request_error":")" + std::string(name) + "\"}");
    REQUIRE_MESSAGE(set.status() == 200, set.body());
    CHECK(set.text("request_error") == name);
    const auto& error = info(*from_name<ErrorCode>(name));
    const auto answer = world.get("/v1/balance");
    CHECK(answer.error() == std::to_string(error.status) + " " + std::string(name));
    CHECK(answer.header("retry-after").empty() == !(error.sentence.contains("Retry-After") || error.status == 503));
    CHECK(world.post("/v1/charges", R"({"amount_sats":1})").status() == error.status);
  }
  CHECK(world.post("/v1/sandbox/faults", R"({"request_error":"conflict"})").error() == "400 invalid_request");
  CHECK(world.post("/v1/sandbox/faults").status() == 200);
  CHECK(world.get("/v1/balance").status() == 200);
}

}  // namespace lntpay::test::request_error_test
