// What is begun when: no doubles, caps, the earliest wake, quarantine.
#include "host-adapters/server/engine/due_work_scheduler.hpp"

#include <doctest/doctest.h>

#include "core/tenant/due_work.hpp"

using namespace lntpay;
using namespace lntpay::host;

namespace {

std::string name(const std::optional<Input>& work) {
  if (!work) return "nothing";
  if (const auto* wake = std::get_if<input::Wake>(&*work)) return "wake " + wake->shard;
  return "task " + std::get<input::Task>(*work).key;
}

std::string due(std::string kind, std::string id, std::uint64_t ms) {
  const TenantScope tenant{Environment::test, *WorkspaceId::parse("ws_7K01K5CKRK67T9KWDQK5JSABCDEF")};
  return due_key({std::move(kind), tenant, std::move(id)}, {ms});
}

}  // namespace

TEST_CASE("a task is not begun again while it is in line or at work") {
  Background background;
  background.offer_task("t", {0});
  background.offer_task("t", {0});
  CHECK(name(background.next({0})) == "task t");
  background.offer_task("t", {0});
  CHECK(name(background.next({0})) == "nothing");
  background.ended(input::Task{"t"}, false, {0});
  background.offer_task("t", {0});
  CHECK(name(background.next({0})) == "task t");
}

TEST_CASE("no more tasks are at work than allowed, and wakes do not wait for them") {
  Background background({.tasks_max = 1, .wakes_max = 1, .line_max = 2});
  for (const char* key : {"a", "b", "dropped"}) background.offer_task(key, {0});
  background.wake_at({"7K", {0}});
  CHECK(name(background.next({0})) == "wake 7K");
  CHECK(name(background.next({0})) == "task a");
  background.wake_at({"7L", {0}});
  CHECK(name(background.next({0})) == "nothing");
  CHECK_FALSE(background.next_time({0}));
  background.ended(input::Wake{"7K"}, false, {0});
  background.ended(input::Task{"a"}, false, {0});
  CHECK(name(background.next({0})) == "wake 7L");
  CHECK(name(background.next({0})) == "task b");
  CHECK(name(background.next({0})) == "nothing");
}

TEST_CASE("of several wakes of a shard the earliest is kept") {
  Background background;
  background.wake_at({"7K", {500}});
  background.wake_at({"7K", {300}});
  background.wake_at({"7K", {900}});
  CHECK(background.next_time({0}) == UnixMillis{300});
  CHECK(name(background.next({299})) == "nothing");
  CHECK(name(background.next({300})) == "wake 7K");
  CHECK_FALSE(background.next_time({900}));
}

TEST_CASE("a wake for a shard that is being woken comes a little later") {
  Background background;
  background.wake_at({"7K", {0}});
  CHECK(name(background.next({0})) == "wake 7K");
  background.wake_at({"7K", {0}});
  CHECK(name(background.next({0})) == "nothing");
  background.ended(input::Wake{"7K"}, false, {10});
  CHECK(name(background.next({100})) == "wake 7K");
}

TEST_CASE("a task that brought its instance down is left alone, longer each time") {
  Background background;
  background.offer_task("bad", {0});
  CHECK(name(background.next({0})) == "task bad");
  background.ended(input::Task{"bad"}, true, {0});
  background.offer_task("bad", {29'999});
  CHECK(name(background.next({29'999})) == "nothing");
  background.offer_task("bad", {30'000});
  CHECK(name(background.next({30'000})) == "task bad");
  background.ended(input::Task{"bad"}, true, {30'000});
  background.offer_task("bad", {89'999});
  CHECK(name(background.next({89'999})) == "nothing");
  background.offer_task("bad", {90'000});
  CHECK(name(background.next({90'000})) == "task bad");
}

TEST_CASE("a charge is looked after at once though every receiver of webhooks is slow") {
  Background background;
  for (int i = 0; i < 1'000; ++i) background.offer_task(due("webhook", std::to_string(i), 1), {1});
  int at_work = 0;
  while (background.next({1})) ++at_work;
  CHECK(at_work == 256);
  const auto key = due("charge", "ch_1", 1);
  background.offer_task(key, {1});
  CHECK(background.next_time({1}) == UnixMillis{1});
  CHECK(name(background.next({1})) == "task " + key);
  CHECK(name(background.next({1})) == "nothing");
  CHECK(background.tasks_at_work() == 257);
}

TEST_CASE("kinds of tasks take turns, however long the line of one is") {
  Background background;
  for (const char* id : {"a", "b", "c"}) background.offer_task(due("charge", id, 1), {1});
  background.offer_task(due("webhook", "w", 1), {1});
  std::string order;
  while (const auto work = background.next({1})) order += name(work).back();
  CHECK(order == "awbc");
}

TEST_CASE("a full line of one kind drops no task of another") {
  Background background({.tasks_max = 1, .line_max = 1});
  CHECK(background.offer_task(due("webhook", "a", 1), {1}));
  CHECK_FALSE(background.offer_task(due("webhook", "b", 1), {1}));
  CHECK(background.offer_task(due("charge", "a", 1), {1}));
}

TEST_CASE("a claim that moves a row's time does not end its quarantine, and another row is free") {
  Background background;
  background.offer_task(due("charge", "bad", 1), {1});
  background.ended(*background.next({1}), true, {1});
  background.offer_task(due("charge", "bad", 10'001), {10'001});
  background.offer_task(due("charge", "good", 10'001), {10'001});
  CHECK(name(background.next({10'001})) == "task " + due("charge", "good", 10'001));
  CHECK(name(background.next({10'001})) == "nothing");
  background.offer_task(due("charge", "bad", 10'001), {30'001});
  background.ended(*background.next({30'001}), true, {30'001});
  background.offer_task(due("charge", "bad", 40'001), {90'000});
  CHECK(name(background.next({90'000})) == "nothing");
}
