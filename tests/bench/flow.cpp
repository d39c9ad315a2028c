// Recording and replaying sessions.
#include "tests/bench/flow.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace lntpay::bench {
namespace {

Reply perform(host::Store& store, const Effect& effect) {
  if (const auto* get = std::get_if<Get>(&effect)) return store.get(*get);
  if (const auto* range = std::get_if<Range>(&effect)) return store.scan(*range);
  if (const auto* commit = std::get_if<Commit>(&effect)) return store.commit(*commit);
  fail_bench("a recorded request only uses the store");
}

Step expect_step(std::expected<Step, host::Trap> step) {
  if (!step) fail_bench("trap: " + step.error().reason);
  return std::move(*step);
}

}  // namespace

void fail_bench(const std::string& why) {
  std::fprintf(stderr, "engine_bench: %s\n", why.c_str());
  std::exit(1);
}

Moment FixedMoments::next() {
  ++drawn_;
  return {now_, {drawn_, 0x9e3779b97f4a7c15ULL * drawn_, 0xbf58476d1ce4e5b9ULL ^ drawn_, 11}};
}

Recording record(host::Instance& instance, host::Store& store, FixedMoments& moments, std::string name, Input input,
                 std::uint16_t status, LiveTimes* times) {
  Recording made{.name = std::move(name), .input = input, .begun = moments.next(), .rounds = {}, .effects = 0, .answer = {}};
  auto from = Clock::now();
  const auto lap = [&](Nanos LiveTimes::* part) {
    const auto now = Clock::now();
    if (times != nullptr) times->*part += now - from;
    from = now;
  };
  Step step = expect_step(instance.begin(made.begun, std::move(input)));
  lap(&LiveTimes::engine);
  while (auto* ask = std::get_if<Ask>(&step)) {
    Recording::Round round{moments.next(), {}};
    for (const Effect& effect : ask->effects) round.replies.push_back(perform(store, effect));
    made.effects += ask->effects.size();
    lap(&LiveTimes::store);
    auto replies = round.replies;
    made.rounds.push_back(std::move(round));
    from = Clock::now();
    step = expect_step(instance.resume(ask->session, made.rounds.back().at, std::move(replies)));
    lap(&LiveTimes::engine);
  }
  made.answer = std::get<Outcome>(step).response.value_or(Response{});
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
