// A damaged row is a storage failure of the operation that needs it, logged with its key. Scans for due work and queues skip it.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/storage/row.hpp"
#include "core/tenant/due_work.hpp"
#include "tests/support/world.hpp"

namespace lntpay::test::damaged_rows_test {
namespace {

struct Shop : World {
  Shop() { bootstrap(); }

  std::string charge() {
    const auto made = post("/v1/charges", R"({"amount_sats":21,"expires_in":600})");
    REQUIRE_MESSAGE(made.status() == 201, made.body());
    return made.text("id");
  }
  std::string status(const std::string& id) { return get("/v1/charges/" + id).text("status"); }

  /// Keys that contain both.
  [[nodiscard]] std::vector<std::string> keys(const std::string& part, const std::string& other = {}) const {
    std::vector<std::string> found;
    for (const auto& [key, row] : store.rows()) {
      if (key.contains(part) && key.contains(other)) found.push_back(key);
    }
    return found;
  }
  std::string key(const std::string& part, const std::string& other = {}) const {
    const auto found = keys(part, other);
    REQUIRE_MESSAGE(found.size() == 1, part);
    return found.front();
  }
  /// Replaces the row, and yields its key.
  std::string damage(std::string key) {
    store.put(key, "1|damaged");
    return key;
  }
  [[nodiscard]] std::size_t reports_of(const std::string& key) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(log, [&](const std::string& line) { return line.contains(damage_report(key)); }));
  }
};

}  // namespace

TEST_CASE("a damaged row fails the request that needs it, and is logged") {
  Shop shop;
  const auto first = shop.charge();
  const auto second = shop.charge();
  const auto damaged = shop.damage(shop.key("/charge/" + first));
  CHECK(shop.get("/v1/charges/" + first).error() == "503 storage_unavailable");
  CHECK(shop.reports_of(damaged) == 1);
  CHECK_FALSE(shop.get("/v1/charges/" + first).body().contains(damaged));
  CHECK(shop.status(second) == "pending");
  CHECK(shop.status(shop.charge()) == "pending");
}

TEST_CASE("a time that cannot be written as text is a damaged row, not a trap") {
  Shop shop;
  const auto id = shop.charge();
  const auto key = shop.key("/charge/" + id);
  auto row = shop.store.rows().at(key).value;
  const auto time = std::to_string(shop.now.value);
  REQUIRE(row.contains(time));
  shop.store.put(key, row.replace(row.find(time), time.size(), "999999999999999999"));
  CHECK(shop.get("/v1/charges/" + id).error() == "503 storage_unavailable");
  CHECK(shop.reports_of(key) == 1);
}

TEST_CASE("the pointer of an event that cannot be read is a damaged row, not a missing event") {
  Shop shop;
  shop.charge();
  const auto event = shop.get("/v1/events").text("data.0.id");
  const auto key = shop.damage(shop.key("/event_id/" + event));
  CHECK(shop.get("/v1/events/" + event).error() == "503 storage_unavailable");
  CHECK(shop.reports_of(key) == 1);
}

TEST_CASE("damaged names of workspaces and shards stop neither the operator's list nor the totals") {
  Shop shop;
  const auto ask = [&shop](const std::string& target) {
    return shop.request("GET", target, {}, {{"authorization", "Bearer " + shop.operator_token}});
  };
  const auto id = shop.get("/v1/workspace").text("id");
  shop.bootstrap();
  const auto damaged = shop.get("/v1/workspace").text("id");
  const std::vector<std::string> keys{"00/workspaces/00001770000000000000/ws_x", "00/shard/?!", id.substr(3, 2) + "/workspace/x"};
  for (const auto& key : keys) shop.store.put(key, "");
  const auto row = shop.damage(shop.key("/workspace/" + damaged));
  const auto listed = ask("/v1/admin/workspaces");
  CHECK(listed.items("data") == 1);
  CHECK(listed.text("data.0.id") == id);
  CHECK(shop.reports_of(row) == 1);
  CHECK(ask("/v1/admin/reconciliation?environment=test").number("workspaces") == 2);
  for (const auto& key : keys) CHECK(shop.reports_of(key) == 1);
}

TEST_CASE("a damaged row fails the page of a list that it is on, no other") {
  Shop shop;
  const auto oldest = shop.charge();
  for (int i = 0; i < 3; ++i) {
    shop.pass(Millis{1});
    shop.charge();
  }
  const auto damaged = shop.damage(shop.key("/charge/" + oldest));
  CHECK(shop.get("/v1/charges?limit=2").items("data") == 2);
  CHECK(shop.log.empty());
  CHECK(shop.get("/v1/charges").error() == "503 storage_unavailable");
  CHECK(shop.reports_of(damaged) == 1);
}

TEST_CASE("a due task of a damaged row delays no other work") {
  Shop shop;
  const auto first = shop.charge();
  const auto second = shop.charge();
  const auto damaged = shop.damage(shop.key("/charge/" + first));
  shop.pass(minutes(20));
  CHECK(shop.status(second) == "expired");
  const auto reports = shop.reports_of(damaged);
  CHECK(reports > 0);
  CHECK(reports < 20);  // postponed by a minute each time
}

TEST_CASE("a damaged due row is skipped with an alarm, and later work runs") {
  for (const auto* bad : {"0000000000000000000x", "000", ""}) {
    Shop shop;
    const auto id = shop.charge();
    auto key = shop.key("/due/charge/", id);
    const auto tail = key.substr(key.find("/test/"));
    key = key.substr(0, 2) + "/due/charge/" + bad + tail;
    shop.store.put(key, "");
    shop.pass(minutes(20));
    CHECK(shop.status(id) == "expired");
    CHECK(shop.reports_of(key) > 0);
    CHECK(shop.store.rows().contains(key));
  }
}

TEST_CASE("a due row with a damaged value is skipped too") {
  Shop shop;
  const auto first = shop.charge();
  const auto second = shop.charge();
  const auto damaged = shop.damage(shop.key("/due/charge/", first));
  shop.pass(minutes(20));
  CHECK(shop.reports_of(damaged) > 0);
  CHECK(shop.status(second) == "expired");
}

TEST_CASE("damaged rows of a webhook queue delay no other delivery") {
  Shop shop;
  shop.post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})");
  const auto before = shop.sent.size();
  for (int i = 0; i < 4; ++i) {
    shop.charge();
    shop.pass(Millis{0});
    shop.now = shop.now + Millis{1};
  }
  CHECK(shop.sent.size() == before + 4);

  // Four more, of which one is sound: queue row, delivery and event of the others are damaged. The one whose delivery is damaged is
  // sent, and not recorded; the one whose event is damaged is a dead letter; the damaged queue row stays.
  for (int i = 0; i < 4; ++i) {
    shop.charge();
    shop.now = shop.now + Millis{1};
  }
  const auto queue = shop.keys("/queue/");
  REQUIRE(queue.size() == 4);
  const auto delivery_of = [&](std::size_t which) { return queue[which].substr(queue[which].rfind('/') + 1); };
  const auto seq = shop.store.rows().at(queue[2]).value;
  const std::vector damaged{shop.damage(queue[0]), shop.damage(shop.key("/delivery/", delivery_of(1))),
                            shop.damage(shop.key("/event/", padded(std::stoull(seq))))};
  shop.run_due();
  CHECK(shop.sent.size() == before + 6);
  CHECK(shop.keys("/dead/").size() == 1);
  for (const auto& key : damaged) CHECK_MESSAGE(shop.reports_of(key) > 0, key);

  for (int i = 0; i < 12; ++i) shop.charge();
  shop.run_due();
  CHECK(shop.sent.size() == before + 18);
  CHECK(shop.keys("/queue/").size() == 1);
}

TEST_CASE("a queue whose first page is damaged is read on") {
  Shop shop;
  shop.post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})");
  for (int i = 0; i < 12; ++i) {
    shop.charge();
    shop.now = shop.now + Millis{1};
  }
  const auto queue = shop.keys("/queue/");
  REQUIRE(queue.size() == 12);
  for (std::size_t i = 0; i < 10; ++i) shop.damage(queue[i]);
  shop.run_due();
  CHECK(shop.sent.size() == 2);
  shop.charge();
  shop.run_due();
  CHECK(shop.sent.size() == 3);
}

TEST_CASE("a damaged endpoint stops no payment of its workspace") {
  Shop shop;
  shop.post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})");
  const auto damaged = shop.damage(shop.key("/whe/"));
  const auto id = shop.charge();
  CHECK(shop.post("/v1/sandbox/charges/" + id + "/pay").status() == 200);
  CHECK(shop.status(id) == "paid");
  CHECK(shop.reports_of(damaged) > 0);
  CHECK(shop.get("/v1/webhook_endpoints").error() == "503 storage_unavailable");
}

TEST_CASE("a deleted endpoint's queue is canceled past damaged rows") {
  Shop shop;
  const auto endpoint = shop.post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})").text("id");
  for (int i = 0; i < 3; ++i) {
    shop.charge();
    shop.now = shop.now + Millis{1};
  }
  const auto queue = shop.keys("/queue/");
  REQUIRE(queue.size() == 3);
  shop.damage(queue[0]);
  const auto damaged = shop.damage(shop.key("/delivery/", queue[1].substr(queue[1].rfind('/') + 1)));
  CHECK(shop.send("DELETE", "/v1/webhook_endpoints/" + endpoint).status() == 200);
  shop.run_due();
  CHECK(shop.keys("/queue/").empty());
  CHECK(shop.reports_of(damaged) > 0);
  const auto last = shop.key("/delivery/", queue[2].substr(queue[2].rfind('/') + 1));
  CHECK(shop.store.rows().at(last).value.contains("|canceled|"));
}

}  // namespace lntpay::test::damaged_rows_test
