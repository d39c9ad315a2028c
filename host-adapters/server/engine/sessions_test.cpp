// Sessions against the memory store, without threads: batches hold answers back, and lost batches are answered.
#include "host-adapters/server/engine/sessions.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "core/storage/row.hpp"
#include "core/tenant/due_work.hpp"
#include "tests/support/host/sessions_world.hpp"

namespace sessions_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace lntpay::host::testing;

TEST_CASE("an answer leaves only when its batch is durable") {
  SessionsWorld world;
  world.begin(1, "put a 1\nget a");
  CHECK(world.answers.empty());
  world.end_batch();
  CHECK(world.answers[1] == "200 committed 1");
}

TEST_CASE("operations of one batch see each other") {
  SessionsWorld world;
  world.begin(1, "put a 1");
  world.begin(2, "get a");
  world.end_batch();
  CHECK(world.answers[2] == "200 1");
}

TEST_CASE("a fetch leaves once its batch is durable; its reply resumes the session") {
  SessionsWorld world;
  world.begin(1, "put a 1\nfetch http://x/\nget a");
  const auto fetches = world.end_batch();
  REQUIRE(fetches.size() == 1);
  CHECK(fetches[0].asked.target == "http://x/");
  world.sessions.reply(fetches[0].from, Answered{{204, {}, ""}});
  world.end_batch();
  CHECK(world.answers[1] == "200 committed 204 1");
}

TEST_CASE("every session of a lost batch is answered storage_down") {
  SessionsWorld world;
  world.store.lose_next_batch();
  world.begin(1, "put a 1");
  world.begin(2, "put b 1\nfetch http://x/");
  world.sessions.begin(3, input::Refused{Refusal::coding},
                       [&](Outcome o) { world.answers[3] = std::to_string(o.response->status); });
  CHECK(world.end_batch().empty());
  CHECK(world.answers[1] == "503 refused");
  CHECK(world.answers[2] == "503 refused");
  CHECK(world.answers[3] == "415");
  CHECK(world.sessions.size() == 0);
  CHECK(world.script.instances == 2);
  world.begin(4, "get a");
  world.end_batch();
  CHECK(world.answers[4] == "200 none");
}

TEST_CASE("isolated sessions that did not run in a lost batch continue") {
  SessionsWorld world(Isolation::session);
  world.begin(1, "fetch http://x/\nget a");
  const auto fetches = world.end_batch();
  world.store.lose_next_batch();
  world.begin(2, "put a 1");
  world.end_batch();
  CHECK(world.answers[2] == "503 refused");
  CHECK(world.sessions.size() == 1);
  world.sessions.reply(fetches[0].from, Answered{{200, {}, ""}});
  world.end_batch();
  CHECK(world.answers[1] == "200 200 none");
}

TEST_CASE("a trap replaces the instance: sessions without effects begin again, the others are refused") {
  SessionsWorld world;
  world.begin(1, "wait a\nget a");
  world.begin(2, "put b 1");
  world.begin(3, "put c 1\nwait a");
  world.begin(4, "put ~d 1\nwait a");
  world.begin(5, "trap");
  world.end_batch();
  CHECK_FALSE(world.answers.contains(1));
  CHECK(world.answers[2] == "200 committed");
  CHECK(world.answers[3] == "503 refused");
  CHECK_FALSE(world.answers.contains(4));
  CHECK(world.answers[5] == "500 refused");
  CHECK(world.script.instances == 2);
  CHECK(world.metrics.instances_lost.value() == 1);
  world.begin(6, "put a 7");
  world.end_batch();
  while (world.sessions.resume_woken()) {
  }
  world.end_batch();
  CHECK(world.answers[1] == "200 woken 7");
  CHECK(world.answers[4] == "200 committed woken");
}

TEST_CASE("a row that is not UTF-8 fails the read that names it, and is counted") {
  SessionsWorld world;
  world.begin(1, "put a \xff");
  world.end_batch();
  world.begin(2, "get a");
  world.begin(3, "get b");
  world.end_batch();
  CHECK(world.answers[2].starts_with("200 failed"));
  CHECK(world.answers[3] == "200 none");
  CHECK(world.metrics.rows_damaged.value() == 1);
}

TEST_CASE("a damaged row that the engine reports is counted too") {
  SessionsWorld world;
  world.script.wakes["00"].log = {"req_1 " + damage_report("Ab/test/ws_1/charge/ch_1"), "charge.missing: ch_2"};
  world.sessions.wake_all_shards();
  world.work();
  CHECK(world.metrics.rows_damaged.value() == 1);
}

TEST_CASE("a session is restarted once: after a second trap it is refused") {
  SessionsWorld world;
  world.begin(1, "wait a");
  world.begin(2, "trap");
  world.begin(3, "trap");
  world.end_batch();
  CHECK(world.answers[1] == "503 refused");
}

TEST_CASE("a request whose fetch was a read begins again, and its fetch is sent once") {
  SessionsWorld world;
  world.begin(1, "fetch http://x/");
  world.begin(2, "trap");
  CHECK(world.end_batch().size() == 1);
}

TEST_CASE("a late reply to the first run of a restarted session is ignored") {
  SessionsWorld world;
  world.begin(1, "fetch http://x/\nget a");
  const auto first = world.end_batch();
  REQUIRE(first.size() == 1);
  world.begin(2, "trap");
  const auto second = world.end_batch();
  REQUIRE(second.size() == 1);
  world.sessions.reply(first[0].from, Answered{{500, {}, ""}});
  world.end_batch();
  CHECK_FALSE(world.answers.contains(1));
  world.sessions.reply(second[0].from, Answered{{204, {}, ""}});
  world.end_batch();
  CHECK(world.answers[1] == "200 204 none");
}

TEST_CASE("a client that traps the engine repeatedly is refused for a while; others are served") {
  SessionsWorld world;
  const auto begin_as = [&](Ticket ticket, const std::string& key, std::string body) {
    auto input = scripted(std::move(body));
    std::get<input::Http>(input).request.headers.push_back({"authorization", "Bearer " + key});
    world.sessions.begin(ticket, std::move(input), [&world, ticket](Outcome outcome) {
      world.answers[ticket] = std::to_string(outcome.response->status) + " " + outcome.response->body;
    });
    world.end_batch();
  };
  for (Ticket ticket = 1; ticket <= 3; ++ticket) begin_as(ticket, "bad", "trap");
  begin_as(4, "bad", "get a");
  CHECK(world.answers[3] == "500 refused");
  CHECK(world.answers[4] == "503 refused");
  begin_as(5, "good", "get a");
  CHECK(world.answers[5] == "200 none");
}

TEST_CASE("with isolated sessions a trap ends only one") {
  SessionsWorld world(Isolation::session);
  world.begin(1, "wait a");
  world.begin(2, "trap");
  world.end_batch();
  CHECK(world.answers.size() == 1);
  CHECK(world.answers[2] == "500 refused");
  CHECK(world.sessions.size() == 1);
}

TEST_CASE("a wait ends when a durable batch wrote its row") {
  SessionsWorld world;
  world.begin(1, "wait a\nget a");
  world.end_batch();
  CHECK_FALSE(world.sessions.resume_woken());
  world.begin(2, "put b 1");
  world.end_batch();
  CHECK_FALSE(world.sessions.resume_woken());
  world.begin(3, "put a 7");
  CHECK_FALSE(world.sessions.resume_woken());
  world.end_batch();
  CHECK(world.sessions.resume_woken());
  world.end_batch();
  CHECK(world.answers[1] == "200 woken 7");
}

TEST_CASE("a wait for a row that a later session of the same batch writes ends") {
  SessionsWorld world;
  world.begin(1, "wait a");
  world.begin(2, "put a 1");
  world.end_batch();
  CHECK(world.sessions.resume_woken());
  world.end_batch();
  CHECK(world.answers[1] == "200 woken");
}

TEST_CASE("a wait ends at its time") {
  SessionsWorld world;
  world.script.wait_ms = 0;
  world.begin(1, "wait a");
  world.end_batch();
  CHECK(world.answers[1] == "200 woken");
}

TEST_CASE("a cancelled session that waits is abandoned, later replies ignored") {
  SessionsWorld world;
  world.begin(1, "wait a");
  world.end_batch();
  world.sessions.cancel(1);
  CHECK(world.script.abandoned == std::vector<std::uint64_t>{1});
  world.begin(2, "put a 1");
  world.end_batch();
  CHECK_FALSE(world.sessions.resume_woken());
  CHECK(world.answers.size() == 1);
  CHECK(world.sessions.size() == 0);
}

TEST_CASE("a cancelled session runs to its end without waiting or answering") {
  SessionsWorld world;
  world.begin(1, "fetch http://x/\nput a 1\nwait a");
  const auto fetches = world.end_batch();
  world.sessions.cancel(1);
  CHECK(world.script.abandoned.empty());
  world.sessions.reply(fetches[0].from, Answered{{200, {}, ""}});
  world.begin(2, "get a");
  world.end_batch();
  CHECK(world.answers.size() == 1);
  CHECK(world.answers[2] == "200 1");
  CHECK(world.sessions.size() == 0);
  CHECK(world.script.abandoned == std::vector<std::uint64_t>{1});
}

TEST_CASE("sessions above the limit are answered overloaded") {
  SessionsWorld world(Isolation::shared, {.sessions_max = 2});
  for (Ticket ticket = 1; ticket <= 3; ++ticket) world.begin(ticket, "wait a");
  world.end_batch();
  CHECK(world.answers.size() == 1);
  CHECK(world.answers[3] == "503 refused");
}

TEST_CASE("a session that never waits is stopped") {
  SessionsWorld world(Isolation::shared, {.steps_max = 3});
  world.begin(1, "get a\nget a");
  world.begin(2, "get a\nget a\nget a");
  world.end_batch();
  CHECK(world.answers[1] == "200 none none");
  CHECK(world.answers[2] == "500 refused");
}

TEST_CASE("draining ends waits with the present state and starts no work") {
  SessionsWorld world;
  world.begin(1, "wait a\nget a");
  world.end_batch();
  world.sessions.drain();
  world.begin(2, "wait a");
  world.begin(3, "put a 1");
  world.sessions.wake_all_shards();
  world.work();
  CHECK(world.answers[1] == "200 failed none");
  CHECK(world.answers[2] == "200 failed");
  CHECK(world.answers[3] == "200 committed");
  CHECK(world.script.ran.empty());
}

TEST_CASE("endpoints are counted only while /metrics is in use") {
  SessionsWorld world;
  world.sessions.count_webhooks();
  world.end_batch();
  CHECK_FALSE(world.metrics.webhooks.value().has_value());
  world.metrics.read_at = unix_now().value;
  CHECK(world.sessions.next_time().has_value());
  world.sessions.count_webhooks();
  world.end_batch();
  CHECK(world.metrics.webhooks.value() == WebhookCounts{});
}

}  // namespace sessions_test
