// Idempotency: claims, replays, leases, and commits with an unknown outcome.
#include "core/request/idempotency.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/request/idempotency_key.hpp"
#include "core/tenant/due_work.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::idempotency::idempotency_test {
namespace {

using test::CoreWorld;
using Claimed = Result<std::variant<IdempotencyClaim, StoredAnswer>>;

constexpr std::uint16_t accepted = 202;

/// A purge asks it whether the withdrawal of an answer is still open.
Task<Result<bool>> no_withdrawal_open(Context& /*cx*/, std::string /*key*/) { co_return false; }

struct Shop {
  CoreWorld world;
  TenantScope tenant{Environment::test, WorkspaceId::generate(Shard::number(77), UnixMillis{1}, world.random)};

  Claimed claim_in(const TenantScope& where, const std::string& body = "{}", const std::string& path = "/v1/withdrawals",
                   const std::string& key = "k1") {
    return world.run([&](Context& cx) {
      return claim_key(cx, where, {.key = key, .fingerprint = fingerprint("POST", path, "", body), .success_status = accepted});
    });
  }
  Claimed claim_for(const std::string& body = "{}", const std::string& path = "/v1/withdrawals") {
    return claim_in(tenant, body, path);
  }

  /// The operation's last commit: its effect, and its answer.
  Result<> finish(const IdempotencyClaim& claim, const std::string& answer, std::uint16_t status = accepted) {
    return world.run([&](Context& cx) {
      WriteBatch batch;
      batch.put(claim.tenant().key("effect", padded(world.store.commits())), "1");
      claim.write(batch, answer, status);
      return cx.store.commit(std::move(batch));
    });
  }
  Result<> run_purge() {
    std::string task;
    for (const auto& [key, row] : world.store.rows()) {
      if (key.contains("/due/")) task = key;
    }
    return world.run([&](Context& cx) { return purge(cx, task, no_withdrawal_open); });
  }
  std::size_t effects() const { return world.store.count("/effect/"); }
};

/// "runs", "replayed 202 body", or the error's name.
std::string result_of(const Claimed& claimed) {
  if (!claimed) return std::string(info(claimed.error().code).name);
  if (std::holds_alternative<IdempotencyClaim>(*claimed)) return "runs";
  const auto& stored = std::get<StoredAnswer>(*claimed);
  return "replayed " + std::to_string(stored.status) + " " + stored.body;
}

const IdempotencyClaim& claim_in(const Claimed& claimed) { return std::get<IdempotencyClaim>(*claimed); }

std::string key_of(const std::vector<Header>& headers) {
  const auto key = read_key(headers);
  if (!key) return std::string(info(key.error().code).name);
  return key->value_or("(none)");
}

}  // namespace

TEST_CASE("an Idempotency-Key is 1 to 255 visible ASCII characters, bare or quoted") {
  const auto one = [](std::string line) { return key_of({{"idempotency-key", std::move(line)}}); };
  CHECK(one("8e03978e-40d5-43e8-bc93-6894a57f9324") == "8e03978e-40d5-43e8-bc93-6894a57f9324");
  CHECK(one("\"8e03978e-40d5-43e8-bc93-6894a57f9324\"") == "8e03978e-40d5-43e8-bc93-6894a57f9324");
  CHECK(one("\"\"a\"\"") == "\"a\"");
  CHECK(one(std::string(255, 'k')) == std::string(255, 'k'));
  CHECK(one("\"" + std::string(255, 'k') + "\"") == std::string(255, 'k'));
  CHECK(one("!~") == "!~");
  for (const auto& line : {std::string(), std::string("\"\""), std::string(256, 'k'),
                           std::string("abc\x01"
                                       "def"),
                           std::string("a b"), std::string("é"), std::string("a\x7f"), std::string("a, b"), std::string(" a")}) {
    CAPTURE(line);
    CHECK(one(line) == "idempotency_key_invalid");
  }
  CHECK(key_of({{"idempotency-key", "a"}, {"idempotency-key", "b"}}) == "idempotency_key_invalid");
  CHECK(key_of({{"idempotency-key", "a"}, {"idempotency-key", "a"}}) == "idempotency_key_invalid");
  CHECK(key_of({{"accept", "a"}}) == "(none)");
}

TEST_CASE("a fingerprint covers method, path, query and every byte of the body") {
  const auto first = fingerprint("POST", "/v1/charges", "", "{}");
  CHECK(first == fingerprint("POST", "/v1/charges", "", "{}"));
  CHECK(first != fingerprint("PUT", "/v1/charges", "", "{}"));
  CHECK(first != fingerprint("POST", "/v1/withdrawals", "", "{}"));
  CHECK(first != fingerprint("POST", "/v1/charges", "a=1", "{}"));
  CHECK(first != fingerprint("POST", "/v1/charges", "", "{ }"));
}

TEST_CASE("the first request runs, a repeated one gets the stored answer") {
  Shop shop;
  const auto first = shop.claim_for();
  CHECK(result_of(first) == "runs");
  REQUIRE(shop.finish(claim_in(first), "{\"id\":\"wd|1\"}\n").has_value());
  for (int i = 0; i < 3; ++i) CHECK(result_of(shop.claim_for()) == "replayed 202 {\"id\":\"wd|1\"}\n");
  CHECK(shop.effects() == 1);
  CHECK_FALSE(shop.world.store.mentions("wd"));
}

TEST_CASE("a stored refusal is replayed") {
  Shop shop;
  REQUIRE(shop.finish(claim_in(shop.claim_for()), "{\"error\":1}", 422).has_value());
  CHECK(result_of(shop.claim_for()) == "replayed 422 {\"error\":1}");
}

TEST_CASE("a refusal that is not stored frees the key, even for another body") {
  Shop shop;
  const auto first = shop.claim_for("bad");
  CHECK(shop.world.run([&](Context& cx) { return release(cx, claim_in(first)); }).has_value());
  CHECK(shop.world.store.rows().empty());
  CHECK(result_of(shop.claim_for("good")) == "runs");
}

TEST_CASE("another body, path or white space with the same key is refused in any state") {
  Shop shop;
  const auto first = shop.claim_for();
  CHECK(result_of(shop.claim_for("{\"a\":1}")) == "idempotency_key_reused");
  shop.world.now = shop.world.now + lease;
  CHECK(result_of(shop.claim_for("{\"a\":1}")) == "idempotency_key_reused");
  REQUIRE(shop.finish(claim_in(first), "{}").has_value());
  CHECK(result_of(shop.claim_for("{\"a\":1}")) == "idempotency_key_reused");
  CHECK(result_of(shop.claim_for("{ }")) == "idempotency_key_reused");
  CHECK(result_of(shop.claim_for("{}", "/v1/charges")) == "idempotency_key_reused");
  CHECK(shop.effects() == 1);
}

TEST_CASE("a repeat of a running request gets retry_after 1 s") {
  Shop shop;
  CHECK(result_of(shop.claim_for()) == "runs");
  shop.world.now = shop.world.now + lease - Millis{1};
  const auto second = shop.claim_for();
  CHECK(result_of(second) == "idempotency_in_progress");
  CHECK(second.error().retry_after_s == 1);
}

TEST_CASE("after its lease expires an operation resumes with the same random values") {
  Shop shop;
  const auto draw = [&](const Claimed& claimed) {
    return shop.world.run([&](Context& cx) -> Task<Result<std::string>> {
      auto random = claim_in(claimed).random(cx);
      co_return ChargeId::generate(shop.tenant.shard(), claim_in(claimed).started_at(cx), random).text();
    });
  };
  const auto first = shop.claim_for();
  const auto id = draw(first);
  shop.world.now = shop.world.now + lease;
  const auto second = shop.claim_for();
  CHECK(result_of(second) == "runs");
  CHECK(*draw(second) == *id);
  CHECK(result_of(shop.claim_for()) == "idempotency_in_progress");
  // The worker whose lease expired cannot commit any more; its successor can, once.
  CHECK(shop.finish(claim_in(first), "first").error().code == ErrorCode::conflict);
  CHECK(shop.finish(claim_in(second), "second").has_value());
  CHECK(shop.finish(claim_in(second), "third").error().code == ErrorCode::conflict);
  CHECK(result_of(shop.claim_for()) == "replayed 202 second");
  CHECK(shop.effects() == 1);
}

TEST_CASE("a late release does not free the key of a new holder") {
  Shop shop;
  const auto first = shop.claim_for();
  shop.world.now = shop.world.now + lease;
  const auto second = shop.claim_for();
  CHECK(shop.world.run([&](Context& cx) { return release(cx, claim_in(first)); }).has_value());
  CHECK(shop.finish(claim_in(second), "{}").has_value());
}

TEST_CASE("of two concurrent requests one runs") {
  Shop shop;
  Claimed inner;
  shop.world.store.before_commit = [&] { inner = shop.claim_for(); };
  const auto outer = shop.claim_for();
  CHECK(result_of(inner) == "runs");
  CHECK(result_of(outer) == "idempotency_in_progress");
}

TEST_CASE("of two concurrent resumptions one runs") {
  Shop shop;
  CHECK(result_of(shop.claim_for()) == "runs");
  shop.world.now = shop.world.now + lease;
  Claimed inner;
  shop.world.store.before_commit = [&] { inner = shop.claim_for(); };
  const auto outer = shop.claim_for();
  CHECK(result_of(inner) == "runs");
  CHECK(result_of(outer) == "idempotency_in_progress");
}

TEST_CASE("a claim with an unknown commit outcome is held either way") {
  for (const auto outcome : {test::CommitFault::unknown_written, test::CommitFault::unknown_not_written}) {
    Shop shop;
    shop.world.store.fault_at(1, outcome);
    const auto first = shop.claim_for();
    CHECK(result_of(first) == "runs");
    CHECK(shop.finish(claim_in(first), "{}").has_value());
    CHECK(result_of(shop.claim_for()) == "replayed 202 {}");
  }
}

TEST_CASE("no request runs while the store is down") {
  Shop shop;
  shop.world.store.down = true;
  CHECK(result_of(shop.claim_for()) == "storage_unavailable");
}

TEST_CASE("Idempotency-Keys are scoped to workspace and environment") {
  Shop shop;
  REQUIRE(shop.finish(claim_in(shop.claim_for()), "{}").has_value());
  CHECK(result_of(shop.claim_in({Environment::live, shop.tenant.workspace})) == "runs");
  CHECK(result_of(shop.claim_in({Environment::test, WorkspaceId::generate(Shard::number(77), UnixMillis{2}, shop.world.random)})) ==
        "runs");
}

TEST_CASE("after a day the row is purged and the key is free") {
  Shop shop;
  REQUIRE(shop.finish(claim_in(shop.claim_for()), "{}").has_value());
  const auto due = shop.world.store.count("/due/");
  CHECK(due == 1);
  shop.world.now = shop.world.now + retention_default;
  CHECK(shop.run_purge().has_value());
  CHECK(result_of(shop.claim_for()) == "replayed 202 {}");  // confirmed an hour later
  shop.world.now = shop.world.now + hours(1);
  CHECK(shop.run_purge().has_value());
  CHECK(shop.world.store.count(shop.tenant.key("idem")) == 0);
  CHECK(shop.world.store.count("/due/") == 0);
  CHECK(result_of(shop.claim_for()) == "runs");
}

TEST_CASE("a clock that jumped ten years ahead and came back removes no answer") {
  Shop shop;
  REQUIRE(shop.finish(claim_in(shop.claim_for()), "{}").has_value());
  const auto before = shop.world.now;
  shop.world.now = before + days(3'650);
  CHECK(shop.run_purge().has_value());
  shop.world.now = before + hours(1);
  CHECK(shop.run_purge().has_value());
  CHECK(result_of(shop.claim_for()) == "replayed 202 {}");
  shop.world.now = before + retention_default;
  CHECK(shop.run_purge().has_value());
  shop.world.now = shop.world.now + hours(1);
  CHECK(shop.run_purge().has_value());
  CHECK(shop.world.store.count("/idem/") == 0);
  CHECK(shop.world.store.count("/due/") == 0);
}

TEST_CASE("a lease that a clock far ahead has taken ends when the clock comes back") {
  Shop shop;
  const auto before = shop.world.now;
  shop.world.now = before + days(3'650);
  CHECK(result_of(shop.claim_for()) == "runs");
  shop.world.now = before;
  CHECK(result_of(shop.claim_for()) == "runs");
  CHECK(result_of(shop.claim_for()) == "idempotency_in_progress");
}

TEST_CASE("a purge that comes early, or for a key claimed again, removes nothing") {
  Shop shop;
  CHECK(result_of(shop.claim_for()) == "runs");
  const auto old = *parse_due_key(shop.world.store.rows().begin()->first);
  shop.world.now = shop.world.now + retention_default;
  const auto resumed = shop.claim_for();
  CHECK(result_of(resumed) == "runs");
  CHECK(shop.run_purge().has_value());
  CHECK(shop.world.store.count(shop.tenant.key("idem")) == 1);
  CHECK(shop.world.store.count("/due/") == 1);
  CHECK(shop.finish(claim_in(resumed), "{}").has_value());
  shop.world.now = shop.world.now + lease;
  CHECK(shop.run_purge().has_value());
  shop.world.now = shop.world.now + hours(1);
  CHECK(shop.run_purge().has_value());
  CHECK(shop.world.store.rows().size() == shop.effects());
  CHECK(shop.world.run([&](Context& cx) { return purge(cx, due_key(old, shop.world.now), no_withdrawal_open); }).error().code ==
        ErrorCode::lease_elsewhere);
}

TEST_CASE("random values depend on the key, even if the host's entropy repeats") {
  // Found by the simulator, seed 1207: two requests generated one id, and the second got the first one's charge.
  Shop shop;
  const auto value = [&](const std::string& key) {
    Seam seam(shop.world.now);
    Random repeated({5, 5, 5, 5});
    Context cx(seam, repeated, shop.world.settings);
    auto task = claim_key(cx, shop.tenant,
                          {.key = key, .fingerprint = fingerprint("POST", "/v1/charges", "", key), .success_status = accepted});
    task.start(seam);
    while (seam.waiting()) {
      std::vector<Reply> replies;
      for (const auto& effect : seam.take_effects()) replies.push_back(shop.world.store.perform(effect));
      seam.answer(shop.world.now, std::move(replies));
    }
    return claim_in(**task.value()).random(cx).u64();
  };
  const auto first = value("k1");
  CHECK(value("k2") != first);
  shop.world.now = shop.world.now + lease;  // another run of the same request
  CHECK(value("k1") == first);
}

TEST_CASE("without a key, a row under a generated id means repeated randomness") {
  Shop shop;
  CHECK(claim_in(shop.claim_for()).require_earlier_run("ch_1").has_value());
  CHECK(IdempotencyClaim().require_earlier_run("ch_1").error().code == ErrorCode::internal_error);
}

TEST_CASE("without a key nothing is stored, and random values are fresh") {
  Shop shop;
  const IdempotencyClaim none;
  const auto value = shop.world.run([&](Context& cx) -> Task<Result<bool>> {
    WriteBatch batch;
    none.write(batch, "{}");
    co_await release(cx, none);
    auto first = none.random(cx);
    auto second = none.random(cx);
    co_return batch.empty() && none.started_at(cx) == cx.now() && first.u64() != second.u64();
  });
  CHECK(*value);
  CHECK(shop.world.store.rows().empty());
}

}  // namespace lntpay::idempotency::idempotency_test
