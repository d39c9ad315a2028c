// Whose requests are refused after traps.
#include "host-adapters/server/engine/trap_history.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/access/key_text.hpp"

namespace trap_history_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

constexpr UnixMillis at{1'800'000'000'000};

struct Keys {
  Random random{{1, 2, 3, 4}};
  std::string of(unsigned shard) { return "Bearer " + generate_key_text(Environment::test, Shard::number(shard), random); }
};

/// A request through a proxy on this machine.
Input request(std::string client, std::string authorization = {}, std::string path = "/v1/charges") {
  Request asked{"GET", std::move(path), {{"x-forwarded-for", std::move(client)}}, "", "127.0.0.1"};
  if (!authorization.empty()) asked.headers.push_back({"authorization", std::move(authorization)});
  return input::Http{std::move(asked)};
}

}  // namespace

TEST_CASE("keys that trap from one address refuse no other workspace at it or at another address") {
  TrapHistory history;
  Keys keys;
  for (int i = 0; i < 11; ++i) history.trapped(request("203.0.113.1", keys.of(7)), at);
  CHECK_FALSE(history.refuses(request("198.51.100.2", keys.of(8)), at));
  CHECK_FALSE(history.refuses(request("203.0.113.1", keys.of(8)), at));
  CHECK_FALSE(history.refuses(request("203.0.113.1"), at));
}

TEST_CASE("from the eleventh trap of a shard's keys on, another key of it is refused from any address") {
  TrapHistory history;
  Keys keys;
  for (int i = 0; i < 10; ++i) history.trapped(request("203.0.113.1", keys.of(7)), at);
  CHECK_FALSE(history.refuses(request("203.0.113.1", keys.of(7)), at));
  history.trapped(request("203.0.113.1", keys.of(7)), at);
  CHECK(history.refuses(request("198.51.100.2", keys.of(7)), at));
  CHECK_FALSE(history.refuses(request("198.51.100.2", keys.of(7)), at + seconds(1)));
}

TEST_CASE("requests without a key count for the client's address, which a proxy on this machine forwards") {
  TrapHistory history;
  for (int i = 0; i < 11; ++i) history.trapped(request("203.0.113.1", {}, "/pay/" + std::to_string(i)), at);
  CHECK(history.refuses(request("203.0.113.1", {}, "/pay/new"), at));
  CHECK_FALSE(history.refuses(request("203.0.113.2", {}, "/pay/new"), at));
  Keys keys;
  CHECK_FALSE(history.refuses(request("203.0.113.1", keys.of(7)), at));
  CHECK(history.refuses(request("203.0.113.1", "Bearer no key"), at));
}

}  // namespace trap_history_test
