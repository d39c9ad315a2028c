// Records and replays sessions.
#include "tests/bench/flow.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tests/support/host/store_reply.hpp"

namespace lntpay::bench {
namespace {

Reply perform(host::Store& store, const Effect& effect) {
  auto reply = test::store_reply(store, effect);
  if (!reply) fail_bench("a recorded request only uses the store");
  return std::move(*reply);
}

Step expect_step(std::expected<Step, host::Trap> step) {
  if (!step) fail_bench("trap: " + step.error().reason);
  return std::move(*step);
}

}  // namespace

void fail_bench(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

Moment FixedMoments::next() {
  ++drawn_;
  return {now_, {drawn_, 0x9e3779b97f4a7c15ULL * drawn_, 0xbf58476d1ce4e5b9ULL ^ drawn_, 11}};
}

Outcome live(host::Instance& instance, host::Store& store, FixedMoments& moments, Input input, LiveTimes& times,
             Recording* recording) {
  auto from = Clock::now();
  const auto lap = [&](Nanos& part) {
    const auto now = Clock::now();
    part += now - from;
    from = now;
  };
  const auto begun = moments.next();
  if (recording != nullptr) *recording = {.name = {}, .input = input, .begun = begun, .rounds = {}, .effects = 0, .answer = {}};
  from = Clock::now();
  Step step = expect_step(instance.begin(begun, std::move(input)));
  lap(times.engine);
  while (auto* ask = std::get_if<Ask>(&step)) {
    std::vector<Reply> replies;
    for (const Effect& effect : ask->effects) replies.push_back(perform(store, effect));
    lap(times.store);
    const auto at = moments.next();
    if (recording != nullptr) {
      recording->effects += ask->effects.size();
      recording->rounds.push_back({at, replies});
    }
    from = Clock::now();
    step = expect_step(instance.resume(ask->session, at, std::move(replies)));
    lap(times.engine);
  }
  return std::get<Outcome>(std::move(step));
}

Response ask(host::Instance& instance, host::Store& store, FixedMoments& moments, Input input, std::uint16_t status,
             LiveTimes& times) {
  auto answer = live(instance, store, moments, std::move(input), times).response.value_or(Response{});
  if (answer.status != status) fail_bench(std::to_string(answer.status) + " " + answer.body);
  return answer;
}

Recording record(host::Instance& instance, host::Store& store, FixedMoments& moments, std::string name, Input input,
                 std::uint16_t status) {
  LiveTimes times;
  Recording made;
  made.answer = live(instance, store, moments, std::move(input), times, &made).response.value_or(Response{});
  made.name = std::move(name);
  if (made.answer.status != status) fail_bench(made.name + ": " + std::to_string(made.answer.status) + " " + made.answer.body);
  return made;
}

Nanos replay(host::Instance& instance, const Recording& recording) {
  Nanos spent{};
  Input input = recording.input;
  auto from = Clock::now();
  Step step = expect_step(instance.begin(recording.begun, std::move(input)));
  spent += Clock::now() - from;
  for (const auto& round : recording.rounds) {
    const auto* ask = std::get_if<Ask>(&step);
    if (ask == nullptr) fail_bench(recording.name + ": ended before its recording");
    const auto session = ask->session;
    auto replies = round.replies;
    from = Clock::now();
    step = expect_step(instance.resume(session, round.at, std::move(replies)));
    spent += Clock::now() - from;
  }
  const auto* outcome = std::get_if<Outcome>(&step);
  if (outcome == nullptr || outcome->response != recording.answer) fail_bench(recording.name + ": another answer than recorded");
  return spent;
}

}  // namespace lntpay::bench
