// The version of the API that a request has, and the one that a key keeps.
#include <doctest/doctest.h>

#include "core/tenant/api_version.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::key_version_test {

TEST_CASE("a request has the version of its key, or the published one that it names") {
  World world;
  world.bootstrap();
  const auto version = [](const Reading& answer) { return answer.header("lntpay-version"); };
  CHECK(world.get("/v1/api_keys/current").text("api_version") == api_version_newest);
  CHECK(version(world.get("/v1/balance")) == api_version_newest);
  CHECK(version(world.get("/v1/no_such_path")) == api_version_newest);
  CHECK(version(world.request("GET", "/healthz")) == api_version_newest);
  const Headers unpublished{{"authorization", "Bearer " + world.test_key}, {"lntpay-version", "2020-01-01"}};
  const auto refused = world.request("GET", "/v1/balance", {}, unpublished);
  CHECK(refused.error() == "400 invalid_request");
  CHECK(refused.text("error.param") == "LNTPay-Version");
  CHECK(refused.text("error.message").contains(api_version_newest));
  CHECK(version(refused) == api_version_newest);
  const auto id = world.get("/v1/api_keys/current").text("id");
  const auto changed = world.request("PATCH", "/v1/api_keys/" + id, R"({"api_version":"2026-11-01"})",
                                     {{"authorization", "Bearer " + world.test_key}, {"content-type", "application/json"}});
  CHECK(changed.text("api_version") == "2026-11-01");
  CHECK(changed.text("id") == id);
  const auto wrong = world.request("PATCH", "/v1/api_keys/" + id, R"({"api_version":"2020-01-01"})",
                                   {{"authorization", "Bearer " + world.test_key}, {"content-type", "application/json"}});
  CHECK(wrong.error() == "400 invalid_request");
}

}  // namespace lntpay::test::key_version_test
