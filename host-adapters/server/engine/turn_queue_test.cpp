// Turns, counted.
#include "host-adapters/server/engine/turn_queue.hpp"

#include <doctest/doctest.h>

#include "core/access/key_text.hpp"

namespace turn_queue_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

struct Turns {
  TurnQueue queue;
  Ticket last = 0;

  Ticket add(const std::string& shard, int count = 1) {
    for (int i = 0; i < count; ++i) queue.push({.name = shard}, {.ticket = ++last, .input = input::Wake{shard}});
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

TEST_CASE("a workspace waits for one of the public, however many addresses ask") {
  Turns turns;
  const auto add_public = [&turns](const std::string& address) {
    turns.queue.push({.name = "address " + address, .is_public = true}, {.ticket = ++turns.last, .input = input::Wake{address}});
  };
  for (int i = 0; i < 1'000; ++i) add_public(std::to_string(i));
  CHECK(turns.ahead_of(turns.add("A")) <= 1);
}

TEST_CASE("the public and the workspaces alternate, and addresses take turns") {
  Turns turns;
  for (const auto* address : {"x", "x", "y"})
    turns.queue.push({.name = address, .is_public = true}, {.ticket = ++turns.last, .input = input::Wake{address}});
  turns.add("A", 2);
  turns.add("B");
  CHECK(turns.order() == "A4 x1 B6 y3 A5 x2");
}

namespace {

constexpr std::string_view a_key = "lnt_test_pBG28nJouM5VResTPVLN06EcPFcMoPwu3MCm2Q";
const Response accepted_response{200, {{"ratelimit", "\"default\";r=1;t=1"}}, ""};

Request from(std::string client, std::string_view key = {}, std::string target = "/v1/charges") {
  Request request{"GET", std::move(target), {}, "", std::move(client)};
  if (!key.empty()) request.headers.push_back({"authorization", "Bearer " + std::string(key)});
  return request;
}

}  // namespace

TEST_CASE("requests without an accepted key take turns by the client's address, and the node's stream by itself") {
  AcceptedKeys accepted;
  const auto name = [&](Request request) { return turn_of(input::Http{std::move(request)}, "Ab", accepted).name; };
  CHECK(name(from("192.0.2.1")) != name(from("192.0.2.2")));
  CHECK(name(from("192.0.2.1", a_key)) == name(from("192.0.2.1")));
  auto forwarded = from("127.0.0.1");
  forwarded.headers.push_back({"x-forwarded-for", "192.0.2.1"});
  CHECK(name(forwarded) == name(from("192.0.2.1")));
  accepted.note(from("192.0.2.1", a_key), accepted_response);
  CHECK(name(from("192.0.2.1", a_key)) == "Ab");
  CHECK(name(from("192.0.2.9", a_key)) == "Ab");
  CHECK(name(from("192.0.2.1")) != "Ab");
  CHECK(turn_of(input::NodeEvents{{"a line"}}, "00", accepted).name == turn_of(input::NodeStreamClosed{}, "00", accepted).name);
  CHECK(turn_of(input::NodeEvents{{"a line"}}, "00", accepted).name != turn_of(input::Wake{"00"}, "00", accepted).name);
  CHECK_FALSE(turn_of(input::Wake{"Ab"}, "Ab", accepted).is_public);
}

TEST_CASE("only a response that follows from authentication proves a key") {
  const auto proves = [](const Request& request, const Response& response) {
    AcceptedKeys accepted;
    accepted.note(request, response);
    return accepted.has(request);
  };
  CHECK(proves(from("192.0.2.1", a_key), accepted_response));
  CHECK_FALSE(proves(from("192.0.2.1", a_key), {200, {}, ""}));                         // an open path
  CHECK_FALSE(proves(from("192.0.2.1", a_key, "/pay/x"), accepted_response));           // limited by client
  CHECK_FALSE(proves(from("192.0.2.1", a_key), {404, accepted_response.headers, ""}));  // no such path
  CHECK_FALSE(proves(from("192.0.2.1", a_key), {401, {}, ""}));
  CHECK_FALSE(proves(from("192.0.2.1", "lnt_operator_x"), accepted_response));
  CHECK_FALSE(proves(from("192.0.2.1"), accepted_response));
}

TEST_CASE("accepted keys are forgotten when many others came after them") {
  AcceptedKeys accepted;
  Random random({1, 2, 3, 4});
  const auto first = generate_key_text(Environment::test, Shard::number(7), random);
  accepted.note(from("", first), accepted_response);
  for (int i = 0; i < 20'000; ++i) {
    if (i == 10'000) CHECK(accepted.has(from("", first)));
    accepted.note(from("", generate_key_text(Environment::test, Shard::number(7), random)), accepted_response);
  }
  CHECK_FALSE(accepted.has(from("", first)));
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
