// Turns, counted.
#include "host-adapters/server/engine/turn_queue.hpp"

#include <doctest/doctest.h>

namespace turn_queue_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

struct Turns {
  TurnQueue queue;
  Ticket last = 0;

  Ticket add(const std::string& shard, int count = 1) {
    for (int i = 0; i < count; ++i) queue.push(shard, {.ticket = ++last, .input = input::Wake{shard}, .answer = {}});
    return last;
  }
  /// How many begin before the one with this ticket.
  int ahead_of(Ticket ticket) {
    for (int ahead = 0;; ++ahead) {
      REQUIRE_FALSE(queue.empty());
      if (queue.pop().ticket == ticket) return ahead;
    }
  }
  /// "A1 B3 A2": shards and tickets in the order in which they begin.
  std::string order() {
    std::string text;
    while (!queue.empty()) {
      const auto next = queue.pop();
      text.append(text.empty() ? "" : " ").append(std::get<input::Wake>(next.input).shard).append(std::to_string(next.ticket));
    }
    return text;
  }
};

}  // namespace

TEST_CASE("a shard with thousands of requests in the queue delays another's by one") {
  Turns turns;
  turns.add("A", 5'000);
  CHECK(turns.ahead_of(turns.add("B")) == 1);
  // With three such shards each gets every fourth turn.
  turns.add("B", 5'000);
  turns.add("C", 5'000);
  turns.add("D", 8);
  CHECK(turns.ahead_of(turns.last) <= 8 * 4);
}

TEST_CASE("shards take turns, and each keeps its own order") {
  Turns turns;
  turns.add("A", 3);
  turns.add("B", 2);
  turns.add("C");
  CHECK(turns.order() == "A1 B4 C6 A2 B5 A3");
  CHECK(turns.queue.empty());
}

TEST_CASE("a shard that comes back waits for its turn") {
  Turns turns;
  turns.add("A", 2);
  turns.add("B", 2);
  CHECK(turns.queue.pop().ticket == 1);
  turns.add("A");
  CHECK(turns.order() == "B3 A2 B4 A5");
}

TEST_CASE("requests that name no workspace take turns by address, and the node's stream by itself") {
  const auto from = [](std::string client) { return input::Http{{"GET", "/healthz", {}, "", std::move(client)}}; };
  CHECK(turn_of(from("192.0.2.1"), "00") != turn_of(from("192.0.2.2"), "00"));
  CHECK(turn_of(from("192.0.2.1"), "Ab") == turn_of(from("192.0.2.2"), "Ab"));
  CHECK(turn_of(input::NodeEvents{{"a line"}}, "00") == turn_of(input::NodeStreamClosed{}, "00"));
  CHECK(turn_of(input::NodeEvents{{"a line"}}, "00") != turn_of(from("192.0.2.1"), "00"));
}

TEST_CASE("a queue knows what waits in it") {
  Turns turns;
  const auto first = turns.add("A");
  const auto second = turns.add("A");
  turns.queue.pop();
  CHECK_FALSE(turns.queue.contains(first));
  CHECK(turns.queue.contains(second));
}

}  // namespace turn_queue_test
