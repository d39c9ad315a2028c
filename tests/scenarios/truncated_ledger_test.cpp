// A ledger that was cut off at its end, with its account set back, is found, wherever it was cut: by the proof, by the
// reconciliation where the node knows of it, and by the check of the store (core/store_check/store_verification_test.cpp).
#include <algorithm>

#include "tests/support/ledger_cut.hpp"
#include "tests/support/misbehaving_node.hpp"

namespace lntpay::test::truncated_ledger_test {
namespace {

/// Entries of every type: credits, withdrawals in every state, one that was given up and then paid, an operator's adjustment.
struct AllEntries : World {
  TenantScope tenant;

  AllEntries() {
    bootstrap();
    tenant.workspace = *WorkspaceId::parse(get("/v1/workspace").text("id"));
    overcharge(*this);
    for (int i = 0; i < 2; ++i) must(post("/v1/sandbox/fund", R"({"amount_sats":10000})"));
    const auto given_up = withdraw("stuck");
    run_due();
    must(post("/v1/sandbox/faults", R"({"faults":["payments_forgotten"]})"));
    pass(hours(2));
    must(administer("/withdrawals/" + given_up + "/resolve", R"({"outcome":"failed","evidence":"no such payment"})"));
    must(post("/v1/sandbox/faults", R"({"faults":[]})"));
    pass(days(3));
    must(administer("/adjustments", R"({"ticket":"1","bearer":"available","amount_msat":500,"evidence":"the node's log"})"));
    for (const auto* behavior : {"fail", "stuck", "succeed"}) withdraw(behavior);
    run_due();
    withdraw("succeed");
    for (const auto type : all_types) REQUIRE(types().contains(name_of(type)));
  }

  static Reading must(Reading answer) {
    REQUIRE_MESSAGE(answer.status() < 300, answer.body());
    return answer;
  }
  std::string withdraw(const std::string& behavior) {
    const auto invoice = must(post("/v1/sandbox/invoices", R"({"amount_sats":1000,"behavior":")" + behavior + "\"}"));
    return must(post("/v1/withdrawals", R"({"bolt11":")" + invoice.text("bolt11") + R"(","max_fee_sats":10})",
                     {{"idempotency-key", invoice.text("payment_hash")}}))
        .text("id");
  }
  std::string types() {
    std::string text;
    for (std::uint64_t seq = 1; seq <= entries(); ++seq) text.append(name_of(entry(seq).type)).append(" ");
    return text;
  }
  std::uint64_t entries() const { return stored_account(store, tenant).entries; }
  LedgerEntry entry(std::uint64_t seq) const { return *from_row<LedgerEntry>(store.rows().at(entry_key(tenant, seq)).value); }

  /// "ok", or the broken rule; in calls of `limit` rows.
  std::string proof(int limit) {
    std::string resume;
    for (;;) {
      const auto call = must(get("/v1/ledger/verify?limit=" + std::to_string(limit) + (resume.empty() ? "" : "&resume=" + resume)));
      if (!call.body().contains(R"("ok":true)")) return call.text("problem");
      if (call.body().contains(R"("complete":true)")) return "ok";
      resume = call.text("resume");
    }
  }
  bool agrees_with_node() { return must(get("/v1/reconciliation")).body().contains(R"("ok":true)"); }

  static constexpr std::array all_types{EntryType::charge_credit, EntryType::withdrawal_lock, EntryType::withdrawal_settle,
                                        EntryType::withdrawal_release, EntryType::adjustment};
};

/// Whether the node knows of what the entry records.
bool is_at_node(EntryType type) { return type == EntryType::charge_credit || type == EntryType::withdrawal_settle; }

}  // namespace

TEST_CASE("a ledger that was cut off is found, wherever it was cut") {
  AllEntries world;
  const auto whole = world.store;
  const auto entries = world.entries();
  REQUIRE(world.proof(10'000) == "ok");
  REQUIRE(world.proof(1) == "ok");
  REQUIRE(world.agrees_with_node());
  for (const auto transfers : {TransferRows::cut_too, TransferRows::left}) {
    bool moved_at_node = false;
    for (auto last = entries; last-- > 0;) {
      moved_at_node = moved_at_node || is_at_node(world.entry(last + 1).type);
      cut_ledger(world.store, world.tenant, last, transfers);
      INFO("the last entry: ", last, ", transfer rows ", transfers == TransferRows::left ? "left" : "cut too");
      CHECK(world.proof(10'000) != "ok");
      CHECK(world.proof(1) != "ok");
      if (moved_at_node) CHECK_FALSE(world.agrees_with_node());
      world.store = whole;
    }
    CHECK(moved_at_node);
  }
}

TEST_CASE("a credit that takes the place of a lost entry does not stand for it") {
  AllEntries world;
  const auto whole = world.store;
  for (auto last = world.entries() - 1; last > 2; last -= 3) {
    cut_ledger(world.store, world.tenant, last, TransferRows::left);
    for (auto seq = last; seq < last + 3; ++seq) AllEntries::must(world.post("/v1/sandbox/fund", R"({"amount_sats":7})"));
    INFO("the last entry: ", last);
    CHECK(world.proof(10'000) != "ok");
    world.store = whole;
  }
}

TEST_CASE("rows of transfers from before format 8 verify") {
  AllEntries world;
  for (std::uint64_t seq = 1; seq <= world.entries(); seq += 2) {
    const auto entry = world.entry(seq);
    world.store.put(transfer_key(world.tenant, entry.transfer), entry.id.text());
  }
  CHECK(world.proof(10'000) == "ok");
  CHECK(world.agrees_with_node());
  // A row that names another entry does not.
  const auto entry = world.entry(2);
  world.store.put(transfer_key(world.tenant, entry.transfer), to_row(TransferPlace{entry.id, 3}));
  CHECK(world.proof(10'000) == "I7 a transfer happens once");
}

}  // namespace lntpay::test::truncated_ledger_test
