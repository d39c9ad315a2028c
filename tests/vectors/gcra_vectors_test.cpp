// Rate limits step by step: gcra-vectors.json.
#include <doctest/doctest.h>

#include "core/request/gcra.hpp"
#include "tests/vectors/vectors.hpp"

namespace lntpay::ratelimit::gcra_vectors_test {

TEST_CASE("published rate-limit scenarios are decided as stated, step by step") {
  const auto file = vectors::load("gcra-vectors.json");
  if (!file) return;
  std::size_t scenarios = 0;
  for (const auto& scenario : file->at("scenarios")) {
    const auto name = scenario.at("name").get<std::string>();
    const RateLimit limit{.quota = scenario.at("quota").get<std::uint32_t>(),
                          .window_s = scenario.at("window_s").get<std::uint32_t>()};
    UnixMillis arrival{};
    for (const auto& step : scenario.at("steps")) {
      CAPTURE(name);
      CAPTURE(step.dump());
      const auto decision = decide(limit, arrival, {step.at("now_ms").get<std::uint64_t>()}, step.at("cost").get<std::uint32_t>());
      arrival = decision.arrival;
      CHECK(decision.state.allowed == step.at("allow").get<bool>());
      CHECK(decision.state.remaining == step.at("remaining").get<std::uint32_t>());
      const auto retry_after = decision.state.allowed ? 0 : decision.state.retry_after.value_or(Millis{-1}).value;
      CHECK(retry_after == step.at("retry_after_ms").get<std::int64_t>());
    }
    ++scenarios;
  }
  CHECK(scenarios == 5);
}

}  // namespace lntpay::ratelimit::gcra_vectors_test
