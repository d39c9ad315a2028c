// Which requests pass again without asking the gate, and for how long.
#include "host-adapters/server/proxy/known_passes.hpp"

#include <doctest/doctest.h>

namespace known_passes_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

Request request(std::string target, std::vector<Header> headers, std::string method = "GET") {
  return {.method = std::move(method), .target = std::move(target), .headers = std::move(headers), .body = {}, .client = {}};
}
const Header credential{"authorization", "L402 a:b"};
const KnownPasses::Clock::time_point at{};

std::shared_ptr<const Passage> passage(std::uint32_t good_for_ms, std::vector<std::string> remove = {"authorization"}) {
  Passage granted;
  granted.remove = std::move(remove);
  granted.respond = {{"payment-receipt", "r"}};
  granted.good_for_ms = good_for_ms;
  return std::make_shared<const Passage>(std::move(granted));
}

}  // namespace

TEST_CASE("a pass that is good for a second is reused for that second only") {
  KnownPasses passes;
  const auto asked = request("/a?b=1", {credential});
  CHECK(passes.find(asked, at) == nullptr);
  passes.keep(asked, passage(1'000), at);
  REQUIRE(passes.find(asked, at) != nullptr);
  CHECK(passes.find(asked, at)->respond.front().value == "r");
  CHECK(passes.find(asked, at + std::chrono::milliseconds(999)) != nullptr);
  CHECK(passes.find(asked, at + std::chrono::milliseconds(1'000)) == nullptr);
}

TEST_CASE("a pass without a time to live, or without a credential, is never reused") {
  KnownPasses passes;
  const auto asked = request("/a", {credential});
  passes.keep(asked, passage(0), at);
  CHECK(passes.find(asked, at) == nullptr);
  passes.keep(request("/b", {}), passage(1'000), at);
  CHECK(passes.find(request("/b", {}), at) == nullptr);
}

TEST_CASE("a pass is one method, target and credential") {
  KnownPasses passes;
  passes.keep(request("/a", {credential}), passage(1'000), at);
  const auto is_known = [&](std::string target, std::vector<Header> headers, std::string method = "GET") {
    return passes.find(request(std::move(target), std::move(headers), std::move(method)), at) != nullptr;
  };
  CHECK(is_known("/a", {{"accept", "x"}, credential}));
  CHECK_FALSE(is_known("/a", {credential}, "POST"));
  CHECK_FALSE(is_known("/a?b", {credential}));
  CHECK_FALSE(is_known("/a", {{"authorization", "L402 a:c"}}));
  CHECK_FALSE(is_known("/a", {}));
  CHECK_FALSE(is_known("/a", {{"cookie", "a=b"}}));
  CHECK_FALSE(is_known("/a", {credential, credential}));
  passes.keep(request(std::string(5'000, 'a'), {credential}), passage(1'000), at);
  CHECK_FALSE(is_known(std::string(5'000, 'a'), {credential}));
}

TEST_CASE("the service's own Authorization is no credential for a pass that a cookie bought") {
  KnownPasses passes;
  const Header bearer{"authorization", "Bearer shared"};
  const Header cookie{"cookie", "lntpay_gate_1=bought"};
  passes.keep(request("/a", {bearer, cookie}), passage(1'000, {"cookie"}), at);
  CHECK(passes.find(request("/a", {bearer, cookie}), at) != nullptr);
  CHECK(passes.find(request("/a", {bearer}), at) == nullptr);
}

TEST_CASE("a second credential makes another request") {
  KnownPasses passes;
  passes.keep(request("/a", {{"macaroon", "00"}}), passage(1'000, {"macaroon"}), at);
  passes.keep(request("/a", {credential}), passage(1'000), at);
  CHECK(passes.find(request("/a", {credential}), at) != nullptr);
  CHECK(passes.find(request("/a", {credential, {"macaroon", "01"}}), at) == nullptr);
}

TEST_CASE("the number of kept passes is bounded") {
  KnownPasses passes;
  const auto second = passage(1'000);
  const auto asked = [](int i) { return request("/" + std::to_string(i), {credential}); };
  for (int i = 0; i < 10'000; ++i) passes.keep(asked(i), second, at);
  int kept = 0;
  for (int i = 0; i < 10'000; ++i) kept += passes.find(asked(i), at) != nullptr ? 1 : 0;
  CHECK(kept > 0);
  CHECK(kept <= 4'096);
}

}  // namespace known_passes_test
