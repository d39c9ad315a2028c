// The withdrawal limits of API keys, also of rolled keys.
#include <doctest/doctest.h>

#include <functional>
#include <utility>

#include "tests/support/world.hpp"

namespace lntpay::test::key_limits_test {
namespace {

/// A workspace with 100,000 sat; its key has these limits.
std::string limited(World& world, const std::string& limits) {
  world.bootstrap();
  world.post("/v1/sandbox/fund", R"({"amount_sats":100000})");
  const auto made = world.post("/v1/api_keys", R"({"scopes":["withdrawals:write","withdrawals:read","sandbox:write","keys:write",)"
                                               R"("charges:read"],)" +
                                                   limits + "}");
  REQUIRE_MESSAGE(made.status() == 201, made.body());
  world.test_key = made.text("key");
  return made.text("id");
}

/// Locks this amount, fee limit included.
Reading lock(World& world, std::uint64_t sats, const std::string& key) {
  const auto invoice = world.post("/v1/sandbox/invoices", R"({"amount_sats":)" + std::to_string(sats - 10) + "}");
  return world.post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + R"(","max_fee_sats":10})",
                    {{"idempotency-key", key}});
}

}  // namespace

TEST_CASE("a key's limit per withdrawal covers amount and fee limit") {
  World world;
  limited(world, R"("max_withdraw_sats":5000)");
  CHECK(world.get("/v1/api_keys/current").number("max_withdraw_sats") == 5'000);
  const auto refused = lock(world, 5'001, "d1");
  CHECK(refused.error() == "403 limit_exceeded");
  CHECK(refused.text("error.details.limit") == "max_withdraw_sats");
  CHECK(refused.number("error.details.limit_msat") == 5'000'000);
  CHECK(refused.number("error.details.asked_msat") == 5'001'000);
  for (int i = 0; i < 3; ++i) CHECK(lock(world, 5'000, "e" + std::to_string(i)).status() == 202);
}

TEST_CASE("a key's daily limit resets with the host's day, not the sandbox clock") {
  World world;
  limited(world, R"("daily_withdraw_sats":8000)");
  REQUIRE(lock(world, 5'000, "d1").status() == 202);
  const auto refused = lock(world, 3'001, "d2");
  CHECK(refused.error() == "403 limit_exceeded");
  CHECK(refused.text("error.details.limit") == "daily_withdraw_sats");
  CHECK(refused.number("error.details.spent_today_msat") == 5'000'000);
  CHECK(refused.text("error.details.resets_at") == "2027-01-16T00:00:00.000Z");
  CHECK(lock(world, 3'000, "d3").status() == 202);
  world.post("/v1/sandbox/clock/advance", R"({"ms":86400000})");
  CHECK(lock(world, 100, "d4").error() == "403 limit_exceeded");
  world.pass(hours(15));
  CHECK(lock(world, 100, "d5").error() == "403 limit_exceeded");
  world.pass(hours(1));
  CHECK(lock(world, 8'000, "d6").status() == 202);
}

TEST_CASE("a canceled withdrawal still counts against the daily limit") {
  World world;
  limited(world, R"("daily_withdraw_sats":8000)");
  const auto made = lock(world, 8'000, "d1");
  CHECK(world.post("/v1/withdrawals/" + made.text("id") + "/cancel").text("status") == "failed");
  CHECK(lock(world, 100, "d2").error() == "403 limit_exceeded");
}

TEST_CASE("two concurrent withdrawals never spend the same allowance") {
  World world;
  limited(world, R"("daily_withdraw_sats":8000)");
  Reading inner;
  // The commits are the rate limit's, the key's claim, the intent, the payment-hash lock, the lock.
  int commit = 0;
  std::function<void()> next = [&] {
    if (++commit < 7) {
      world.store.before_commit = next;
    } else {
      inner = lock(world, 5'000, "inner");
    }
  };
  world.store.before_commit = next;
  const auto outer = lock(world, 5'000, "outer");
  CHECK(inner.status() == 202);
  CHECK(outer.error() == "403 limit_exceeded");
  CHECK(world.get("/v1/withdrawals").items("data") == 1);
}

TEST_CASE("a key with a limit creates keys within it, and rolls no key without it") {
  World world;
  world.bootstrap();
  const auto strong = world.post("/v1/api_keys", R"({"scopes":["withdrawals:write"]})").text("id");
  const auto own = world.post("/v1/api_keys", R"({"scopes":["withdrawals:write","keys:write"],"max_withdraw_sats":1})");
  world.test_key = own.text("key");
  CHECK(world.post("/v1/api_keys", R"({"scopes":["withdrawals:write"],"max_withdraw_sats":2})").error() == "403 limit_exceeded");
  CHECK(world.post("/v1/api_keys", R"({"scopes":["withdrawals:write"]})").number("max_withdraw_sats") == 1);
  CHECK(world.post("/v1/api_keys", R"({"scopes":["keys:write"]})").status() == 201);
  CHECK(world.post("/v1/api_keys/" + strong + "/roll").error() == "403 limit_exceeded");
  CHECK(world.post("/v1/api_keys/" + own.text("id") + "/roll").status() == 200);
}

TEST_CASE("a rolled key keeps id, scopes, limits and spending") {
  World world;
  const auto id = limited(world, R"("daily_withdraw_sats":8000,"name":"till 3")");
  REQUIRE(lock(world, 8'000, "d1").status() == 202);
  const auto former = world.test_key;
  const auto rolled = world.post("/v1/api_keys/" + id + "/roll");
  REQUIRE_MESSAGE(rolled.status() == 200, rolled.body());
  CHECK(rolled.text("id") == id);
  CHECK(rolled.text("name") == "till 3");
  CHECK(rolled.number("daily_withdraw_sats") == 8'000);
  CHECK(world.get("/v1/api_keys/current").error() == "401 unauthenticated");
  world.test_key = rolled.text("key");
  CHECK(world.get("/v1/api_keys/current").text("last4") == rolled.text("key").substr(43));
  CHECK(lock(world, 100, "d2").error() == "403 limit_exceeded");
  CHECK(world.get("/v1/api_keys").items("data") == 2);
  CHECK_FALSE(world.store.mentions(rolled.text("key")));
}

TEST_CASE("during the overlap both keys work; a second roll ends the former") {
  World world;
  const auto id = limited(world, R"("max_withdraw_sats":8000)");
  const auto works = [&](std::string key) {
    const auto present = std::exchange(world.test_key, std::move(key));
    const bool good = world.get("/v1/api_keys/current").status() == 200;
    world.test_key = present;
    return good;
  };
  const auto roll = [&] {
    const auto former = world.test_key;
    world.test_key = world.post("/v1/api_keys/" + id + "/roll", R"({"overlap_seconds":3600})").text("key");
    return former;
  };
  const auto first = roll();
  CHECK(works(first));
  CHECK(works(world.test_key));
  world.pass(hours(1));
  CHECK_FALSE(works(first));
  const auto second = roll();
  const auto third = roll();
  CHECK_FALSE(works(second));
  CHECK(works(third));
  world.send("DELETE", "/v1/api_keys/" + id);
  CHECK_FALSE(works(third));
  CHECK_FALSE(works(world.test_key));
}

TEST_CASE("a key rolls no stronger, ended or foreign key") {
  World world;
  world.bootstrap();
  const auto others = world.post("/v1/api_keys", R"({"scopes":["charges:read"]})").text("id");
  world.bootstrap();
  const auto strong = world.post("/v1/api_keys", R"({"scopes":["charges:read"]})").text("id");
  const auto ended = world.post("/v1/api_keys", R"({"scopes":["keys:write"]})").text("id");
  world.send("DELETE", "/v1/api_keys/" + ended);
  CHECK(world.post("/v1/api_keys/" + ended + "/roll").error() == "409 invalid_state");
  CHECK(world.post("/v1/api_keys/" + others + "/roll").error() == "404 not_found");
  world.test_key = world.post("/v1/api_keys", R"({"scopes":["keys:write"]})").text("key");
  CHECK(world.post("/v1/api_keys/" + strong + "/roll").error() == "403 insufficient_scopes");
}

}  // namespace lntpay::test::key_limits_test
