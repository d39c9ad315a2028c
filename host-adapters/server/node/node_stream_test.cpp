// The node's stream between a scripted engine and node: order, ends, delays, and an engine that rejects lines.
#include "host-adapters/server/node/node_stream.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace node_stream_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

class PlayedNode final : public Streaming {
 public:
  Open stream(Outgoing asked, Line line, Closed closed) override {
    targets.push_back(asked.target);
    send = std::move(line);
    end = std::move(closed);
    auto open = std::make_shared<int>();
    held = open;
    return open;
  }
  std::vector<std::string> targets;
  Line send;
  Closed end;
  std::weak_ptr<void> held;
};

struct World {
  boost::asio::io_context io;
  PlayedNode node;
  Log log{LogLevel::off};
  std::vector<std::string> asked;  ///< of the engine: "where", or a batch's lines
  std::vector<std::function<void(Outcome)>> answers;
  NodeStream stream{io,
                    [this](Input input, std::function<void(Outcome)> answer) {
                      const auto* events = std::get_if<input::NodeEvents>(&input);
                      std::string text = events == nullptr ? "where" : "";
                      if (events != nullptr) {
                        for (const auto& line : events->lines) text += line + " ";
                      }
                      asked.push_back(std::move(text));
                      answers.push_back(std::move(answer));
                    },
                    node,
                    log,
                    {.lines_per_batch_max = 3,
                     .lines_waiting_max = 8,
                     .pause_min = std::chrono::milliseconds(1),
                     .pause_max = std::chrono::milliseconds(2)}};

  World() { stream.start(); }

  /// Runs what was posted, without waiting for a timer.
  void settle() {
    io.restart();
    io.poll();
  }
  /// The engine answers its oldest question.
  void answer(Outcome outcome = {}) {
    REQUIRE_FALSE(answers.empty());
    auto first = std::move(answers.front());
    answers.erase(answers.begin());
    first(std::move(outcome));
    settle();
  }
  void open(std::string target = "/from/0") {
    Outcome outcome;
    outcome.subscribe = Outgoing{.target = std::move(target)};
    answer(std::move(outcome));
  }
  void send(std::initializer_list<const char*> lines) {
    for (const auto* line : lines) node.send(line);
    settle();
  }
  void end() {
    node.end("reset");
    settle();
  }
  /// After the backoff.
  void pass() {
    io.restart();
    io.run_one_for(std::chrono::seconds(5));
    settle();
  }
};

Outcome refused() {
  Outcome outcome;
  outcome.response = Response{503, {}, ""};
  return outcome;
}

}  // namespace

TEST_CASE("lines reach the engine in order, one batch at a time") {
  World world;
  CHECK(world.asked == std::vector<std::string>{"where"});
  world.open();
  CHECK(world.node.targets == std::vector<std::string>{"/from/0"});
  world.send({"1", "2"});
  CHECK(world.asked.back() == "1 ");
  world.send({"3", "4", "5"});
  world.end();
  CHECK(world.asked.size() == 2);
  world.answer();
  CHECK(world.asked.back() == "2 3 4 ");
  world.answer();
  CHECK(world.asked.back() == "5 ");
  world.answer();
  CHECK(world.asked.size() == 4);
  world.pass();
  CHECK(world.asked.back() == "where");
  world.open("/from/5");
  CHECK(world.node.targets.back() == "/from/5");
}

TEST_CASE("after a rejected batch the stream is reopened, and later lines dropped") {
  World world;
  world.open();
  world.send({"1", "2", "3", "4"});
  world.answer(refused());
  CHECK(world.node.held.expired());
  world.send({"5"});
  world.pass();
  CHECK(world.asked == std::vector<std::string>{"where", "1 ", "where"});
  world.open("/from/0");
  world.send({"1"});
  CHECK(world.asked.back() == "1 ");
}

TEST_CASE("the engine is asked until it names a start; old streams are ignored") {
  World world;
  world.answer();
  CHECK(world.node.targets.empty());
  world.pass();
  world.answer(refused());
  world.pass();
  CHECK(world.asked == std::vector<std::string>{"where", "where", "where"});
  world.open();
  const auto old_send = world.node.send;
  const auto old_end = world.node.end;
  world.end();
  world.pass();
  world.open();
  old_send("late");
  old_end("late");
  world.settle();
  CHECK_FALSE(world.node.held.expired());
  CHECK(world.asked.back() == "where");
}

TEST_CASE("a stream that overruns the engine is closed, its queued lines taken") {
  World world;
  world.open();
  world.send({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"});
  CHECK(world.node.held.expired());
  for (int batches = 0; batches < 4; ++batches) world.answer();
  CHECK(world.asked.back() == "8 9 ");
  world.pass();
  CHECK(world.asked.back() == "where");
}

TEST_CASE("a stopped stream closes its connection and asks for nothing more") {
  World world;
  world.open();
  world.send({"1", "2"});
  world.stream.stop();
  CHECK(world.node.held.expired());
  world.send({"3"});
  world.answer();
  world.end();
  world.pass();
  CHECK(world.asked == std::vector<std::string>{"where", "1 "});
}

}  // namespace node_stream_test
