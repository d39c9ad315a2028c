// Reconciliation of a withdrawal with lnd, which reports the amount that arrived. The sandbox's node:
// edge/resources/reconciliation_test.cpp.
#include "core/operations/node_reconciliation.hpp"

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "tests/support/core_world.hpp"

namespace lntpay::node_reconciliation_test {
namespace {

constexpr std::string_view a_node = "02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";

/// The differences of a withdrawal of 1,000 sat that is settled with a fee of 2 sat, for these values at lnd.
std::string differences(std::string_view value_msat, std::string_view fee_msat) {
  test::CoreWorld world;
  world.settings.live_node = true;
  world.tenant.environment = Environment::live;
  const Bytes32 preimage{7};
  const auto hash = sha256(preimage);
  const Withdrawal withdrawal{.id = WithdrawalId::generate(world.tenant.shard(), world.now, world.random),
                              .status = WithdrawalStatus::succeeded,
                              .payment_hash = hash,
                              .reserved = {.amount = 1'000_sat, .fee_limit = 10_sat},
                              .key = KeyId::generate(world.tenant.shard(), world.now, world.random),
                              .dispatched_at = world.now,
                              .node = std::string(a_node),
                              .fee = 2_sat,
                              .sealed_preimage = "sealed"};
  world.store.put(withdrawal_key(world.tenant, withdrawal.id), to_row(withdrawal));
  world.receiver = [&](const Outgoing& asked) -> Reply {
    if (asked.target == "/v1/getinfo") return Answered{{200, {}, R"({"identity_pubkey":")" + std::string(a_node) + "\"}"}};
    return Answered{{200,
                     {},
                     R"({"result":{"payment_hash":")" + hex(hash) + R"(","payment_index":"5","status":"SUCCEEDED","value_msat":")" +
                         std::string(value_msat) + R"(","fee_msat":")" + std::string(fee_msat) + R"(","payment_preimage":")" +
                         hex(preimage) + "\"}}\n"}};
  };
  Reconciliation found;
  world.must([&](Context& cx) { return reconcile(cx, world.tenant, 10, found); });
  CHECK(found.withdrawals == 1);
  const auto text = found.differences.text();
  CHECK(found.differs == (text != "[]"));
  return text;
}

}  // namespace

TEST_CASE("the amount and fee that lnd reports are compared with the withdrawal") {
  CHECK(differences("1000000", "2000") == "[]");
  const auto amount = differences("2000000", "2000");
  CHECK(amount.contains(R"("kind":"other_amount")"));
  CHECK(amount.contains(R"("here_msat":1000000,"node_msat":2000000)"));
  const auto fee = differences("1000000", "2001");
  CHECK(fee.contains(R"("kind":"other_fee")"));
  CHECK(fee.contains(R"("here_msat":2000,"node_msat":2001)"));
}

}  // namespace lntpay::node_reconciliation_test
