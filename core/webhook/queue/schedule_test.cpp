// The retry schedule, and the outcome of responses.
#include "core/webhook/queue/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace lntpay::schedule_test {
namespace {

constexpr UnixMillis now{784'111'777'000};  // Sun, 06 Nov 1994 08:49:37 GMT

AttemptOutcome answered(std::uint16_t status, std::vector<Header> headers = {}, std::string body = {}) {
  return outcome_of(Answered{{status, std::move(headers), std::move(body)}}, now);
}

}  // namespace

TEST_CASE("delays follow the schedule with 20 % jitter; the eleventh is the last") {
  Random random({1, 2, 3, 4});
  for (std::uint32_t tries = 1; tries < delivery_delays.size(); ++tries) {
    const auto base = delivery_delays[tries].value;
    auto least = INT64_MAX;
    std::int64_t most = 0;
    for (int i = 0; i < 500; ++i) {
      const auto delay = next_delay(tries, std::nullopt, random);
      REQUIRE(delay.has_value());
      least = std::min(least, delay->value);
      most = std::max(most, delay->value);
    }
    CHECK(least >= base * 8 / 10);
    CHECK(most <= base * 12 / 10);
    CHECK(least < base * 83 / 100);
    CHECK(most > base * 117 / 100);
  }
  CHECK_FALSE(next_delay(11, std::nullopt, random).has_value());
  CHECK_FALSE(next_delay(11, seconds(5), random).has_value());
}

TEST_CASE("Retry-After lengthens a delay up to a day and never shortens it") {
  struct Case {
    std::uint32_t tries;
    Millis asked;
    Millis least;
    Millis most;
  };
  const Case cases[] = {{1, seconds(1), seconds(5), seconds(6)},
                        {1, seconds(90), seconds(90), seconds(108)},
                        {1, hours(2), hours(2), minutes(125)},
                        {1, days(3), hours(24), minutes(24 * 60 + 5)},
                        {10, seconds(1), hours(24), minutes(24 * 60 + 5)}};
  Random random({1, 2, 3, 4});
  for (const auto& each : cases) {
    Millis least = days(9);
    Millis most{};
    for (int i = 0; i < 500; ++i) {
      const auto delay = next_delay(each.tries, each.asked, random).value();
      least = std::min(least, delay);
      most = std::max(most, delay);
    }
    CAPTURE(each.asked.value);
    const auto spread = each.most.value - each.least.value;
    CHECK(least >= each.least);
    CHECK(most <= each.most);
    // What one answer sent away comes back spread over that time.
    CHECK(least.value < each.least.value + spread / 10);
    CHECK(most.value > each.most.value - spread / 10);
  }
}

TEST_CASE("only 2xx is a success; a redirect is a failure; 410 is final") {
  for (const auto status : std::initializer_list<std::uint16_t>{200, 201, 204, 299}) {
    CHECK(answered(status).result == AttemptResult::delivered);
    CHECK(answered(status).reason.empty());
  }
  for (const auto status :
       std::initializer_list<std::uint16_t>{100, 199, 300, 301, 302, 304, 307, 400, 404, 409, 429, 500, 503, 599}) {
    CHECK(answered(status).result == AttemptResult::failed);
    CHECK_FALSE(answered(status).reason.empty());
    CHECK(answered(status).code == status);
  }
  CHECK(answered(410).result == AttemptResult::gone);
}

TEST_CASE("an incomplete response is a failure with a reason") {
  CHECK(outcome_of(NotSent{"refused"}, now).reason == "could not connect: refused");
  CHECK(outcome_of(NoAnswer{"15 s"}, now).reason == "no response: 15 s");
  const auto broken = outcome_of(Broken{{200, {}, "half"}, "reset"}, now);
  CHECK(broken.result == AttemptResult::failed);
  CHECK(broken.code == 200);
  CHECK(broken.body == "half");
  CHECK(broken.reason == "the response was truncated: reset");
}

TEST_CASE("Retry-After is whole seconds or an HTTP date") {
  const auto asked = [](std::string value) { return answered(503, {{"retry-after", std::move(value)}}).retry_after; };
  CHECK(asked("120") == seconds(120));
  CHECK(asked("0") == Millis{0});
  CHECK(asked("99999999999999999999999") == hours(24));
  CHECK(asked("Sun, 06 Nov 1994 08:50:37 GMT") == seconds(60));
  CHECK(asked("Sun, 06 Nov 1994 08:40:00 GMT") == Millis{0});
  CHECK(asked("Sunday, 06-Nov-94 08:50:37 GMT") == seconds(60));
  CHECK(asked("Sun Nov  6 08:50:37 1994") == seconds(60));
  CHECK(asked("Sunday, 06-Nov-44 08:49:37 GMT").value_or(Millis{0}) > days(365));  // 50 years ahead
  CHECK_FALSE(asked("Sunday, 06-Nov-44 08:49:38 GMT").has_value());                // 1944, before all times
  for (const auto* value : {"", "-1", "1.5", "soon", "+5", "1994-11-06", "Sun, 06 Nov 1994 08:50:37", "Sun Nov 6 08:50:37 1994"})
    CHECK_FALSE(asked(value).has_value());
}

TEST_CASE("2 KB of the response are stored, cut between characters, without NUL") {
  CHECK(answered(500, {}, std::string(2'048, 'a')).body.size() == 2'048);
  CHECK(answered(500, {}, std::string(3'000, 'a')).body.size() == 2'048);
  CHECK(answered(500, {}, std::string(2'047, 'a') + "\xe2\x82\xac" + "b").body == std::string(2'047, 'a'));
  CHECK(answered(500, {}, std::string("a\0b", 3)).body == "a b");
}

}  // namespace lntpay::schedule_test
