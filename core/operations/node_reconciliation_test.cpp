// Reconciliation of a withdrawal with lnd, which reports the amount that arrived. The sandbox's node:
// edge/resources/reconciliation_test.cpp.
#include "core/operations/node_reconciliation.hpp"

#include "core/base/encoding.hpp"
#include "core/charge/challenge_issue.hpp"
#include "core/charge/challenge_settlement.hpp"
#include "core/crypto/sha256.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "tests/support/core_world.hpp"
#include "tests/support/lnd_invoices.hpp"

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
  AccountState account{.available = 2'000_sat};
  for (const auto& transfer : {lock_transfer(withdrawal), settle_transfer(withdrawal, withdrawal.fee)}) {
    const auto entry = post(account, transfer, EntryId::generate(world.tenant.shard(), world.now, world.random), world.now).value();
    world.store.put(entry_key(world.tenant, entry.seq), to_row(entry));
    world.store.put(transfer_key(world.tenant, entry.transfer), to_row(TransferPlace{entry.id, entry.seq}));
  }
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

TEST_CASE("challenges of all shards are compared with the node, page by page") {
  test::CoreWorld world;
  test::LndInvoices lnd(world);
  const auto gate = GateId::generate(world.tenant.shard(), world.now, world.random);
  std::vector<Bytes32> hashes;
  for (int i = 0; i < 10; ++i) {
    const auto made = world.must(
        [&](Context& cx) { return issue_challenge(cx, world.tenant, {.gate = gate, .amount = 21_sat, .description = "x"}, {}); });
    hashes.push_back(made.payment_hash);
  }
  const auto compare = [&](std::uint32_t rows) {
    std::string differences;
    std::uint64_t challenges = 0;
    ChallengeReconciliation found;
    do {
      ChallengeReconciliation page{.last = found.last};
      world.must([&](Context& cx) { return reconcile_challenges(cx, rows, page); });
      challenges += page.challenges;
      if (page.differs) differences += page.differences.text();
      found.last = page.last;
    } while (!found.last.empty());
    CHECK(challenges == 10);
    return differences;
  };
  CHECK(compare(3).empty());
  lnd.settle(hashes[0], 21'000);
  lnd.settle(hashes[1], 21'000);
  world.must([&](Context& cx) { return refresh_challenge(cx, world.tenant, hashes[1]); });
  lnd.invoices.erase(hex(hashes[2]));
  const auto differences = compare(4);
  CHECK(differences.contains(R"("kind":"not_credited","id":")" + hex(hashes[0])));
  CHECK(differences.contains(R"("kind":"no_invoice","id":")" + hex(hashes[2])));
  CHECK_FALSE(differences.contains(hex(hashes[1])));
  lnd.invoices.at(hex(hashes[1])).state = "OPEN";
  CHECK(compare(100).contains(R"("kind":"not_received","id":")" + hex(hashes[1])));
}

}  // namespace lntpay::node_reconciliation_test
