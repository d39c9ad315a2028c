// The bytes of events in a list, and the patterns of types.
#include "host-adapters/server/cli/event_feed.hpp"

#include <doctest/doctest.h>

namespace event_feed_test {
using namespace lntpay::host;

TEST_CASE("each event of a list keeps its own bytes") {
  const std::string first = R"({"id":"evt_1","type":"charge.paid","seq":7,"data":{"id":"ch_1","list":[{"a":"]}\""}],"n":1.50}})";
  const std::string second = R"({ "seq":8, "type":"webhook.test", "id":"evt_2", "data":{} })";
  const auto events = events_in(R"({"data":[)" + first + "," + second + R"(],"has_more":false,"next_after_seq":8})");
  REQUIRE(events);
  REQUIRE(events->size() == 2);
  CHECK((*events)[0].text == first);
  CHECK((*events)[0].seq == 7);
  CHECK((*events)[0].object_id == "ch_1");
  CHECK((*events)[1].text == second);
  CHECK((*events)[1].id == "evt_2");
  CHECK((*events)[1].object_id.empty());
}

TEST_CASE("a list without events is empty, and other JSON is no list") {
  CHECK(events_in(R"({"data":[],"has_more":false,"next_after_seq":0})")->empty());
  CHECK_FALSE(events_in(R"({"data":[{"id":"ch_1"}]})"));
  CHECK_FALSE(events_in(R"(["data"])"));
  CHECK_FALSE(events_in("<html>"));
}

TEST_CASE("a pattern names all types, those of a resource, or one") {
  CHECK(types_matching("charge.*").size() == 6);
  CHECK(types_matching("webhook.*") == std::vector<std::string>{"webhook.test"});
  CHECK(types_matching("gate.redeemed") == std::vector<std::string>{"gate.redeemed"});
  CHECK(types_matching("*").size() > 15);
  CHECK(types_matching("charge").empty());
  CHECK(types_matching("charge.*d").empty());
}

}  // namespace event_feed_test
