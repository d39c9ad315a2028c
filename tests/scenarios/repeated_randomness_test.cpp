// A host whose random source repeats: a request that draws the same id is refused. Nothing is overwritten, and no response
// contains another request's data.
#include <doctest/doctest.h>

#include "core/crypto/sha256.hpp"
#include "core/withdrawal/withdrawal_request.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::repeated_randomness_test {
namespace {

/// A POST that generates ids or secrets, and another of the same path.
struct Drawing {
  std::string_view path;
  std::string_view body;
  std::string_view other_body;
};

constexpr Drawing drawings[] = {
    {"/v1/charges", R"({"amount_sats":5})", R"({"amount_sats":6})"},
    {"/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/a"})", R"({"url":"http://127.0.0.1:9/b"})"},
    {"/v1/gates", R"({"price_sats":5,"match":{"method":"GET","path":"/a"}})",
     R"({"price_sats":6,"match":{"method":"GET","path":"/b"}})"},
    {"/v1/api_keys", R"({"scopes":["charges:read"]})", R"({"scopes":["charges:write"]})"},
    {"/v1/admin/workspaces", R"({"name":"one"})", R"({"name":"two"})"},
    {"/v1/sandbox/invoices", R"({"amount_sats":1,"behavior":"fail"})", R"({"amount_sats":1,"behavior":"succeed"})"},
    {"/v1/sandbox/fund", R"({"amount_sats":5})", R"({"amount_sats":6})"},
};

Reading send(World& world, std::string_view path, std::string_view body, Headers headers = {}) {
  if (!path.starts_with("/v1/admin/")) return world.post(std::string(path), std::string(body), std::move(headers));
  headers.push_back({"authorization", "Bearer " + world.operator_token});
  headers.push_back({"content-type", "application/json"});
  return world.request("POST", std::string(path), std::string(body), std::move(headers));
}

}  // namespace

TEST_CASE("without a key, a repeated id is refused and nothing changes") {
  for (const auto& [path, body, other_body] : drawings) {
    for (const auto& again : {body, other_body}) {
      CAPTURE(path);
      World world;
      world.bootstrap();
      world.random_repeats = true;
      const auto first = send(world, path, body);
      REQUIRE_MESSAGE(first.status() / 100 == 2, first.body());
      const auto before = world.store.durable();
      CHECK(send(world, path, again).error() == "500 internal_error");
      CHECK(world.store.durable() == before);
      world.random_repeats = false;
      CHECK(send(world, path, again).status() / 100 == 2);
    }
  }
}

TEST_CASE("of two concurrent requests with one id, one succeeds") {
  for (const auto& [path, body, other_body] : drawings) {
    for (int commits = 0; commits < 4; ++commits) {
      CAPTURE(path);
      CAPTURE(commits);
      World world;
      world.bootstrap();
      world.random_repeats = true;
      std::optional<Reading> first;
      int left = commits;
      std::function<void()> in_between = [&] {
        if (left-- > 0) {
          world.store.before_commit = in_between;
        } else {
          first = send(world, path, body);
        }
      };
      world.store.before_commit = in_between;
      const auto second = send(world, path, other_body);
      if (!first) continue;  // it has fewer commits
      // The first one succeeds; if the first commits do not conflict, either may.
      CHECK(first->status() / 100 + second.status() / 100 == 7);
      world.store.before_commit = nullptr;
      world.random_repeats = false;
      world.pass(minutes(5));
      CHECK(world.get("/v1/ledger/verify").body().contains(R"("ok":true)"));
    }
  }
}

TEST_CASE("different idempotency keys give different ids from the same randomness") {
  for (const auto& [path, body, other_body] : drawings) {
    CAPTURE(path);
    World world;
    world.bootstrap();
    world.random_repeats = true;
    const auto first = send(world, path, body, {{"idempotency-key", "k1"}});
    const auto second = send(world, path, body, {{"idempotency-key", "k2"}});
    REQUIRE_MESSAGE(first.status() / 100 == 2, first.body());
    REQUIRE_MESSAGE(second.status() / 100 == 2, second.body());
    CHECK(first.body() != second.body());
  }
}

TEST_CASE("a key is not rolled to a secret that was generated before") {
  World world;
  world.bootstrap();
  const auto key = world.post("/v1/api_keys", R"({"scopes":["charges:read"]})").text("id");
  world.random_repeats = true;
  REQUIRE(world.post("/v1/api_keys/" + key + "/roll").status() == 200);
  CHECK(world.post("/v1/api_keys/" + key + "/roll").error() == "500 internal_error");
}

TEST_CASE("a repeated withdrawal id is refused, and the first stays as it is") {
  World world;
  world.bootstrap();
  REQUIRE(world.post("/v1/sandbox/fund", R"({"amount_sats":10000})").status() / 100 == 2);
  TenantScope tenant;
  tenant.workspace = *WorkspaceId::parse(world.get("/v1/workspace").text("id"));
  Settings settings;
  settings.seal.emplace_back("s1", Bytes32{1});
  const auto withdraw = [&] {
    const auto bolt11 = world.post("/v1/sandbox/invoices", R"({"amount_sats":100})").text("bolt11");
    Seam seam(world.now);
    Random repeated({5, 5, 5, 5});
    Context cx(seam, repeated, settings);
    const WithdrawalRequest asked{.bolt11 = bolt11,
                                  .amount = {},
                                  .fee_limit = {},
                                  .external_id = {},
                                  .metadata = {},
                                  .spender = {.key = *KeyId::parse(world.get("/v1/api_keys/current").text("id")), .limits = {}}};
    auto task = request_withdrawal(cx, tenant, asked, {});
    task.start(seam);
    while (seam.waiting()) {
      std::vector<Reply> replies;
      for (const auto& effect : seam.take_effects()) replies.push_back(world.store.perform(effect));
      seam.answer(world.now, std::move(replies));
    }
    return std::move(*task.value());
  };
  REQUIRE(withdraw().has_value());
  const auto before = world.get("/v1/withdrawals").body();
  const auto second = withdraw();
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::internal_error);
  CHECK(second.error().message.contains("generated twice"));
  CHECK(world.get("/v1/withdrawals").body() == before);
}

}  // namespace lntpay::test::repeated_randomness_test
