// Due work of sessions: which shards are woken, and which tasks begin, also where batches are lost.
#include <doctest/doctest.h>

#include "core/tenant/due_work.hpp"
#include "tests/support/host/sessions_world.hpp"

namespace sessions_due_work_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace lntpay::host::testing;

namespace {

/// The key of a due row of a workspace.
std::string due_row(std::string kind, UnixMillis at) {
  return due_key({std::move(kind), {.workspace = *WorkspaceId::parse("ws_7K01K5CKRK67T9KWDQK5JSABCDEF")}, "id"}, at);
}

}  // namespace

TEST_CASE("a damaged name in the list of shards is reported and wakes nothing") {
  SessionsWorld world;
  for (const auto* name : {"7K", "7\xff", "7", "7Kx", ""}) {
    world.begin(1, std::string("put 00/shard/") + name + " -");
    world.end_batch();
  }
  world.sessions.wake_all_shards();
  world.work();
  CHECK(world.script.ran == std::vector<std::string>{"wake 00", "wake 7K"});
  CHECK(world.metrics.rows_damaged.value() == 4);
}

TEST_CASE("every shard in use is woken, and a task is not started twice") {
  SessionsWorld world;
  world.begin(1, "put 00/shard/7K -");
  world.begin(2, "put 00/shard/Zz -");
  world.end_batch();
  world.script.wakes["7K"].tasks = {"7K/due/1", "7K/due/1", "7K/due/2"};
  world.script.tasks["7K/due/1"] = "fetch http://x/";
  world.sessions.wake_all_shards();
  world.work();
  CHECK(world.script.ran == std::vector<std::string>{"wake 00", "wake 7K", "wake Zz"});
  world.script.ran.clear();
  world.work();
  CHECK(world.script.ran == std::vector<std::string>{"task 7K/due/1", "task 7K/due/2"});
  world.script.ran.clear();
  world.sessions.wake_all_shards();
  world.work();
  world.work();
  CHECK(world.script.ran == std::vector<std::string>{"wake 00", "wake 7K", "wake Zz", "task 7K/due/2"});
}

TEST_CASE("work that a commit makes due now starts in the same batch, without a wake, and sends nothing before it is durable") {
  SessionsWorld world;
  const auto key = due_row("webhook", UnixMillis{1});
  world.script.tasks[key] = "fetch http://x/";
  world.begin(1, "put " + key + " host");
  CHECK(world.sessions.begin_background());
  CHECK_FALSE(world.sessions.begin_background());
  CHECK(world.script.ran == std::vector<std::string>{"task " + key});
  CHECK(world.answers.empty());
  CHECK(world.end_batch().size() == 1);
  CHECK_FALSE(world.sessions.next_time());
}

TEST_CASE("a fetch of work that a lost batch made due does not leave") {
  SessionsWorld world;
  const auto key = due_row("webhook", UnixMillis{1});
  world.script.tasks[key] = "fetch http://x/";
  world.store.lose_next_batch();
  world.begin(1, "put " + key + " host");
  CHECK(world.sessions.begin_background());
  CHECK(world.end_batch().empty());
  CHECK(world.sessions.size() == 0);
}

TEST_CASE("work that is due later wakes its shard then") {
  SessionsWorld world;
  const auto later = unix_now() + hours(1);
  world.begin(1, "put " + due_row("charge", later) + " 0");
  world.end_batch();
  CHECK(world.sessions.next_time() == later);
}

TEST_CASE("the 64 shards of challenges are woken with the others") {
  SessionsWorld world;
  world.sessions.wake_all_shards();
  world.work();
  CHECK(world.challenge_wakes == 63);
  CHECK(world.script.ran == std::vector<std::string>{"wake 00"});
}

TEST_CASE("tasks listed by a lost batch are not started") {
  SessionsWorld world;
  world.store.lose_next_batch();
  world.script.wakes["00"].tasks = {"00/due/1"};
  world.sessions.wake_all_shards();
  world.work();
  world.script.ran.clear();
  world.work();
  CHECK(world.script.ran.empty());
}

TEST_CASE("the shards of a lost batch are woken soon, with backoff") {
  SessionsWorld world;
  const auto lose = [&] {
    const UnixMillis before = unix_now();
    world.store.lose_next_batch();
    world.sessions.wake_all_shards();
    world.work();
    return *world.sessions.next_time() - before;
  };
  CHECK(lose() < Millis{400});
  CHECK(lose() >= Millis{450});
  CHECK(lose() >= Millis{950});
  world.begin(1, "put a 1");
  world.end_batch();
  CHECK(lose() < Millis{400});
}

TEST_CASE("a task interrupted by a lost batch is started again") {
  SessionsWorld world;
  world.script.wakes["00"].tasks = {"00/due/1"};
  world.script.tasks["00/due/1"] = "put a 1\nfetch http://x/";
  world.sessions.wake_all_shards();
  world.work();
  world.store.lose_next_batch();
  world.work();
  world.script.ran.clear();
  std::this_thread::sleep_for(std::chrono::milliseconds(260));
  world.work();
  world.work();
  CHECK(world.script.ran == std::vector<std::string>{"wake 00", "task 00/due/1"});
}

TEST_CASE("a wake that lists only running tasks does not recur at once") {
  SessionsWorld world;
  world.script.wakes["00"] = {.tasks = {"00/due/1"}, .wake = {{"00", {0}}}};
  world.script.tasks["00/due/1"] = "fetch http://x/";
  world.sessions.wake_all_shards();
  for (int i = 0; i < 3; ++i) world.work();
  CHECK(std::ranges::count(world.script.ran, "task 00/due/1") == 1);
  CHECK(std::ranges::count(world.script.ran, "wake 00") == 2);
}

}  // namespace sessions_due_work_test
