// The ledger over HTTP: filters, verification and export, page by page.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/ledger/ledger_export.hpp"
#include "core/storage/row.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::ledger_test {
namespace {

/// A world with this many paid charges, of 1, 2, 3 … sat.
struct Paid : World {
  explicit Paid(int count) {
    bootstrap();
    for (int i = 1; i <= count; ++i) {
      const auto charge = post("/v1/charges", R"({"amount_sats":)" + std::to_string(i) + "}");
      ids.push_back(charge.text("id"));
      REQUIRE(post("/v1/sandbox/charges/" + ids.back() + "/pay").text("status") == "paid");
      now = now + seconds(1);
    }
  }
  std::vector<std::string> ids;
};

/// Follows the Link headers; each response must have the same content type.
std::string whole_export(World& world, std::string query, const std::string& type) {
  std::string text;
  while (!query.empty()) {
    const auto page = world.get("/v1/ledger/export" + query);
    REQUIRE_MESSAGE(page.status() == 200, page.body());
    CHECK(page.header("content-type") == type);
    text += page.body();
    const auto link = page.header("link");
    if (link.empty()) break;
    REQUIRE(link.ends_with(">; rel=\"next\""));
    query = link.substr(1, link.find('>') - 1);
  }
  return text;
}

}  // namespace

TEST_CASE("a paged export equals the whole export, as CSV and JSON lines") {
  Paid world(7);
  const auto csv = world.get("/v1/ledger/export").body();
  CHECK(csv.starts_with(csv_header));
  CHECK(std::ranges::count(csv, '\n') == 8);
  const auto jsonl = world.get("/v1/ledger/export?format=jsonl").body();
  CHECK(std::ranges::count(jsonl, '\n') == 7);
  CHECK_FALSE(world.get("/v1/ledger/export").header("access-control-expose-headers").find("Link") == std::string::npos);
  for (const auto* limit : {"1", "2", "7", "8"}) {
    CAPTURE(limit);
    const auto query = std::string("&limit=") + limit;
    CHECK(whole_export(world, "?format=csv" + query, "text/csv; charset=utf-8") == csv);
    CHECK(whole_export(world, "?format=jsonl" + query, "application/x-ndjson") == jsonl);
  }
}

TEST_CASE("a JSON line of an export is the entry of the list") {
  Paid world(2);
  const auto list = world.get("/v1/ledger?order=asc").body();
  const auto lines = world.get("/v1/ledger/export?format=jsonl").body();
  std::string_view rest = lines;
  while (!rest.empty()) CHECK(list.contains(row::cut(rest, '\n')));
}

TEST_CASE("an export continues after a seq and ends with an empty response") {
  Paid world(3);
  const auto all = world.get("/v1/ledger/export").body();
  const auto rest = world.get("/v1/ledger/export?after_seq=2").body();
  CHECK(all.ends_with(rest));
  CHECK(std::ranges::count(rest, '\n') == 1);
  const auto none = world.get("/v1/ledger/export?after_seq=3");
  CHECK(none.status() == 200);
  CHECK(none.body().empty());
  CHECK(none.header("link").empty());
}

TEST_CASE("an export needs ledger:read, and its errors are JSON") {
  Paid world(1);
  const auto refused = world.request("GET", "/v1/ledger/export");
  CHECK(refused.error() == "401 unauthenticated");
  CHECK(refused.header("content-type") == "application/json");
  CHECK(world.get("/v1/ledger/export?format=xml").error() == "400 invalid_request");
  CHECK(world.get("/v1/ledger/export?limit=1001").error() == "400 invalid_request");
  CHECK(world.get("/v1/ledger/export?limit=0").error() == "400 invalid_request");
}

TEST_CASE("the ledger is verified page by page with the resume of each") {
  Paid world(5);
  auto page = world.get("/v1/ledger/verify?limit=2");
  CHECK(page.number("entries") == 2);
  CHECK(page.body().contains(R"("complete":false)"));
  page = world.get("/v1/ledger/verify?limit=2&resume=" + page.text("resume"));
  CHECK(page.number("entries") == 4);
  page = world.get("/v1/ledger/verify?limit=2&resume=" + page.text("resume"));
  CHECK(page.number("entries") == 5);
  // Then the charges that the entries credit: one beside the last entry, then two at a time.
  CHECK(page.text("resume").contains(".paid/ch_"));
  for (int pages = 0; pages < 3; ++pages) page = world.get("/v1/ledger/verify?limit=2&resume=" + page.text("resume"));
  CHECK(page.body().contains(R"("ok":true,"entries":5,"complete":true)"));
  CHECK(page.text("resume") == world.get("/v1/ledger/verify").text("resume"));
  CHECK(page.text("resume") == "5." + world.get("/v1/ledger").text("data.0.hash") + ".15000.0.0");
}

TEST_CASE("a false resume fails with the rule; a malformed one is refused") {
  Paid world(3);
  auto resume = world.get("/v1/ledger/verify?limit=2").text("resume");
  resume[3] = resume[3] == '0' ? '1' : '0';
  const auto broken = world.get("/v1/ledger/verify?resume=" + resume);
  CHECK(broken.status() == 200);
  CHECK(broken.body().contains(R"("ok":false)"));
  CHECK(broken.number("problem_seq") == 3);
  CHECK(broken.text("problem").contains("I5 the chain is whole"));
  for (const auto* wrong : {"1", "x", "2.00.1.1.1"}) {
    const auto answer = world.get(std::string("/v1/ledger/verify?resume=") + wrong);
    CHECK(answer.error() == "400 invalid_request");
    CHECK(answer.text("error.param") == "resume");
  }
}

TEST_CASE("the ledger is filtered by type, reference, time and seq") {
  Paid world(4);
  CHECK(world.get("/v1/ledger?type=charge.credit").items("data") == 4);
  CHECK(world.get("/v1/ledger?type=withdrawal.lock").items("data") == 0);
  CHECK(world.get("/v1/ledger?type=credit").error() == "400 invalid_request");
  const auto one = world.get("/v1/ledger?reference=" + world.ids[2]);
  CHECK(one.items("data") == 1);
  CHECK(one.number("data.0.available_change_msat") == 3'000);
  CHECK(world.get("/v1/ledger?after_seq=3").number("data.0.seq") == 4);
  CHECK(world.get("/v1/ledger?after_seq=3").items("data") == 1);
  CHECK(world.get("/v1/ledger?after_seq=1&order=asc").number("data.0.seq") == 2);
  const auto third = world.get("/v1/ledger?order=asc").text("data.2.created_at");
  CHECK(world.get("/v1/ledger?created_gte=" + third).items("data") == 2);
  CHECK(world.get("/v1/ledger?created_lt=" + third).items("data") == 2);
  const auto page = world.get("/v1/ledger?after_seq=1&limit=2");
  CHECK(page.number("data.0.seq") == 4);
  const auto rest = world.get("/v1/ledger?after_seq=1&limit=2&cursor=" + page.text("next_cursor"));
  CHECK(rest.items("data") == 1);
  CHECK(rest.number("data.0.seq") == 2);
  CHECK(world.get("/v1/ledger?limit=2&cursor=" + page.text("next_cursor")).error() == "400 invalid_request");
}

}  // namespace lntpay::test::ledger_test
