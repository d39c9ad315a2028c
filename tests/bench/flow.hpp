// Recorded requests: every step of a session with its replies, so that the engine is timed alone and the
// native engine and the component do exactly the same.
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

/// The host's clock and entropy, the same in every run.
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

/// Time spent in live sessions.
struct LiveTimes {
  Nanos engine{};
  Nanos store{};
};

/// Runs the input to completion against the store, in the open batch; adds its time to `times`. Fills `recording`, if
/// given, for a replay.
Outcome live(host::Instance& instance, host::Store& store, FixedMoments& moments, Input input, LiveTimes& times,
             Recording* recording = nullptr);

/// Sends a request that must get this status; otherwise the process exits with a message.
Response ask(host::Instance& instance, host::Store& store, FixedMoments& moments, Input input, std::uint16_t status,
             LiveTimes& times);
Recording record(host::Instance& instance, host::Store& store, FixedMoments& moments, std::string name, Input input,
                 std::uint16_t status);

/// The engine's time for the recording, without the copies made for it. The process exits if the response
/// differs from the recorded one.
Nanos replay(host::Instance& instance, const Recording& recording);

[[noreturn]] void fail_bench(const std::string& why);

}  // namespace lntpay::bench
