// Issuing a challenge in two commits, with every interruption.
#include "core/charge/challenge_issue.hpp"

#include "tests/support/challenge_shop.hpp"

namespace lntpay::challenge_issue_test {
namespace {

using test::ChallengeShop;
using test::CommitFault;
using test::is_call;
using test::paid_text;
using test::unpaid_text;

}  // namespace

TEST_CASE("an unpaid challenge is one row and one due row, in one of 64 shards") {
  ChallengeShop shop;
  const auto before = shop.world.store.rows().size();
  const auto charge = shop.issued();
  CHECK(charge.id.text().empty());
  CHECK(charge.status == ChargeStatus::pending);
  CHECK(charge.external_id == shop.gate.text());
  CHECK(shop.text(charge.payment_hash) == unpaid_text);
  const auto row = *shop.row(charge.payment_hash);
  CHECK(row.node == shop.lnd.identity);
  CHECK(row.expires_at == shop.world.now + seconds(600));
  const auto shard = challenge_shard(charge.payment_hash);
  CHECK(shard < Shard::number(challenge_shard_count));
  CHECK(challenge_key(shop.world.tenant, charge.payment_hash).starts_with(shard.text()));
  CHECK(shop.due().front().starts_with(shard.text()));
  CHECK(due_time(shop.due().front()) == row.expires_at + minutes(5));
  CHECK(shop.world.store.rows().size() == before + 2 + shop.world.store.count("~"));
}

TEST_CASE("an issue that crashes at any effect leaves nothing an hour later, and no invoice that could be paid") {
  for (std::uint64_t effect = 1;; ++effect) {
    CAPTURE(effect);
    ChallengeShop shop;
    const auto before = shop.world.store.rows().size();
    shop.world.crashes_at = effect;
    const auto ended = shop.world.run_until_crash([&](Context& cx) {
      return issue_challenge(cx, shop.world.tenant, {.gate = shop.gate, .amount = 21_sat, .description = "x"}, {});
    });
    shop.world.crashes_at = 0;
    shop.pass(hours(1));
    CHECK(shop.due().empty());
    CHECK(shop.world.store.rows().size() - shop.world.store.count("~") == before);
    for (const auto& [hash, invoice] : shop.lnd.invoices) CHECK(invoice.state == "CANCELED");
    if (ended) {
      CHECK(effect > 6);
      return;
    }
  }
}

TEST_CASE("a node that refuses, and a request that was not sent, leave no row") {
  const auto locked = test::LndInvoices::error_text(2, "wallet locked, unlock it to enable full RPC access");
  for (const Reply& reply : {Reply{NotSent{"refused"}}, Reply{Answered{{500, {}, locked}}}}) {
    ChallengeShop shop;
    shop.lnd.instead = [&](const Outgoing& asked) { return is_call(asked, "/v1/invoices") ? std::optional(reply) : std::nullopt; };
    CHECK(shop.issue().error().code == ErrorCode::node_unavailable);
    CHECK(shop.due().empty());
    CHECK(shop.world.store.count("challenge") == 0);
  }
}

TEST_CASE("if the second commit fails the invoice is canceled, and the client gets none") {
  for (const auto fault : {CommitFault::failed, CommitFault::none}) {
    ChallengeShop shop;
    shop.lnd.instead = [&](const Outgoing& asked) -> std::optional<Reply> {
      if (is_call(asked, "/v1/invoices") && fault == CommitFault::failed) shop.world.store.fault_at(1, fault);
      return std::nullopt;
    };
    const auto made = shop.issue();
    CHECK(made.has_value() == (fault == CommitFault::none));
    CHECK(shop.lnd.only().state == (fault == CommitFault::none ? "OPEN" : "CANCELED"));
    shop.pass(hours(1));
    CHECK(shop.due().empty());
  }
}

TEST_CASE("a repeated request gets the same invoice, unless the node has ended it") {
  ChallengeShop shop;
  const auto issue = [&] {
    return shop.world.run([&](Context& cx) {
      const IdempotencyClaim claim(cx.settings, shop.world.tenant, {.key = "k"}, {.created_at = shop.world.now}, Bytes32{7});
      return issue_challenge(cx, shop.world.tenant, {.gate = shop.gate, .amount = 21_sat, .description = "x"},
                             claim.without_answer());
    });
  };
  const auto first = issue();
  REQUIRE(first.has_value());
  CHECK(issue()->bolt11 == first->bolt11);
  CHECK(shop.due().size() == 1);
  // As after a crash before the second commit.
  const auto put_back = [&] {
    auto row = *shop.row(first->payment_hash);
    row.state = ChallengeState::issuing;
    row.bolt11.clear();
    shop.world.store.put(challenge_key(shop.world.tenant, first->payment_hash), to_row(row));
  };
  put_back();
  CHECK(issue()->bolt11 == first->bolt11);
  put_back();
  shop.lnd.only().state = "CANCELED";
  CHECK(issue().error().code == ErrorCode::node_unavailable);
  put_back();
  shop.lnd.settle(first->payment_hash, 21'000);
  CHECK_FALSE(issue().has_value());
  shop.pass(hours(1));
  CHECK(shop.text(first->payment_hash) == paid_text);
  CHECK(issue()->status == ChargeStatus::paid);
}

}  // namespace lntpay::challenge_issue_test
