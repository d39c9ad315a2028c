// The money of a workspace is verified while withdrawals continue, and every violation is reported.
#include "core/operations/money_verification.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/ledger/ledger_entry.hpp"
#include "core/storage/row.hpp"
#include "core/withdrawal/withdrawal.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::money_verification_test {
namespace {

/// A workspace with withdrawals: one of each behaviour, and two that were not sent.
struct Spending : World {
  TenantScope tenant;
  std::vector<std::string> ids;

  Spending() {
    bootstrap();
    tenant.workspace = *WorkspaceId::parse(get("/v1/workspace").text("id"));
    REQUIRE(post("/v1/sandbox/fund", R"({"amount_sats":100000})").status() < 300);
    for (const auto* behavior : {"succeed", "fail", "slow", "stuck", "unknown_then_succeed"}) withdraw(behavior);
    run_due();
    withdraw("stuck");
    withdraw("stuck");
  }
  void withdraw(const std::string& behavior) {
    const auto invoice = post("/v1/sandbox/invoices", R"({"amount_sats":1000,"behavior":")" + behavior + "\"}");
    const auto made = post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + "\"}",
                           {{"idempotency-key", "w" + std::to_string(ids.size())}});
    REQUIRE_MESSAGE(made.status() == 202, made.body());
    ids.push_back(made.text("id"));
  }
  std::string key(std::size_t which) const { return tenant.key("wd", ids[which]); }
  Withdrawal stored(std::size_t which) { return *from_row<Withdrawal>(store.rows().at(key(which)).value); }
  void put(const Withdrawal& withdrawal) { store.put(tenant.key("wd", withdrawal.id.text()), to_row(withdrawal)); }

  /// Runs `others` before effect number `others_at`.
  MoneyProof prove(MoneyProof from = {}, std::uint32_t rows = verified_rows_max, std::size_t others_at = SIZE_MAX,
                   const std::function<void()>& others = {}) {
    Seam seam(now);
    Random random({1, 2, 3, 4});
    const Settings settings;
    Context cx(seam, random, settings);
    auto task = verify_money(cx, tenant, from, rows);
    task.start(seam);
    effects = 0;
    while (seam.waiting()) {
      const auto asked = seam.take_effects();
      if (effects++ == others_at) others();
      std::vector<Reply> replies;
      for (const auto& effect : asked) replies.push_back(store.perform(effect));
      seam.answer(now, std::move(replies));
    }
    REQUIRE(task.value().has_value());
    return **task.value();
  }
  std::size_t effects = 0;  ///< of the last proof
};

/// "ok", "ok, more" or "I3 … at 7".
std::string text(const MoneyProof& proof) {
  if (proof.ledger.ok) return proof.ledger.complete ? "ok" : "ok, more";
  return proof.ledger.problem + " at " + std::to_string(proof.ledger.problem_seq);
}

/// The result after rows were damaged.
template <class Damage>
std::string after(Damage damage) {
  Spending world;
  damage(world);
  return text(world.prove());
}

constexpr auto i3 = "I3 locked is the sum of open reservations";

}  // namespace

TEST_CASE("locked is the sum of open reservations, in one call and in many") {
  Spending world;
  CHECK(text(world.prove()) == "ok");
  for (const std::uint32_t rows : {1U, 2U, 3U}) {
    auto proof = world.prove({}, rows);
    int calls = 1;
    for (; text(proof) == "ok, more" && calls < 100; ++calls) {
      const auto from = parse_proof(proof_text(proof));
      REQUIRE_MESSAGE(from.has_value(), proof_text(proof));
      proof = world.prove(*from, rows);
    }
    CHECK(text(proof) == "ok");
    CHECK(proof.at.empty());
    CHECK(proof_text(proof) == fold_text(proof.ledger.folded));
    CHECK(calls > 3);
  }
}

TEST_CASE("a withdrawal that changes during verification is no false alarm") {
  std::size_t effects = 1;
  for (std::size_t at = 0; at < effects; ++at) {
    Spending world;
    const auto proof = world.prove({}, verified_rows_max, at, [&world] {
      world.withdraw("succeed");
      world.post("/v1/withdrawals/" + world.ids[6] + "/cancel");
      world.run_due();
      world.pass(hours(1));
    });
    CHECK_MESSAGE(text(proof).starts_with("ok"), text(proof));
    CHECK(text(world.prove(proof)) == "ok");
    effects = world.effects;
  }
  CHECK(effects > 2);
}

TEST_CASE("withdrawals may change between the calls of a verification") {
  Spending world;
  auto proof = world.prove({}, 1);
  for (int i = 0; i < 60; ++i) {
    REQUIRE_MESSAGE(proof.ledger.ok, text(proof));
    if (i % 7 == 0) world.withdraw(i % 2 == 0 ? "succeed" : "slow");
    world.pass(seconds(20));
    proof = world.prove(*parse_proof(proof_text(proof)), 1);
  }
  while (text(proof) == "ok, more") proof = world.prove(*parse_proof(proof_text(proof)), 1);
  CHECK(text(proof) == "ok");
}

TEST_CASE("a lock that disagrees with its withdrawal is reported") {
  Spending untouched;
  REQUIRE(untouched.stored(5).status == WithdrawalStatus::pending);
  REQUIRE(untouched.stored(0).status == WithdrawalStatus::succeeded);
  // Another amount than was locked.
  CHECK(after([](Spending& world) {
          auto row = world.stored(5);
          row.reserved.fee_limit.value += 1;
          world.put(row);
        }).starts_with(i3));
  // Final without a resolution.
  CHECK(after([](Spending& world) {
          auto row = world.stored(5);
          row.status = WithdrawalStatus::failed;
          world.put(row);
        }).starts_with(i3));
  // Deleted, or never locked.
  CHECK(after([](Spending& world) { world.store.erase(world.key(5)); }).starts_with(i3));
  CHECK(after([](Spending& world) {
          auto row = world.stored(5);
          row.status = WithdrawalStatus::abandoned;
          world.put(row);
        }).starts_with(i3));
  // Resolved, but open.
  CHECK(after([](Spending& world) {
          auto row = world.stored(0);
          row.status = WithdrawalStatus::unknown;
          world.put(row);
        }).starts_with(i3));
  // Settled with another fee.
  CHECK(after([](Spending& world) {
          auto row = world.stored(0);
          row.fee.value += 1;
          world.put(row);
        }).starts_with(i3));
}

TEST_CASE("a withdrawal without a lock is reported") {
  Spending world;
  auto row = world.stored(5);
  row.id = *WithdrawalId::parse(row.id.text().substr(0, row.id.text().size() - 4) + "0000");
  row.status = WithdrawalStatus::unknown;
  world.put(row);
  world.store.put(withdrawals_by_status(world.tenant, row.status) + row.id.text(), "");
  const auto problem = std::string(i3) + ": " + row.id.text() + " has no lock";
  CHECK(world.prove().ledger.problem == problem);
  auto proof = world.prove({}, 1);
  while (text(proof) == "ok, more") proof = world.prove(*parse_proof(proof_text(proof)), 1);
  CHECK(proof.ledger.problem == problem);
  CHECK(world.get("/v1/ledger/verify").text("problem") == problem);
}

TEST_CASE("a forged credit, a deleted charge or account, and a truncated ledger are reported") {
  constexpr auto i6 = "I6 a credit is what its charge received";
  const auto account_of = [](Spending& world) {
    return *from_row<AccountState>(world.store.rows().at(account_key(world.tenant)).value);
  };
  const auto only = [](Spending& world, std::string_view part) {
    const auto& rows = world.store.rows();
    return std::ranges::find_if(rows, [&](const auto& row) { return row.first.contains(part); })->first;
  };
  CHECK(after([&](Spending& world) { world.store.erase(only(world, "/charge/ch_")); }).starts_with(i6));
  CHECK(after([&](Spending& world) { world.store.erase(account_key(world.tenant)); }) ==
        "I4 the account includes every entry at 1");
  // With the chain, the transfer's row and the account recomputed.
  CHECK(after([&](Spending& world) {
          auto account = account_of(world);
          Random random({1, 2, 3, 4});
          const auto entry = *lntpay::post(account,
                                           {.id = credit_transfer_id(Bytes32{7}),
                                            .type = EntryType::charge_credit,
                                            .available_msat = 1'000'000,
                                            .reference = "ch_forged"},
                                           EntryId::generate(world.tenant.shard(), world.now, random), world.now);
          world.store.put(entry_key(world.tenant, entry.seq), to_row(entry));
          world.store.put(transfer_key(world.tenant, entry.transfer), to_row(TransferPlace{entry.id, entry.seq}));
          world.store.put(account_key(world.tenant), to_row(account));
        }).starts_with(i6));
  // The ledger as it was before its last entry, a credit.
  CHECK(after([&](Spending& world) {
          const auto before = account_of(world);
          REQUIRE(world.post("/v1/sandbox/fund", R"({"amount_sats":7})").status() < 300);
          const auto last = *from_row<LedgerEntry>(world.store.rows().at(entry_key(world.tenant, before.entries + 1)).value);
          world.store.erase(entry_key(world.tenant, last.seq));
          world.store.erase(transfer_key(world.tenant, last.transfer));
          world.store.put(account_key(world.tenant), to_row(before));
        }).starts_with(i6));
}

TEST_CASE("a verification resumes only from its own text") {
  const auto fold = fold_text(AccountState{});
  CHECK(parse_proof(fold)->at.empty());
  Spending world;
  const auto place = "unknown/" + world.ids[3];
  CHECK(parse_proof(fold + "." + place)->at == place);
  CHECK(proof_text(*parse_proof(fold + "." + place)) == fold + "." + place);
  CHECK(parse_proof(fold + ".adjustment/" + std::string(64, 'a')).has_value());
  for (const auto& wrong : {std::string("."), std::string(".x"), "." + world.ids[3], ".abandoned/" + world.ids[3],
                            ".adjustment/" + world.ids[3], std::string(".unknown/"), "." + place + ".x"}) {
    CHECK_FALSE(parse_proof(fold + wrong).has_value());
    CHECK(world.get("/v1/ledger/verify?resume=" + fold + wrong).error() == "400 invalid_request");
  }
}

}  // namespace lntpay::test::money_verification_test
