// Requests as recordings: every step of a session with the replies that it got, so that the engine can be timed alone and the
// native one and the component do exactly the same.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "host-adapters/common/instance.hpp"
#include "host-adapters/stores/host_store.hpp"

namespace lntpay::bench {

using Clock = std::chrono::steady_clock;
using Nanos = std::chrono::nanoseconds;

/// The host's clock and random, the same in every run.
class FixedMoments {
 public:
  Moment next();
  void pass(Millis span) { now_ = now_ + span; }

 private:
  UnixMillis now_{1'800'000'000'000};
  std::uint64_t drawn_ = 0;
};

struct Recording {
  std::string name;
  Input input;
  Moment begun;
  struct Round {
    Moment at;
    std::vector<Reply> replies;
  };
  std::vector<Round> rounds;  ///< one for each resume
  std::size_t effects = 0;
  Response answer;
};

/// Where the time of live sessions goes.
struct LiveTimes {
  Nanos engine{};
  Nanos store{};
};

/// Runs the input to its end against the store, inside a batch that is open; adds to `times` what it takes. Whoever wants to
/// replay it gives a recording to fill.
Outcome live(host::Instance& instance, host::Store& store, FixedMoments& moments, Input input, LiveTimes& times,
             Recording* recording = nullptr);

/// A request that must be answered with this status: where it is not, the process ends with a message.
Response ask(host::Instance& instance, host::Store& store, FixedMoments& moments, Input input, std::uint16_t status,
             LiveTimes& times);
Recording record(host::Instance& instance, host::Store& store, FixedMoments& moments, std::string name, Input input,
                 std::uint16_t status);

/// The time that the engine takes for the recording, without the copies that are made for it. Ends the process when the answer
/// is another than the recorded one.
Nanos replay(host::Instance& instance, const Recording& recording);

[[noreturn]] void fail_bench(const std::string& why);

}  // namespace lntpay::bench
