// The schedule of background work: no duplicates, limits, earliest wakes, quarantine.
#include "host-adapters/server/engine/due_work_scheduler.hpp"

#include <doctest/doctest.h>

#include "core/tenant/due_work.hpp"

namespace due_work_scheduler_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

std::string name(const std::optional<Input>& work) {
  if (!work) return "nothing";
  if (const auto* wake = std::get_if<input::Wake>(&*work)) return "wake " + wake->shard;
  return "task " + std::get<input::Task>(*work).key;
}

std::string due(std::string kind, std::string id, std::uint64_t ms,
                std::string_view workspace = "ws_7K01K5CKRK67T9KWDQK5JSABCDEF") {
  const TenantScope tenant{Environment::test, *WorkspaceId::parse(workspace)};
  return due_key({std::move(kind), tenant, std::move(id)}, {ms});
}

}  // namespace

TEST_CASE("a task is not started again while it is queued or running") {
  DueWorkScheduler scheduler;
  scheduler.offer_task("t", {0});
  scheduler.offer_task("t", {0});
  CHECK(name(scheduler.next({0})) == "task t");
  scheduler.offer_task("t", {0});
  CHECK(name(scheduler.next({0})) == "nothing");
  scheduler.ended(input::Task{"t"}, false, {0});
  scheduler.offer_task("t", {0});
  CHECK(name(scheduler.next({0})) == "task t");
}

TEST_CASE("the task limit holds, and wakes do not wait for tasks") {
  DueWorkScheduler scheduler({.tasks_max = 1, .wakes_max = 1, .queue_max = 2});
  for (const char* key : {"a", "b", "dropped"}) scheduler.offer_task(key, {0});
  scheduler.wake_at({"7K", {0}});
  CHECK(name(scheduler.next({0})) == "wake 7K");
  CHECK(name(scheduler.next({0})) == "task a");
  scheduler.wake_at({"7L", {0}});
  CHECK(name(scheduler.next({0})) == "nothing");
  CHECK_FALSE(scheduler.next_time({0}));
  scheduler.ended(input::Wake{"7K"}, false, {0});
  scheduler.ended(input::Task{"a"}, false, {0});
  CHECK(name(scheduler.next({0})) == "wake 7L");
  CHECK(name(scheduler.next({0})) == "task b");
  CHECK(name(scheduler.next({0})) == "nothing");
}

TEST_CASE("the earliest of several wakes of a shard is kept") {
  DueWorkScheduler scheduler;
  scheduler.wake_at({"7K", {500}});
  scheduler.wake_at({"7K", {300}});
  scheduler.wake_at({"7K", {900}});
  CHECK(scheduler.next_time({0}) == UnixMillis{300});
  CHECK(name(scheduler.next({299})) == "nothing");
  CHECK(name(scheduler.next({300})) == "wake 7K");
  CHECK_FALSE(scheduler.next_time({900}));
}

TEST_CASE("a wake for a shard whose wake is running is delayed") {
  DueWorkScheduler scheduler;
  scheduler.wake_at({"7K", {0}});
  CHECK(name(scheduler.next({0})) == "wake 7K");
  scheduler.wake_at({"7K", {0}});
  CHECK(name(scheduler.next({0})) == "nothing");
  scheduler.ended(input::Wake{"7K"}, false, {10});
  CHECK(name(scheduler.next({100})) == "wake 7K");
}

TEST_CASE("a task whose instance trapped is quarantined, longer each time") {
  DueWorkScheduler scheduler;
  scheduler.offer_task("bad", {0});
  CHECK(name(scheduler.next({0})) == "task bad");
  scheduler.ended(input::Task{"bad"}, true, {0});
  scheduler.offer_task("bad", {29'999});
  CHECK(name(scheduler.next({29'999})) == "nothing");
  scheduler.offer_task("bad", {30'000});
  CHECK(name(scheduler.next({30'000})) == "task bad");
  scheduler.ended(input::Task{"bad"}, true, {30'000});
  scheduler.offer_task("bad", {89'999});
  CHECK(name(scheduler.next({89'999})) == "nothing");
  scheduler.offer_task("bad", {90'000});
  CHECK(name(scheduler.next({90'000})) == "task bad");
}

TEST_CASE("slow webhook receivers do not delay a charge") {
  DueWorkScheduler scheduler;
  for (int i = 0; i < 1'000; ++i) scheduler.offer_task(due("webhook", std::to_string(i), 1), {1});
  int running = 0;
  while (scheduler.next({1})) ++running;
  CHECK(running == 205);
  const auto key = due("charge", "ch_1", 1);
  scheduler.offer_task(key, {1});
  CHECK(scheduler.next_time({1}) == UnixMillis{1});
  CHECK(name(scheduler.next({1})) == "task " + key);
  CHECK(name(scheduler.next({1})) == "nothing");
  CHECK(scheduler.tasks_running() == 206);
}

TEST_CASE("a workspace has a fifth of the tasks, and others start at once") {
  DueWorkScheduler scheduler({.tasks_max = 100, .queue_max = 1'000});
  std::size_t queued = 0;
  for (int i = 0; i < 1'000; ++i) queued += scheduler.offer_task(due("webhook", std::to_string(i), 1), {1}) ? 1U : 0U;
  CHECK(queued == 125);
  std::vector<Input> running;
  while (const auto work = scheduler.next({1})) running.push_back(*work);
  CHECK(running.size() == 20);
  CHECK_FALSE(scheduler.next_time({1}));
  const auto other = due("webhook", "other", 1, "ws_7K01K5CKRK67T9KWDQK5JSABCDEG");
  CHECK(scheduler.offer_task(other, {1}));
  CHECK(name(scheduler.next({1})) == "task " + other);
  scheduler.ended(running.front(), false, {1});
  CHECK(name(scheduler.next({1})) == "task " + due("webhook", "20", 1));
}

TEST_CASE("charges whose webhooks hang leave the endpoints of their workspace a share of the tasks") {
  DueWorkScheduler scheduler({.tasks_max = 100, .queue_max = 1'000});
  for (int i = 0; i < 100; ++i) scheduler.offer_task(due("webhook", "whe_7K0000000000ABC." + std::to_string(i), 1), {1});
  while (scheduler.next({1})) {
  }
  const auto endpoint = due("webhook", "whe_7K01K5CKRK67T9.0", 1);
  scheduler.offer_task(endpoint, {1});
  CHECK(name(scheduler.next({1})) == "task " + endpoint);
}

TEST_CASE("workspaces take turns, however long the queue of one is") {
  DueWorkScheduler scheduler;
  for (const char* id : {"a", "b", "c"}) scheduler.offer_task(due("webhook", id, 1), {1});
  scheduler.offer_task(due("webhook", "w", 1, "ws_7K01K5CKRK67T9KWDQK5JSABCDEG"), {1});
  std::string order;
  while (const auto work = scheduler.next({1})) order += name(work).back();
  CHECK(order == "awbc");
}

TEST_CASE("kinds of tasks take turns, however long one queue is") {
  DueWorkScheduler scheduler;
  for (const char* id : {"a", "b", "c"}) scheduler.offer_task(due("charge", id, 1), {1});
  scheduler.offer_task(due("webhook", "w", 1), {1});
  std::string order;
  while (const auto work = scheduler.next({1})) order += name(work).back();
  CHECK(order == "awbc");
}

TEST_CASE("a full queue of one kind drops no task of another") {
  DueWorkScheduler scheduler({.tasks_max = 1, .queue_max = 1});
  CHECK(scheduler.offer_task(due("webhook", "a", 1), {1}));
  CHECK_FALSE(scheduler.offer_task(due("webhook", "b", 1), {1}));
  CHECK(scheduler.offer_task(due("charge", "a", 1), {1}));
}

TEST_CASE("a quarantine follows a row whose due time moves, and no other row") {
  DueWorkScheduler scheduler;
  scheduler.offer_task(due("charge", "bad", 1), {1});
  scheduler.ended(*scheduler.next({1}), true, {1});
  scheduler.offer_task(due("charge", "bad", 10'001), {10'001});
  scheduler.offer_task(due("charge", "good", 10'001), {10'001});
  CHECK(name(scheduler.next({10'001})) == "task " + due("charge", "good", 10'001));
  CHECK(name(scheduler.next({10'001})) == "nothing");
  scheduler.offer_task(due("charge", "bad", 10'001), {30'001});
  scheduler.ended(*scheduler.next({30'001}), true, {30'001});
  scheduler.offer_task(due("charge", "bad", 40'001), {90'000});
  CHECK(name(scheduler.next({90'000})) == "nothing");
}

TEST_CASE("the figures count tasks by kind, and the oldest that waits") {
  DueWorkScheduler scheduler({.tasks_max = 1});
  const UnixMillis now{100'000};
  CHECK(scheduler.figures().empty());
  for (const auto& [id, ms] : {std::pair{"a", 90'000}, std::pair{"b", 70'000}, std::pair{"c", 80'000}})
    scheduler.offer_task(due("webhook", id, static_cast<std::uint64_t>(ms)), now);
  scheduler.offer_task(due("charge", "d", 95'000), now);
  auto figures = scheduler.figures();
  REQUIRE(figures.size() == 2);
  CHECK(figures[0].kind == "charge");
  CHECK(figures[1].kind == "webhook");
  CHECK(figures[1].waiting == 3);
  CHECK(figures[1].running == 0);
  CHECK(figures[1].oldest == UnixMillis{70'000});
  while (scheduler.next(now)) {
  }
  figures = scheduler.figures();
  CHECK(figures[0].running == 1);
  CHECK(figures[0].waiting == 0);
  CHECK_FALSE(figures[0].oldest.has_value());
  CHECK(figures[1].running == 1);
  CHECK(figures[1].waiting == 2);
}

}  // namespace due_work_scheduler_test
