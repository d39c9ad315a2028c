// The rule that disables an endpoint.
#include "core/webhook/endpoint/failure_run.hpp"

#include <doctest/doctest.h>

namespace lntpay::failure_run_test {
namespace {

struct Failing {
  Random random{{1, 2, 3, 4}};
  DeliveryId one = DeliveryId::generate(Shard::number(7), UnixMillis{1}, random);
  DeliveryId other = DeliveryId::generate(Shard::number(7), UnixMillis{2}, random);
  FailureRun run{};
  UnixMillis now{1'770'091'506'000};

  FailureStep fail(Millis after, bool of_other = false) {
    now = now + after;
    return add_failure(run, of_other ? other : one, now);
  }
  /// The first step that is not none within this number of failures, and after how many it came.
  std::pair<FailureStep, int> until_step(Millis every, int failures, bool alternating = true) {
    for (int i = 1; i <= failures; ++i) {
      const auto step = fail(every, alternating && i % 2 == 0);
      if (step != FailureStep::none) return {step, i};
    }
    return {FailureStep::none, failures};
  }
};

}  // namespace

TEST_CASE("an endpoint is warned after two and a half days, and disabled after five") {
  Failing endpoint;
  CHECK(endpoint.until_step(hours(10), 100) == std::pair(FailureStep::warn, 10));
  CHECK(endpoint.until_step(hours(10), 100) == std::pair(FailureStep::disable, 3));
  CHECK(endpoint.now - endpoint.run.since == hours(120));
}

TEST_CASE("one failure before and one after a quiet month disable nothing") {
  Failing endpoint;
  CHECK(endpoint.fail(days(0)) == FailureStep::none);
  CHECK(endpoint.fail(days(30), true) == FailureStep::none);
  CHECK(endpoint.until_step(minutes(1), 100) == std::pair(FailureStep::none, 100));
  CHECK(endpoint.run.attempts == 101);
}

TEST_CASE("the failures of one delivery disable nothing") {
  Failing endpoint;
  CHECK(endpoint.until_step(hours(10), 100, false) == std::pair(FailureStep::none, 100));
}

TEST_CASE("ten failures within an hour disable nothing") {
  Failing endpoint;
  CHECK(endpoint.until_step(minutes(1), 60) == std::pair(FailureStep::none, 60));
}

}  // namespace lntpay::failure_run_test
