// Which requests pass again without asking the gate, and for how long.
#include "host-adapters/server/proxy/known_passes.hpp"

#include <doctest/doctest.h>

using namespace lntpay;
using namespace lntpay::host;

namespace {

Request request(std::string target, std::vector<Header> headers, std::string method = "GET") {
  return {.method = std::move(method), .target = std::move(target), .headers = std::move(headers), .body = {}, .client = {}};
}
const Header credential{"authorization", "L402 a:b"};

std::shared_ptr<const std::vector<Header>> gate_headers(std::vector<Header> headers) {
  return std::make_shared<const std::vector<Header>>(std::move(headers));
}

}  // namespace

TEST_CASE("a pass that is good for a second is reused for that second only") {
  KnownPasses passes;
  const auto key = KnownPasses::key_of(request("/a?b=1", {credential})).value();
  const KnownPasses::Clock::time_point at{};
  CHECK(passes.find(key, at) == nullptr);
  passes.keep(key, gate_headers({{"payment-receipt", "r"}, {"lntpay-good-for", "1000"}}), at);
  REQUIRE(passes.find(key, at) != nullptr);
  CHECK(passes.find(key, at)->front().value == "r");
  CHECK(passes.find(key, at + std::chrono::milliseconds(999)) != nullptr);
  CHECK(passes.find(key, at + std::chrono::milliseconds(1'000)) == nullptr);
}

TEST_CASE("a pass without a time to live is never reused") {
  KnownPasses passes;
  const auto key = KnownPasses::key_of(request("/a", {credential})).value();
  for (const auto* time : {"", "0", "x", "-5", "99999999999999999999"}) {
    passes.keep(key, gate_headers({{"lntpay-good-for", time}}), {});
    CHECK(passes.find(key, {}) == nullptr);
  }
  passes.keep(key, gate_headers({}), {});
  CHECK(passes.find(key, {}) == nullptr);
}

TEST_CASE("a pass is one method, target and credential") {
  const auto key = [](std::string target, std::vector<Header> headers, std::string method = "GET") {
    return KnownPasses::key_of(request(std::move(target), std::move(headers), std::move(method))).value_or("none");
  };
  const auto one = key("/a", {credential});
  CHECK(key("/a", {{"accept", "x"}, credential}) == one);
  CHECK(key("/a", {credential}, "POST") != one);
  CHECK(key("/a?b", {credential}) != one);
  CHECK(key("/a", {{"authorization", "L402 a:c"}}) != one);
  CHECK(key("/a", {}) == "none");
  CHECK(key("/a", {{"cookie", "a=b"}}) == "none");
  CHECK(key("/a", {credential, credential}) == "none");
  CHECK(key(std::string(5'000, 'a'), {credential}) == "none");
}

TEST_CASE("the number of kept passes is bounded") {
  KnownPasses passes;
  const auto second = gate_headers({{"lntpay-good-for", "1000"}});
  for (int i = 0; i < 10'000; ++i) passes.keep("GET /" + std::to_string(i), second, {});
  int kept = 0;
  for (int i = 0; i < 10'000; ++i) kept += passes.find("GET /" + std::to_string(i), {}) != nullptr ? 1 : 0;
  CHECK(kept > 0);
  CHECK(kept <= 4'096);
}
