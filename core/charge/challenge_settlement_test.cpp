// A paid challenge: its charge, by whatever way the payment is noticed.
#include "core/charge/challenge_settlement.hpp"

#include "core/charge/challenge_operations.hpp"
#include "core/charge/unmatched_settlement.hpp"
#include "tests/support/challenge_shop.hpp"

namespace lntpay::challenge_settlement_test {
namespace {

using test::ChallengeShop;
using test::CommitFault;
using test::paid_text;

}  // namespace

TEST_CASE("a payment makes charge, credit and event in one commit, with an id that follows from the hash") {
  ChallengeShop shop;
  const auto charge = shop.issued();
  shop.world.now = shop.world.now + seconds(30);
  shop.lnd.settle(charge.payment_hash, 21'000);
  const auto commits = shop.world.store.commits();
  const auto made = shop.refresh(charge.payment_hash);
  REQUIRE(made.has_value());
  CHECK(shop.text(charge.payment_hash) == paid_text);
  // The credit, the challenge's row, and the volatile rows of places.
  CHECK(shop.world.store.commits() <= commits + 3);
  CHECK(made->id == challenge_charge_id(shop.world.tenant, charge.payment_hash, shop.world.now));
  CHECK(made->created_at == shop.world.now);
  CHECK(made->paid_at == shop.world.now);
  CHECK(made->bolt11 == charge.bolt11);
  CHECK(shop.row(charge.payment_hash)->charge == made->id);
  CHECK(shop.refresh(charge.payment_hash)->id == made->id);
  CHECK(shop.pass(hours(1)) == 0);
  CHECK(shop.text(charge.payment_hash) == paid_text);
}

TEST_CASE("an underpayment is credited and unlocks nothing; a late payment follows the gate's policy") {
  ChallengeShop shop;
  const auto less = shop.issued();
  shop.lnd.settle(less.payment_hash, 20'999);
  CHECK(shop.refresh(less.payment_hash)->status == ChargeStatus::underpaid);
  const auto late = shop.issued();
  shop.world.now = shop.world.now + seconds(601);
  shop.lnd.settle(late.payment_hash, 21'000);
  CHECK(shop.refresh(late.payment_hash)->status == ChargeStatus::paid_late);
  CHECK(shop.text(late.payment_hash) == "2 of 41999 in 2 entries | charge.underpaid charge.paid_late | settled, due 0");
}

TEST_CASE("the due task credits a payment that nothing else noticed, whatever its commits return") {
  for (const auto fault : {CommitFault::conflict, CommitFault::unknown_written, CommitFault::unknown_not_written}) {
    for (std::size_t number = 1; number <= 4; ++number) {
      ChallengeShop shop;
      const auto charge = shop.issued();
      shop.lnd.settle(charge.payment_hash, 21'000);
      shop.world.store.fault_at(number, fault);
      shop.pass(minutes(16));
      shop.world.store.faults.clear();
      shop.pass(minutes(10));
      CHECK(shop.text(charge.payment_hash) == paid_text);
    }
  }
}

TEST_CASE("a settlement that crashes at any effect is completed by the due task") {
  for (std::uint64_t effect = 1;; ++effect) {
    CAPTURE(effect);
    ChallengeShop shop;
    const auto charge = shop.issued();
    shop.lnd.settle(charge.payment_hash, 21'000);
    shop.world.crashes_at = effect;
    const auto ended =
        shop.world.run_until_crash([&](Context& cx) { return refresh_challenge(cx, shop.world.tenant, charge.payment_hash); });
    shop.world.crashes_at = 0;
    shop.pass(minutes(20));
    CHECK(shop.text(charge.payment_hash) == paid_text);
    if (ended) {
      CHECK(effect > 6);
      return;
    }
  }
}

TEST_CASE("the stream credits challenges, then its cursor moves; what belongs to nobody is counted") {
  ChallengeShop shop;
  shop.world.must([](Context& cx) { return open_invoice_stream(cx); });
  const auto charge = shop.issued();
  const auto other = shop.issued();
  shop.lnd.settle(charge.payment_hash, 21'000);
  shop.lnd.settle(other.payment_hash, 30'000);
  const std::vector<std::string> lines{shop.lnd.line(charge.payment_hash), shop.lnd.line(other.payment_hash)};
  REQUIRE(shop.take(lines).has_value());
  CHECK(shop.text(charge.payment_hash) == "2 of 51000 in 2 entries | charge.paid charge.paid | settled, due 0");
  REQUIRE(shop.take(lines).has_value());
  CHECK(shop.text(other.payment_hash) == "2 of 51000 in 2 entries | charge.paid charge.paid | settled, due 0");

  for (const auto& invoice : {charge, other}) shop.world.store.erase(challenge_key(shop.world.tenant, invoice.payment_hash));
  shop.lnd.settle(charge.payment_hash, 7'000);
  REQUIRE(shop.take({shop.lnd.line(charge.payment_hash)}).has_value());
  const auto unmatched = shop.world.must([](Context& cx) { return load_unmatched(cx); });
  CHECK(unmatched.count == 1);
  REQUIRE(unmatched.kept.size() == 1);
  CHECK(unmatched.kept.front().payment_hash == charge.payment_hash);
  CHECK(unmatched.kept.front().paid == 7'000_msat);
}

TEST_CASE("the last thousand settlements of nobody are kept") {
  ChallengeShop shop;
  for (std::uint64_t number = 1; number <= 1'003; ++number) {
    shop.world.must([&](Context& cx) -> Task<Result<>> {
      WriteBatch batch;
      co_await add_unmatched(cx, batch, {{.payment_hash = Bytes32{1}, .paid = Msat{number}}});
      co_return co_await attempt(cx.store.commit(std::move(batch)));
    });
  }
  const auto unmatched = shop.world.must([](Context& cx) { return load_unmatched(cx); });
  CHECK(unmatched.count == 1'003);
  CHECK(unmatched.kept.size() == 1'000);
  CHECK(unmatched.kept.front().paid == 1'003_msat);
  CHECK(unmatched.kept.back().paid == 4_msat);
}

TEST_CASE("settlements beyond a session's bound become due work in the commit of the cursor") {
  ChallengeShop shop;
  shop.world.must([](Context& cx) { return open_invoice_stream(cx); });
  std::vector<std::string> lines;
  for (int i = 0; i < 103; ++i) {
    const auto charge = shop.issued();
    shop.lnd.settle(charge.payment_hash, 21'000);
    lines.push_back(shop.lnd.line(charge.payment_hash));
  }
  REQUIRE(shop.take(lines).has_value());
  CHECK(shop.world.store.count("/charge/ch_") == 100);
  std::vector<std::string> parked;
  for (const auto& [key, entry] : shop.world.store.rows()) {
    if (key.starts_with("00/due/credit/")) parked.push_back(key);
  }
  REQUIRE(parked.size() == 3);
  for (const auto& key : parked) shop.world.must([&](Context& cx) { return retry_deferred_credit(cx, key); });
  CHECK(shop.world.store.count("/charge/ch_") == 103);
  CHECK(shop.world.store.count("00/due/credit/") == 0);
  CHECK(shop.due().empty());
}

TEST_CASE("a hash is polled once a second, however many ask") {
  ChallengeShop shop;
  const auto charge = shop.issued();
  const auto ask = [&] {
    shop.world.must([&](Context& cx) { return notice_payment(cx, shop.world.tenant, charge.payment_hash); });
  };
  const auto polls = [&] { return shop.lnd.asked_for["/v1/invoice"]; };
  for (int i = 0; i < 5; ++i) ask();
  CHECK(polls() == 1);
  shop.world.now = shop.world.now + seconds(1);
  shop.lnd.settle(charge.payment_hash, 21'000);
  for (int i = 0; i < 5; ++i) ask();
  CHECK(polls() == 2);
  CHECK(shop.text(charge.payment_hash) == paid_text);
}

TEST_CASE("a challenge of another workspace is not found by its hash") {
  ChallengeShop shop;
  const auto charge = shop.issued();
  auto other = shop.world.tenant;
  other.workspace = WorkspaceId::generate(Shard::number(3), shop.world.now, shop.world.random);
  CHECK_FALSE(shop.world.must([&](Context& cx) { return find_by_hash(cx, other, charge.payment_hash); }).has_value());
  CHECK(shop.world.must([&](Context& cx) { return find_by_hash(cx, shop.world.tenant, charge.payment_hash); }).has_value());
  CHECK(shop.world.run([&](Context& cx) { return refresh_challenge(cx, other, charge.payment_hash); }).error().code ==
        ErrorCode::not_found);
}

}  // namespace lntpay::challenge_settlement_test
