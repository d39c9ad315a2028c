// Versions of the API.
#include "core/tenant/api_version.hpp"

#include <doctest/doctest.h>

namespace lntpay::api_version_test {

TEST_CASE("a request has the version that it names, else its key's") {
  constexpr std::string_view published[] = {"2026-11-01", "2027-02-01"};
  CHECK(version_for(std::nullopt, "2026-11-01", published) == "2026-11-01");
  CHECK(version_for("2027-02-01", "2026-11-01", published) == "2027-02-01");
  CHECK(version_for("2026-11-01", "2027-02-01", published) == "2026-11-01");
  for (const auto* unknown : {"2026-12-01", "latest", "2026-11-01 ", ""}) {
    const auto refused = version_for(unknown, "2026-11-01", published);
    REQUIRE(!refused);
    CHECK(refused.error().code == ErrorCode::invalid_request);
    CHECK(refused.error().param == "LNTPay-Version");
    CHECK(refused.error().message.contains("2026-11-01, 2027-02-01"));
  }
}

}  // namespace lntpay::api_version_test
