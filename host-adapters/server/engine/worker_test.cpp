// The worker's thread: answers wait for durable batches, timers, drain and stop.
#include "host-adapters/server/engine/worker.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "host-adapters/stores/memory/memory_store.hpp"
#include "tests/support/host/scripted_instance.hpp"

namespace worker_test {
using namespace lntpay;
using namespace lntpay::host;
using lntpay::host::Store;
using namespace lntpay::host::testing;
using namespace std::chrono_literals;

namespace {

/// A memory store whose batches take a while to become durable.
class SlowStore final : public Store {
 public:
  explicit SlowStore(std::atomic<int>& durable, std::chrono::milliseconds takes) : durable_(durable), takes_(takes) {}
  void begin_batch() override { memory_.begin_batch(); }
  Reply get(const Get& asked) override { return memory_.get(asked); }
  Reply scan(const Range& asked) override { return memory_.scan(asked); }
  Reply commit(const Commit& asked) override { return memory_.commit(asked); }
  BatchEnd end_batch() override {
    std::this_thread::sleep_for(takes_);
    const auto end = memory_.end_batch();
    ++durable_;
    return end;
  }

 private:
  MemoryStore memory_;
  std::atomic<int>& durable_;
  std::chrono::milliseconds takes_;
};

/// A memory store whose batches do not end while it is held.
class HeldStore final : public Store {
 public:
  explicit HeldStore(bool is_held) : held_(is_held) {}
  void begin_batch() override { memory_.begin_batch(); }
  Reply get(const Get& asked) override { return memory_.get(asked); }
  Reply scan(const Range& asked) override { return memory_.scan(asked); }
  Reply commit(const Commit& asked) override { return memory_.commit(asked); }
  BatchEnd end_batch() override {
    ++ending;
    held_.wait(true);
    return memory_.end_batch();
  }

  void hold() { held_ = true; }
  void let_go() {
    held_ = false;
    held_.notify_all();
  }
  /// Waits until another batch ends.
  void wait_for_end(int after) const {
    while (ending == after) std::this_thread::yield();
  }

  std::atomic<int> ending{0};  ///< batches that end or have ended

 private:
  MemoryStore memory_;
  std::atomic<bool> held_;
};

class NoFetching final : public Fetching {
 public:
  void fetch(Outgoing, Done done) override { done(NotSent{"none in this test"}); }
};

/// Exchanges that stay open until the test answers them.
class HeldFetching final : public Fetching {
 public:
  void fetch(Outgoing, Done done) override {
    const std::lock_guard lock(mutex_);
    open_.push_back(std::move(done));
  }
  [[nodiscard]] std::size_t size() {
    const std::lock_guard lock(mutex_);
    return open_.size();
  }
  void answer_all() {
    for (auto& done : open_) done(NotSent{"in this test"});
  }

 private:
  std::mutex mutex_;
  std::vector<Done> open_;
};

/// Keys of two workspaces in different shards.
constexpr std::string_view busy_key = "lnt_test_pBG28nJouM5VResTPVLN06EcPFcMoPwu3MCm2Q";
constexpr std::string_view other_key = "lnt_test_0000000000000000000000000000011500tQ5u";

/// A request of the API with a key.
Input scripted_with(std::string_view key, std::string body) {
  return input::Http{{"POST", "/v1/test", {{"authorization", "Bearer " + std::string(key)}}, std::move(body), "127.0.0.1"}};
}

/// Waits until both keys have authenticated a request.
void accept_keys(Worker& worker) {
  for (const auto key : {busy_key, other_key}) {
    std::promise<void> done;
    worker.submit(scripted_with(key, "get a"), [&done](const Outcome&) { done.set_value(); });
    done.get_future().wait();
  }
}

struct World {
  explicit World(std::chrono::milliseconds batch_takes = 0ms, Script scripted_first = {})
      : script(std::move(scripted_first)),
        worker({.sweep_every = 1h}, std::make_unique<SlowStore>(durable, batch_takes), scripted_instances(script), fetching, log,
               metrics) {
    REQUIRE(worker.start());
  }

  std::future<Outcome> ask(std::string body) {
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto future = promise->get_future();
    worker.submit(scripted(std::move(body)), [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    return future;
  }
  std::string answer(std::string body) { return ask(std::move(body)).get().response->body; }

  Script script;
  std::atomic<int> durable{0};
  NoFetching fetching;
  Log log{LogLevel::off};
  Metrics metrics;
  Worker worker;
};

}  // namespace

TEST_CASE("an answer is not sent before its batch is durable") {
  World world(20ms);
  std::atomic<int> seen{-1};
  std::promise<void> done;
  const int before = world.durable;
  world.worker.submit(scripted("put a 1"), [&](Outcome) {
    seen = world.durable.load();
    done.set_value();
  });
  done.get_future().wait();
  CHECK(seen > before);
}

TEST_CASE("inputs that arrive during a slow batch share the next one") {
  World world(20ms);
  std::vector<std::future<Outcome>> all;
  for (int i = 0; i < 100; ++i) all.push_back(world.ask("put k" + std::to_string(i) + " 1"));
  for (auto& each : all) CHECK(each.get().response->status == 200);
  CHECK(world.durable <= 10);
}

TEST_CASE("a request waits for one request of a workspace that has hundreds in the queue") {
  auto store = std::make_unique<HeldStore>(false);
  auto& held = *store;
  Script script;
  NoFetching fetching;
  const Log log(LogLevel::off);
  Metrics metrics;
  Worker worker({.sweep_every = 1h}, std::move(store), scripted_instances(script), fetching, log, metrics);
  REQUIRE(worker.start());
  accept_keys(worker);
  std::atomic<int> answered{0};
  std::promise<int> other_answered;
  const auto submit = [&](std::string_view key, Answer answer) { worker.submit(scripted_with(key, "get a"), std::move(answer)); };
  // The worker is at the end of a batch until all are in its queue.
  held.hold();
  const int ended = held.ending;
  submit(busy_key, [](const Outcome&) {});
  held.wait_for_end(ended);
  for (int i = 0; i < 200; ++i) submit(busy_key, [&](const Outcome&) { ++answered; });
  submit(other_key, [&](const Outcome&) { other_answered.set_value(answered.load()); });
  held.let_go();
  CHECK(other_answered.get_future().get() == 1);
  worker.stop();
  CHECK(answered == 200);
}

TEST_CASE("a request waits for a slice of another workspace's session, not for its end") {
  auto store = std::make_unique<HeldStore>(false);
  auto& held = *store;
  Script script;
  NoFetching fetching;
  const Log log(LogLevel::off);
  Metrics metrics;
  Worker worker({.sessions = {.slice = 0us}, .sweep_every = 1h}, std::move(store), scripted_instances(script), fetching, log,
                metrics);
  REQUIRE(worker.start());
  accept_keys(worker);
  const auto submit = [&](std::string_view key, std::string body, Answer answer) {
    worker.submit(scripted_with(key, std::move(body)), std::move(answer));
  };
  std::string reads;
  for (int i = 0; i < 100; ++i) reads += "get a\n";
  std::promise<std::string> long_ended;
  std::promise<std::string> other_answered;
  const auto text_in = [](std::promise<std::string>& promise) {
    return [&promise](const Outcome& outcome) { promise.set_value(outcome.response->body); };
  };
  held.hold();
  const int ended = held.ending;
  submit(busy_key, "get a", [](const Outcome&) {});
  held.wait_for_end(ended);
  submit(busy_key, reads + "put ended 1", text_in(long_ended));
  submit(other_key, "get a\nget a\nget ended", text_in(other_answered));
  held.let_go();
  CHECK(other_answered.get_future().get() == "none none none");
  CHECK(long_ended.get_future().get().ends_with("committed"));
  worker.stop();
}

TEST_CASE("a request begins beside the replies that came before it, not after all of them") {
  auto store = std::make_unique<HeldStore>(false);
  auto& held = *store;
  Script script;
  HeldFetching fetching;
  const Log log(LogLevel::off);
  Metrics metrics;
  Worker worker({.batch_operations_max = 4, .sweep_every = 1h}, std::move(store), scripted_instances(script), fetching, log,
                metrics);
  REQUIRE(worker.start());
  std::atomic<int> answered{0};
  std::promise<int> other_answered;
  for (int i = 0; i < 40; ++i) worker.submit(scripted("fetch http://x/"), [&](const Outcome&) { ++answered; });
  while (fetching.size() < 40) std::this_thread::yield();
  held.hold();
  const int ended = held.ending;
  worker.submit(scripted("put a 1"), [](const Outcome&) {});
  held.wait_for_end(ended);
  fetching.answer_all();
  worker.submit(scripted("put b 1"), [&](const Outcome&) { other_answered.set_value(answered.load()); });
  held.let_go();
  CHECK(other_answered.get_future().get() <= 4);
  worker.stop();
  CHECK(answered == 40);
}

TEST_CASE("a request waits for one long task, not for all that are due") {
  auto store = std::make_unique<HeldStore>(true);
  auto& held = *store;
  Script script;
  for (int i = 0; i < 10; ++i) {
    script.wakes["00"].tasks.push_back("00/due/" + std::to_string(i));
    script.tasks["00/due/" + std::to_string(i)] = "compute 20";
  }
  NoFetching fetching;
  const Log log(LogLevel::off);
  Metrics metrics;
  Worker worker({.sweep_every = 1h}, std::move(store), scripted_instances(script), fetching, log, metrics);
  REQUIRE(worker.start());
  held.wait_for_end(0);
  std::promise<std::ptrdiff_t> tasks;
  const auto is_task = [](const std::string& ran) { return ran.starts_with("task"); };
  worker.submit(scripted("put a 1"), [&](const Outcome&) { tasks.set_value(std::ranges::count_if(script.ran, is_task)); });
  held.let_go();
  CHECK(tasks.get_future().get() == 1);
  worker.stop();
}

TEST_CASE("a wait ends by another request's write or at its time") {
  World world;
  auto waiting = world.ask("wait a\nget a");
  CHECK(waiting.wait_for(50ms) == std::future_status::timeout);
  CHECK(world.answer("put a 5") == "committed");
  CHECK(waiting.get().response->body == "woken 5");
  world.script.wait_ms = 30;
  const auto started = std::chrono::steady_clock::now();
  CHECK(world.answer("wait a") == "woken");
  CHECK(std::chrono::steady_clock::now() - started >= 25ms);
}

TEST_CASE("a fetch that fails at once resumes its session") {
  World world;
  CHECK(world.answer("fetch http://x/\nget a") == "not-sent none");
}

TEST_CASE("a wake requested by an answer starts at its time") {
  Script script;
  script.wakes["00"].wake = {{"7K", unix_now() + Millis{30}}};
  World world(0ms, script);
  std::this_thread::sleep_for(200ms);
  world.worker.stop();
  CHECK(world.script.ran.front() == "wake 00");
  CHECK(std::ranges::count(world.script.ran, "wake 7K") == 1);
}

TEST_CASE("a stopped worker finishes the inputs in its queue") {
  World world(5ms);
  auto last = world.ask("put a 1");
  world.worker.stop();
  CHECK(last.get().response->body == "committed");
}

TEST_CASE("draining ends waits and leaves the worker idle") {
  World world;
  auto waiting = world.ask("wait a");
  CHECK(waiting.wait_for(30ms) == std::future_status::timeout);
  CHECK_FALSE(world.worker.idle());
  world.worker.drain();
  CHECK(waiting.get().response->body == "failed");
  for (int i = 0; i < 100 && !world.worker.idle(); ++i) std::this_thread::sleep_for(5ms);
  CHECK(world.worker.idle());
}

}  // namespace worker_test
