// A poll that finds no invoice is no evidence about one that is issued afterwards.
#include "core/charge/challenge_end.hpp"
#include "core/charge/challenge_issue.hpp"
#include "tests/support/lnd_invoices.hpp"

namespace lntpay::challenge_misses_test {
namespace {

bool is_lookup(const Outgoing& asked) { return asked.target.starts_with("/v1/invoice/"); }

struct Shop {
  test::CoreWorld world;
  test::LndInvoices lnd{world};
  GateId gate = GateId::generate(world.tenant.shard(), world.now, world.random);

  Result<Charge> issue() {
    return world.run([&](Context& cx) {
      return issue_challenge(cx, world.tenant, {.gate = gate, .amount = 21_sat, .description = "GET /", .gate_terms = "terms"}, {});
    });
  }
  /// The key of the only one.
  [[nodiscard]] std::string key() const {
    for (const auto& [key, entry] : world.store.rows()) {
      if (key.substr(2).starts_with("/live_challenge/")) return key;
    }
    return {};
  }
  [[nodiscard]] ChallengeRow row() const { return from_row<ChallengeRow>(world.store.rows().at(key()).value).value(); }
  /// As another session.
  void change(void (*what)(ChallengeRow&, UnixMillis now)) {
    auto changed = row();
    what(changed, world.now);
    world.store.put(key(), to_row(changed));
  }
};

}  // namespace

TEST_CASE("an issued challenge forgets that the node had no invoice before") {
  Shop shop;
  shop.lnd.instead = [&](const Outgoing& asked) -> std::optional<Reply> {
    if (asked.target == "/v1/invoices") shop.change([](ChallengeRow& row, UnixMillis now) { row.missing_since = now; });
    return std::nullopt;
  };
  REQUIRE(shop.issue().has_value());
  CHECK(shop.row().state == ChallengeState::issued);
  CHECK_FALSE(shop.row().missing_since.has_value());
}

TEST_CASE("a poll notes no missing invoice if it was issued meanwhile") {
  Shop shop;
  shop.lnd.instead = [](const Outgoing& asked) {
    return asked.target.starts_with("/v1/invoice") ? std::optional<Reply>(NoAnswer{"timed out"}) : std::nullopt;
  };
  REQUIRE_FALSE(shop.issue().has_value());
  REQUIRE(shop.row().state == ChallengeState::issuing);
  shop.world.now = shop.row().due_at;
  shop.lnd.instead = [&](const Outgoing& asked) -> std::optional<Reply> {
    if (is_lookup(asked)) shop.change([](ChallengeRow& row, UnixMillis) { row.state = ChallengeState::issued; });
    return std::nullopt;
  };
  const auto due = due_key(challenge_work(shop.world.tenant, shop.row().payment_hash), shop.row().due_at);
  shop.world.must([&](Context& cx) { return run_challenge(cx, due); });
  CHECK(shop.row().state == ChallengeState::issued);
  CHECK_FALSE(shop.row().missing_since.has_value());
}

}  // namespace lntpay::challenge_misses_test
