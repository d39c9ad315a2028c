// The engine as its host sees it: placement, sessions, and the bounds of both.
#include "edge/contract/contract.hpp"

#include <doctest/doctest.h>

#include "edge/engine/config.hpp"
#include "tests/support/store_story.hpp"

namespace lntpay::test::engine_test {
namespace {

constexpr Moment moment{{1'800'000'000'000}, {1, 2, 3, 4}};

Input request(std::string target, std::string authorization) {
  return input::Http{{"GET", std::move(target), {{"authorization", std::move(authorization)}}, "", ""}};
}

}  // namespace

TEST_CASE("a request runs in its key's shard, a task in its row's, the rest in 00") {
  World world;
  world.bootstrap();
  const Engine engine;
  const auto shard = world.test_key.substr(9, 2);
  CHECK(engine.place(request("/v1/balance", "Bearer " + world.test_key)) == shard);
  CHECK(engine.place(request("/v1/balance", "Bearer nonsense")) == "00");
  CHECK(engine.place(input::Wake{"Ab"}) == "Ab");
  CHECK(engine.place(input::Task{"Ab/due/1/charge/test/x/y"}) == "Ab");
  CHECK(engine.place(input::Task{""}) == "00");
  CHECK(engine.place(input::Refused{}) == "00");
}

TEST_CASE("an unconfigured engine answers; replies to unknown sessions do nothing") {
  Engine engine;
  const auto step = engine.begin(moment, request("/readyz", ""));
  REQUIRE(std::holds_alternative<Outcome>(step));
  CHECK(std::get<Outcome>(step).response->status == 500);
  const auto late = engine.resume(99, moment, {});
  REQUIRE(std::holds_alternative<Outcome>(late));
  CHECK_FALSE(std::get<Outcome>(late).response.has_value());
  engine.abandon(99);
}

TEST_CASE("every refusal by the host has its status and an error object") {
  const std::pair<Refusal, int> cases[] = {
      {Refusal::malformed, 400},       {Refusal::not_utf8, 400},          {Refusal::timed_out, 408}, {Refusal::body_too_large, 413},
      {Refusal::target_too_long, 414}, {Refusal::headers_too_large, 431}, {Refusal::coding, 415},    {Refusal::overloaded, 503},
      {Refusal::storage_down, 503},    {Refusal::engine_lost, 500},
  };
  Engine engine;
  for (const auto& [why, status] : cases) {
    const auto step = engine.begin(moment, input::Refused{why});
    const auto& response = *std::get<Outcome>(step).response;
    CHECK(response.status == status);
    CHECK(response.body.starts_with(R"({"error":{"code":")"));
  }
}

TEST_CASE("an invalid configuration is refused with the name of the field") {
  const auto error = [](std::string_view json) {
    const auto read = read_config(json);
    return read ? std::string("accepted") : read.error();
  };
  CHECK(error("{}") == "base_url is missing");
  CHECK(error(R"({"base_url":7})") == "base_url must be a string");
  CHECK(error(R"({"base_url":"http://x/"})") == "base_url must not end with a slash");
  CHECK(error("[]").ends_with("must be an object"));
}

TEST_CASE("events are kept for up to ten years, or forever") {
  const auto kept = [](const std::string& number) {
    auto json = StoreStory::config();
    const std::string field = R"("keep_events_days":)";
    const auto at = json.find(field) + field.size();
    json.replace(at, json.find(',', at) - at, number);
    const auto read = read_config(json);
    return read ? std::to_string(read->keep_events.value / days(1).value) : read.error();
  };
  CHECK(kept("1") == "1");
  CHECK(kept("3650") == "3650");
  CHECK(kept("0") == "0");
  for (const auto* number : {"3651", "-1", "1.5"}) CHECK(kept(number) == "keep_events_days must be from 0 to 3650");
}

}  // namespace lntpay::test::engine_test
