// The deletion of unpaid challenges: on the evidence of the node that made the invoice.
#include "core/charge/challenge_end.hpp"

#include "core/charge/charge_creation.hpp"
#include "core/lightning/node/node_instance.hpp"
#include "tests/support/challenge_shop.hpp"

namespace lntpay::challenge_end_test {
namespace {

using test::ChallengeShop;
using test::gone_text;
using test::is_call;
using test::paid_text;
using test::unpaid_text;

}  // namespace

TEST_CASE("an unpaid challenge is deleted once its node has canceled the invoice") {
  ChallengeShop shop;
  const auto charge = shop.issued();
  CHECK(shop.pass(minutes(14)) == 0);
  CHECK(shop.text(charge.payment_hash) == unpaid_text);
  CHECK(shop.pass(minutes(2)) == 1);
  CHECK(shop.text(charge.payment_hash) == gone_text);
  CHECK(shop.alarms.empty());
}

TEST_CASE("a request whose answer was lost keeps its row until the node has denied the invoice twice, by both clocks") {
  ChallengeShop shop;
  shop.lnd.instead = [&](const Outgoing& asked) {
    return is_call(asked, "/v1/invoices") ? std::optional(Reply{NoAnswer{"timed out"}}) : std::nullopt;
  };
  CHECK(shop.issue().error().code == ErrorCode::node_unavailable);
  REQUIRE(shop.due().size() == 1);
  SUBCASE("both clocks agree") {
    shop.pass(minutes(15));
    CHECK(shop.due().size() == 1);
    shop.pass(seconds(59));
    CHECK(shop.due().size() == 1);
    shop.pass(seconds(2));
    CHECK(shop.due().empty());
    CHECK(shop.world.store.count("challenge") == 0);
  }
  SUBCASE("the node's clock is behind") {
    shop.lnd.ahead = Millis{-3'600'000};
    shop.pass(minutes(60));
    CHECK(shop.due().size() == 1);
    shop.pass(minutes(30));
    CHECK(shop.due().empty());
  }
  SUBCASE("the node's clock is not known") {
    shop.lnd.sends_date = false;
    shop.pass(hours(48));
    CHECK(shop.due().size() == 1);
  }
}

TEST_CASE("an acknowledged challenge that the node forgot is deleted after a day, and counted") {
  ChallengeShop shop;
  const auto charge = shop.issued();
  shop.lnd.invoices.clear();
  shop.pass(hours(24));
  CHECK(shop.text(charge.payment_hash) == unpaid_text);
  shop.pass(hours(1));
  CHECK(shop.text(charge.payment_hash) == gone_text);
  REQUIRE(shop.alarms.size() == 1);
  CHECK(shop.alarms.front().starts_with(challenge_forgotten));
}

TEST_CASE("another node, or one that was restored, ends no challenge, and its settlement counts") {
  ChallengeShop shop;
  const auto charge = shop.issued();
  SUBCASE("another key") { shop.lnd.identity = "02f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9"; }
  SUBCASE("restored") {
    shop.world.must([](Context& cx) { return record_restore(cx, Environment::live, "from seed", {}); });
  }
  shop.pass(days(3));
  CHECK(shop.text(charge.payment_hash) == unpaid_text);
  shop.lnd.invoices.at(hex(charge.payment_hash)).state = "OPEN";
  shop.lnd.settle(charge.payment_hash, 21'000);
  shop.pass(days(2));
  CHECK(shop.text(charge.payment_hash).ends_with("| settled, due 0"));
}

TEST_CASE("a node that does not answer is asked again, and decides nothing") {
  ChallengeShop shop;
  const auto charge = shop.issued();
  shop.lnd.instead = [](const Outgoing&) { return std::optional(Reply{NoAnswer{"down"}}); };
  CHECK(shop.pass(hours(12)) > 3);
  CHECK(shop.text(charge.payment_hash) == unpaid_text);
  shop.lnd.instead = nullptr;
  shop.pass(hours(2));
  CHECK(shop.text(charge.payment_hash) == gone_text);
}

TEST_CASE("the decision about a challenge follows from positive evidence") {
  constexpr UnixMillis made{1'800'000'000'000};
  ChallengeRow challenge{.state = ChallengeState::issued, .created_at = made, .expires_at = made + minutes(10)};
  const auto over = challenge.expires_at + minutes(5);
  const auto poll = [&](std::optional<InvoiceState> state, UnixMillis now, bool same = true) {
    InvoiceLookup seen{.invoice = {}, .node_time = now};
    if (state) seen.invoice = NodeInvoice{.bolt11 = {}, .expires_at = challenge.expires_at, .state = *state};
    return decide_challenge(challenge, {seen, same, now}).step;
  };
  using enum ChallengeStep;
  CHECK(poll(InvoiceState::settled, over, false) == settle);
  CHECK(poll(InvoiceState::canceled, over, false) == wait);
  CHECK(poll(InvoiceState::canceled, over) == remove);
  CHECK(poll(InvoiceState::open, over - Millis{1}) == wait);
  CHECK(poll(InvoiceState::open, over) == cancel);
  CHECK(poll(std::nullopt, over) == wait);
  challenge.missing_since = over;
  CHECK(poll(std::nullopt, over + hours(24) - Millis{1}) == wait);
  CHECK(poll(std::nullopt, over + hours(24)) == remove);
  CHECK(poll(std::nullopt, over + hours(24), false) == wait);
  challenge.state = ChallengeState::issuing;
  CHECK(poll(InvoiceState::open, made) == cancel);
  CHECK(poll(std::nullopt, over + minutes(1) - Millis{1}) == wait);
  CHECK(poll(std::nullopt, over + minutes(1)) == remove);
}

TEST_CASE("a charge whose preimage repeats in a challenge keeps its money") {
  ChallengeShop shop;
  const auto charge =
      shop.world.must([&](Context& cx) { return create_charge(cx, shop.world.tenant, {.amount = 5_sat}, {}); }).charge;
  // As after a challenge with the same preimage: the node refused it an invoice.
  shop.world.must([&](Context& cx) -> Task<Result<>> {
    ChallengeRow row{.workspace = WorkspaceId::generate(Shard::number(3), shop.world.now, shop.world.random),
                     .gate = shop.gate,
                     .payment_hash = charge.payment_hash,
                     .created_at = shop.world.now,
                     .expires_at = shop.world.now + minutes(10),
                     .due_at = shop.world.now + minutes(15)};
    const TenantScope tenant{Environment::live, row.workspace};
    WriteBatch batch;
    batch.create(challenge_key(tenant, row.payment_hash), to_row(row));
    add_due(cx, batch, challenge_work(tenant, row.payment_hash), row.due_at);
    co_return co_await attempt(cx.store.commit(std::move(batch)));
  });
  shop.lnd.settle(charge.payment_hash, 5'000);
  REQUIRE(shop.take({shop.lnd.line(charge.payment_hash)}).has_value());
  CHECK(shop.text(charge.payment_hash).starts_with("1 of 5000 in 1 entries | charge.created charge.paid |"));
  shop.pass(minutes(16));
  CHECK(shop.text(charge.payment_hash).ends_with("| none, due 0"));
}

}  // namespace lntpay::challenge_end_test
