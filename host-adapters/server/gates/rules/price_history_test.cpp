// Which gates had the price of a request before, and when.
#include "host-adapters/server/gates/rules/price_history.hpp"

#include <doctest/doctest.h>

namespace lntpay::price_history_test {
using namespace lntpay::host;

namespace {

PricedService service(std::vector<PricedEntry> entries, std::vector<std::string> hosts = {"api.example"}) {
  return {.hosts = std::move(hosts), .entries = std::move(entries)};
}
const PricedEntry all{{"*", "/*"}, "gate_all"};
const PricedEntry reports{{"GET", "/reports/*"}, "gate_reports"};
const PricedEntry renamed{{"*", "/reports/*"}, "gate_renamed"};
const PricedEntry free_reports{{"*", "/reports/*"}, ""};

constexpr UnixMillis at(std::uint64_t minute) { return UnixMillis{minute * 60'000}; }

/// "gate_all 0-2": gates and minutes, newest first.
std::string former(const PriceHistory& history, std::string_view present, std::string path = "/reports/7",
                   std::string_view host = "api.example") {
  std::string text;
  for (const auto& each : history.former_gates(host, {"GET", std::move(path)}, {}, present)) {
    text += (text.empty() ? "" : ", ") + each.gate + " " + std::to_string(each.sold.from.value / 60'000) + "-" +
            std::to_string(each.sold.until.value / 60'000);
  }
  return text;
}

}  // namespace

TEST_CASE("the gate of a broader entry had the price until a closer one was added") {
  PriceHistory history;
  CHECK(history.add({service({all})}, at(1)));
  CHECK(former(history, "gate_all").empty());
  CHECK_FALSE(history.add({service({all})}, at(2)));
  CHECK(history.add({service({all, reports})}, at(3)));
  CHECK(former(history, "gate_reports") == "gate_all 1-3");
  CHECK(former(history, "gate_all", "/other").empty());
}

TEST_CASE("a broader gate has nothing to decide where a closer one was only replaced") {
  PriceHistory history;
  history.add({service({all, reports})}, at(1));
  history.add({service({all, renamed})}, at(3));
  CHECK(former(history, "gate_renamed") == "gate_reports 1-3");
}

TEST_CASE("what a removed entry sold stays with its gate, for as long as it had the price") {
  PriceHistory history;
  history.add({service({all})}, at(1));
  history.add({service({all, reports})}, at(2));
  history.add({service({all, reports}), service({all}, {"other.example"})}, at(3));
  history.add({service({all})}, at(4));
  CHECK(former(history, "gate_all") == "gate_reports 2-4");
}

TEST_CASE("of several times only the last one counts, and times without a price belong to no gate") {
  PriceHistory history;
  history.add({service({all})}, at(1));
  history.add({service({all, free_reports})}, at(2));
  history.add({service({all})}, at(3));
  history.add({service({all, reports})}, at(4));
  CHECK(former(history, "gate_reports") == "gate_all 3-4");
}

TEST_CASE("a gate of another host never had the price") {
  PriceHistory history;
  history.add({service({reports}, {"*.example"}), service({all}, {"cheap.example"})}, at(1));
  history.add({service({renamed}, {"*.example"}), service({all}, {"cheap.example"})}, at(2));
  CHECK(former(history, "gate_renamed", "/reports/7", "API.example:8080") == "gate_reports 1-2");
  CHECK(former(history, "gate_all", "/reports/7", "cheap.example").empty());
}

TEST_CASE("a history is the same after it was written and read") {
  PriceHistory history;
  history.add({service({all})}, at(1));
  history.add({service({all, reports}, {})}, at(3));
  auto read = PriceHistory::parse(history.text());
  REQUIRE(read.has_value());
  CHECK(read->text() == history.text());
  CHECK_FALSE(read->add({service({all, reports}, {})}, at(4)));
  CHECK(read->add({service({all, renamed}, {})}, at(2)));  // the clock was set back
  CHECK(former(*read, "gate_renamed") == "gate_reports 3-3, gate_all 1-3");
  for (const auto* text : {"", "{}", R"({"format":2,"states":[]})", R"({"format":1,"states":[{"since_ms":"1"}]})"})
    CHECK_FALSE(PriceHistory::parse(text).has_value());
}

TEST_CASE("a history forgets what ended 400 days ago, and has 64 states at most") {
  PriceHistory history;
  history.add({service({all})}, at(0));
  history.add({service({reports})}, at(1));
  history.add({service({renamed})}, at(1 + 401 * 24 * 60));
  CHECK(former(history, "gate_renamed") == "gate_reports 1-577441");
  for (std::uint64_t i = 0; i < 100; ++i)
    history.add({service({all, {{"GET", "/" + std::to_string(i)}, "gate_x"}})}, at(600'000 + i));
  CHECK(former(history, "", "/36") == "gate_all 600037-600099, gate_x 600036-600037");
}

TEST_CASE("a request presents the credential of a gate by cookie or by its terms") {
  CHECK(presents_credential_of({{"cookie", "a=1; lntpay_gate_reports_00ff=x"}}, "gate_reports"));
  CHECK_FALSE(presents_credential_of({{"cookie", "lntpay_gate_reports2_00ff=x"}}, "gate_reports"));
  CHECK_FALSE(presents_credential_of({{"authorization", "L402 bm9uZQ:00"}}, "gate_reports"));
  CHECK_FALSE(presents_credential_of({{"authorization", "Bearer gate_reports"}}, "gate_reports"));
}

}  // namespace lntpay::price_history_test
