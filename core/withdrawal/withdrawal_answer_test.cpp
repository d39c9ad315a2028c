// The answer that an Idempotency-Key keeps for a withdrawal.
#include <doctest/doctest.h>

#include "core/request/idempotency.hpp"
#include "core/request/idempotency_claim.hpp"
#include "core/request/idempotency_key.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::withdrawal_answer_test {
namespace {

using Claimed = Result<std::variant<IdempotencyClaim, idempotency::StoredAnswer>>;

struct Shop {
  test::CoreWorld world;
  TenantScope tenant{Environment::test, WorkspaceId::generate(Shard::number(77), UnixMillis{1}, world.random)};

  Claimed claim() {
    return world.run([&](Context& cx) {
      return idempotency::claim_key(
          cx, tenant,
          {.key = "k1", .fingerprint = idempotency::fingerprint("POST", "/v1/withdrawals", "", "{}"), .success_status = 202});
    });
  }
  bool is_replayed() {
    const auto claimed = claim();
    const auto* stored = claimed ? std::get_if<idempotency::StoredAnswer>(&*claimed) : nullptr;
    return stored != nullptr && stored->status == 202 && stored->body == "{}";
  }
  Result<> run_purge() {
    std::string task;
    for (const auto& [key, row] : world.store.rows()) {
      if (key.contains("/due/")) task = key;
    }
    return world.run([&](Context& cx) { return idempotency::purge(cx, task, is_withdrawal_open); });
  }
};

}  // namespace

TEST_CASE("an answer is kept at least until its withdrawal is final") {
  Shop shop;
  const auto claimed = shop.claim();
  Withdrawal made{.id = WithdrawalId::generate(shop.tenant.shard(), UnixMillis{1}, shop.world.random),
                  .key = KeyId::generate(shop.tenant.shard(), UnixMillis{1}, shop.world.random)};
  const auto key = withdrawal_key(shop.tenant, made.id);
  WriteBatch batch;
  std::get<IdempotencyClaim>(*claimed).write_with_withdrawal(batch, "{}", key);
  REQUIRE(shop.world.run([&](Context& cx) { return cx.store.commit(std::move(batch)); }).has_value());
  for (const auto status : {WithdrawalStatus::pending, WithdrawalStatus::unknown, WithdrawalStatus::needs_review}) {
    made.status = status;
    shop.world.store.put(key, to_row(made));
    shop.world.now = shop.world.now + idempotency::retention_of_withdrawals;
    CHECK(shop.run_purge().has_value());
    CHECK(shop.is_replayed());
  }
  made.status = WithdrawalStatus::succeeded;
  shop.world.store.put(key, to_row(made));
  shop.world.now = shop.world.now + idempotency::retention_default;
  CHECK(shop.run_purge().has_value());
  CHECK(shop.world.store.count("/idem/") == 0);
  CHECK_FALSE(shop.is_replayed());
}

}  // namespace lntpay::withdrawal_answer_test
