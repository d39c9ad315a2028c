// The check of a store passes the rows of every kind, and finds each row that is damaged, missing or left.
#include "core/store_check/store_verification.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/event/event_retention.hpp"
#include "core/store_check/row_kinds.hpp"
#include "tests/support/ledger_cut.hpp"
#include "tests/support/store_story.hpp"

namespace lntpay::test::store_verification_test {
namespace {

StoreReport check(World& world) {
  Seam seam(world.now);
  Random random({1, 2, 3, 4});
  const Settings settings;
  Context cx(seam, random, settings);
  StoreCheck checked;
  for (;;) {
    auto task = check_next(cx, checked);
    task.start(seam);
    while (seam.waiting()) {
      std::vector<Reply> replies;
      for (const auto& effect : seam.take_effects()) replies.push_back(world.store.perform(effect));
      seam.answer(world.now, std::move(replies));
    }
    const auto more = *task.value();
    REQUIRE_MESSAGE(more.has_value(), (more ? std::string() : more.error().message));
    if (!*more) return checked.report;
  }
}

std::string text(const StoreReport& report) {
  std::string lines;
  for (const auto& [key, problem] : report.findings) lines += key + " " + problem + "\n";
  return lines;
}

std::vector<Entry> durable_rows(const World& world) {
  std::vector<Entry> rows;
  for (const auto& [key, row] : world.store.rows()) {
    if (!key.starts_with('~')) rows.push_back(row);
  }
  return rows;
}

std::string kind_name(const std::string& key) {
  const auto found = kind_of(key);
  return found.kind == nullptr ? "none" : std::string(found.kind->name);
}

}  // namespace

TEST_CASE("a store with rows of every kind is good, at any time of its story") {
  StoreStory story;
  CHECK(text(check(story)).empty());
  story.run_due();
  CHECK(text(check(story)).empty());
  story.pass(days(2));
  const auto report = check(story);
  CHECK(text(report).empty());
  CHECK(report.ledgers >= 4);
  CHECK(report.entries > 10);
  CHECK(report.rows_total == story.store.rows().size());
  for (const auto* kind : {"account",
                           "ledger entry",
                           "transfer",
                           "event",
                           "event id",
                           "retention",
                           "charge",
                           "charge by status",
                           "charge by external id",
                           "charge finder",
                           "test challenge",
                           "withdrawal",
                           "withdrawal by status",
                           "withdrawal by external id",
                           "payment-hash lock",
                           "sandbox invoice",
                           "sandbox invoice to pay",
                           "sandbox payment",
                           "webhook endpoint",
                           "webhook secret",
                           "delivery",
                           "delivery of an endpoint",
                           "delivery about an object",
                           "attempt",
                           "dead letter",
                           "workspace",
                           "listed workspace",
                           "used shard",
                           "API key",
                           "API key pointer",
                           "gate",
                           "closed gate",
                           "gate finder",
                           "uses of a payment",
                           "redemption",
                           "Idempotency-Key",
                           "audit note",
                           "sandbox controls",
                           "due work"}) {
    CHECK_MESSAGE(report.rows.contains(kind), kind);
  }
}

TEST_CASE("a pruned store is good, and needs its row of retention") {
  StoreStory story;
  for (int day = 0; day < 95; ++day) {
    REQUIRE(story.post("/v1/sandbox/clock/advance", R"({"ms":86400000})").status() == 200);
    story.run_due();
  }
  CHECK(text(check(story)).empty());
  std::string retention;
  for (const auto& row : durable_rows(story)) {
    if (kind_name(row.key) == "retention" && from_row<Retention>(row)->oldest_seq > 1) retention = row.key;
  }
  REQUIRE_FALSE(retention.empty());
  const auto row = story.store.rows().at(retention);
  story.store.erase(retention);
  CHECK(text(check(story)).contains(" events, and the store has "));
  auto moved = *from_row<Retention>(row);
  ++moved.oldest_seq;
  story.store.put(retention, to_row(moved));
  CHECK(check(story).findings_total > 0);
  story.store.put(retention, row.value);
  CHECK(check(story).findings_total == 0);
}

TEST_CASE("a row that is not of its kind is found, whatever its kind") {
  StoreStory story;
  std::set<std::string> tried;
  for (const auto& row : durable_rows(story)) {
    const auto kind = kind_name(row.key);
    if (kind == "none" || !tried.insert(kind).second) continue;
    story.store.put(row.key, "9|damaged");
    const auto report = check(story);
    const bool found = std::ranges::any_of(report.findings, [&](const auto& each) { return each.key == row.key; });
    CHECK_MESSAGE(found, row.key, "\n", text(report));
    story.store.put(row.key, row.value);
  }
  CHECK(tried.size() > 30);
  CHECK(check(story).findings_total == 0);
}

TEST_CASE("a missing row is found, but for those that another may lack") {
  // No row needs these: an unused listing, quotas, limits, notes, controls with their defaults, a node's memory, an unpaid
  // challenge, the index of metadata, which records of earlier versions lack.
  const std::set<std::string> may_be_missing{"payment-hash lock",
                                             "closed gate",
                                             "day of an API key",
                                             "audit note",
                                             "sandbox controls",
                                             "sandbox clock",
                                             "sandbox invoice",
                                             "sandbox payment",
                                             "sandbox invoice to pay",
                                             "Idempotency-Key",
                                             "redemption",
                                             "gate",
                                             "gate finder",
                                             "due work",
                                             "attempt",
                                             "listed workspace",
                                             "failing endpoint",
                                             "pace of an endpoint",
                                             "test challenge",
                                             "charge by metadata",
                                             "withdrawal by metadata",
                                             "logged request",
                                             "pay link"};
  StoreStory story;
  std::set<std::string> tried;
  for (const auto& row : durable_rows(story)) {
    const auto kind = kind_name(row.key);
    if (may_be_missing.contains(kind) || !tried.insert(kind).second) continue;
    story.store.erase(row.key);
    CHECK_MESSAGE(check(story).findings_total > 0, row.key);
    story.store.put(row.key, row.value);
  }
}

TEST_CASE("index rows, due rows and finders are compared in both directions") {
  StoreStory story;
  const auto rows = durable_rows(story);
  const auto key_with = [&](const std::string& part, const std::string& end) {
    const auto found =
        std::ranges::find_if(rows, [&](const Entry& row) { return row.key.contains(part) && row.key.ends_with(end); });
    REQUIRE_MESSAGE(found != rows.end(), part, end);
    return found->key;
  };
  const auto without = [&](const std::string& key) {
    const auto row = story.store.rows().at(key);
    story.store.erase(key);
    auto found = text(check(story));
    story.store.put(key, row.value);
    return found;
  };
  CHECK(without(key_with("/charge_by/status/paid/", story.paid)).contains(story.paid + " has no row "));
  CHECK(without(key_with("/charge_by/external_id/", story.paid)).contains(story.paid + " has no row "));
  CHECK(without(key_with("/due/charge/", story.open)).contains(story.open + " has no due row"));
  CHECK(without(key_with("/due/idem/", "")).contains(" has no due row"));
  CHECK(without(key_with("/charge/", story.paid)).contains("/charge_by/status/paid/" + story.paid + " has no row "));

  // A lock is needed by its open or paid withdrawal, not by one that failed; due work is not needed after a reset.
  std::size_t needed = 0;
  std::size_t needed_due = 0;
  for (const auto& row : rows) {
    if (row.key.ends_with("/guard")) needed += without(row.key).contains(" has no row " + row.key) ? 1U : 0U;
    if (row.key.contains("/due/withdrawal/")) needed_due += without(row.key).contains(" has no due row") ? 1U : 0U;
  }
  CHECK(needed_due > 0);
  CHECK(needed == 4);

  std::size_t charge_needs = 0;
  std::size_t challenge_needs = 0;
  for (const auto& row : rows) {
    if (kind_name(row.key) == "test challenge") charge_needs += without(row.key).contains(" has no row " + row.key) ? 1U : 0U;
    if (row.key.contains("/due/challenge/")) challenge_needs += without(row.key).contains(" has no due row") ? 1U : 0U;
  }
  CHECK(charge_needs == 1);     // the paid one's
  CHECK(challenge_needs == 1);  // the unpaid one

  const auto secret = key_with("/webhook_secret", "");
  const auto without_secret = without(secret);
  CHECK(without_secret.contains(" has no row " + secret));
  CHECK(std::ranges::count(without_secret, '\n') == 2);  // a charge with a webhook_url, and the delivery of that charge's payment

  const auto listed = key_with("/charge_by/status/paid/", story.paid);
  auto left = listed;
  left.replace(left.find("/paid/"), 6, "/expired/");
  story.store.put(left, "");
  CHECK(text(check(story)).contains(left + " lists a charge in another state"));
}

TEST_CASE("a ledger that does not verify, an unknown key and bad UTF-8 are found") {
  StoreStory story;
  const auto rows = durable_rows(story);
  const auto entry = std::ranges::find_if(rows, [](const Entry& row) { return row.key.contains("/ledger/"); });
  REQUIRE(entry != rows.end());
  auto forged = entry->value;
  forged.replace(forged.rfind('|') + 1, 4, "0000");
  story.store.put(entry->key, forged);
  const auto broken = text(check(story));
  CHECK_MESSAGE(broken.contains("/ledger/00000000000000000001 its ledger does not verify: "), broken);
  story.store.put(entry->key, entry->value);

  story.store.put("Ab/nothing/known", "1");
  CHECK(text(check(story)) == "Ab/nothing/known has a key of no known kind\n");
  story.store.put("Ab/nothing/known", "\xff");
  CHECK(text(check(story)) == "Ab/nothing/known is not UTF-8\n");
}

TEST_CASE("a ledger that was cut off is found, wherever it was cut") {
  StoreStory story;
  const TenantScope tenant{.workspace = *WorkspaceId::parse(story.get("/v1/workspace").text("id"))};
  const auto whole = story.store;
  for (const auto transfers : {TransferRows::cut_too, TransferRows::left}) {
    for (auto last = stored_account(story.store, tenant).entries; last-- > 0;) {
      cut_ledger(story.store, tenant, last, transfers);
      CHECK_MESSAGE(check(story).findings_total > 0, "the last entry: ", last);
      story.store = whole;
    }
  }
  // Of a lost entry whose place another took, the row of its transfer leads to the wrong one.
  cut_ledger(story.store, tenant, 3, TransferRows::left);
  REQUIRE(story.post("/v1/sandbox/fund", R"({"amount_sats":7})").status() < 300);
  CHECK(text(check(story)).contains(" leads to another transfer's entry: " + entry_key(tenant, 4)));
}

TEST_CASE("a report keeps its first hundred findings and counts the others") {
  World world;
  for (int i = 0; i < 120; ++i) world.store.put("zz/unknown/" + std::to_string(i), "secret text");
  const auto report = check(world);
  CHECK(report.findings_total == 120);
  CHECK(report.findings.size() == StoreReport::findings_kept_max);
  CHECK_FALSE(text(report).contains("secret text"));
}

}  // namespace lntpay::test::store_verification_test
