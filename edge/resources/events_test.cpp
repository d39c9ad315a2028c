// The list of events: parameters that contradict each other, and those that fit.
#include <doctest/doctest.h>

#include "tests/support/world.hpp"

namespace lntpay::test::events_test {

TEST_CASE("parameters of the list of events that contradict each other are refused") {
  World world;
  world.bootstrap();
  for (int i = 0; i < 3; ++i) world.post("/v1/charges", R"({"amount_sats":21})");
  struct Case {
    const char* query;
    const char* param;
    const char* message;
  };
  const Case contradictions[] = {
      {"after_seq=1&before_seq=3", "before_seq", "either after_seq or before_seq"},
      {"order=asc&before_seq=3", "before_seq", "With order=asc give after_seq"},
      {"order=desc&after_seq=1", "after_seq", "With order=desc give before_seq"},
      {"before_seq=3&wait=5", "wait", "oldest first"},
      {"order=desc&wait=5", "wait", "oldest first"},
  };
  for (const auto& each : contradictions) {
    const auto refused = world.get(std::string("/v1/events?") + each.query);
    CAPTURE(each.query);
    CHECK(refused.error() == "400 invalid_request");
    CHECK(refused.text("error.param") == each.param);
    CHECK(refused.text("error.message").contains(each.message));
  }
  for (const auto* good :
       {"before_seq=3", "order=desc&before_seq=3", "order=asc&after_seq=1", "after_seq=1", "order=desc&wait=0"}) {
    const auto listed = world.get(std::string("/v1/events?") + good);
    CHECK_MESSAGE(listed.status() == 200, good);
    CHECK(listed.items("data") > 0);
  }
}

TEST_CASE("a cursor of deliveries is of its order") {
  World world;
  world.bootstrap();
  world.post("/v1/webhook_endpoints", R"({"url":"https://shop.example.com/hook"})");
  for (int i = 0; i < 3; ++i) world.post("/v1/charges", R"({"amount_sats":21})");
  const auto page = world.get("/v1/webhook_deliveries?limit=1&order=asc");
  REQUIRE(page.items("data") == 1);
  const auto cursor = page.text("next_cursor");
  CHECK(world.get("/v1/webhook_deliveries?limit=1&order=asc&cursor=" + cursor).items("data") == 1);
  CHECK(world.get("/v1/webhook_deliveries?limit=1&order=desc&cursor=" + cursor).error() == "400 invalid_request");
  CHECK(world.get("/v1/webhook_deliveries?limit=1&cursor=" + cursor).error() == "400 invalid_request");
}

namespace {

struct Stream : World {
  Stream() { bootstrap(); }

  std::size_t begin(const std::string& place, const std::string& query = {}) {
    Headers headers{{"authorization", "Bearer " + test_key}};
    if (!place.empty()) headers.push_back({"last-event-id", place});
    return begin_request("GET", "/v1/events/stream" + query, {}, std::move(headers));
  }
  std::string read(const std::string& place, const std::string& query = {}) {
    const auto session = begin(place, query);
    if (is_open(session)) pass(seconds(25));
    return end(session).response.body;
  }
  void advance(Millis by) {
    REQUIRE(post("/v1/sandbox/clock/advance", R"({"ms":)" + std::to_string(by.value) + "}").status() == 200);
    run_due();
  }
};

}  // namespace

TEST_CASE("a stream begins with the next event, and continues after its last id") {
  Stream stream;
  stream.post("/v1/charges", R"({"amount_sats":21})");
  CHECK(stream.read("") == "retry: 100\n\nid: 1\n\n");
  const auto waiting = stream.begin("1");
  CHECK(stream.is_open(waiting));
  stream.post("/v1/charges", R"({"amount_sats":22})");
  stream.run_due();
  const auto woken = stream.end(waiting);
  CHECK(woken.header("content-type") == "text/event-stream");
  CHECK(woken.header("ratelimit-policy").starts_with("\"stream\""));
  CHECK(woken.response.body.starts_with("retry: 100\n\nid: 2\ndata: {\"id\":\"evt_"));
  CHECK(woken.response.body.ends_with("}\n\nid: 2\n\n"));
  CHECK(stream.read("2") == "retry: 100\n\nid: 2\n\n");
  CHECK(stream.read("", "?after_seq=0").contains("id: 1\ndata: "));
  CHECK_FALSE(stream.is_open(stream.begin("2", "?wait=0")));
}

TEST_CASE("the id of a stream passes events of other types") {
  Stream stream;
  for (int i = 0; i < 3; ++i) stream.post("/v1/charges", R"({"amount_sats":21})");
  CHECK(stream.read("0", "?types=withdrawal.*") == "retry: 100\n\nid: 3\n\n");
  CHECK(stream.get("/v1/events/stream?types=charge.lost").error() == "400 invalid_request");
}

TEST_CASE("a stream reports that events were pruned, and begins again where the sandbox was reset") {
  Stream stream;
  stream.post("/v1/charges", R"({"amount_sats":21})");
  for (int day = 0; day < 93; ++day) stream.advance(days(1));
  const auto text = stream.read("0");
  CHECK(text.starts_with("retry: 100\n\nevent: pruned\ndata: {\"oldest_seq\":"));
  stream.post("/v1/sandbox/reset");
  stream.post("/v1/charges", R"({"amount_sats":22})");
  CHECK(stream.read("500").contains("\"amount_sats\":22"));
}

TEST_CASE("a Last-Event-ID that is no seq is refused by name") {
  Stream stream;
  for (const auto* bad : {"evt_1", "-1", "1.5", "9223372036854775808"}) {
    const auto refused = stream.end(stream.begin(bad));
    CHECK(refused.error() == "400 invalid_request");
    CHECK(refused.text("error.param") == "Last-Event-ID");
  }
}

}  // namespace lntpay::test::events_test
