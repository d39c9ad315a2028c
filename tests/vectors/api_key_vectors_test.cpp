// API key strings: api-key-vectors.json.
#include <doctest/doctest.h>

#include "core/access/key_text.hpp"
#include "tests/vectors/vectors.hpp"

namespace lntpay::api_key_vectors_test {

TEST_CASE("published API keys: valid ones parse with environment and shard, others do not") {
  const auto file = vectors::load("api-key-vectors.json");
  if (!file) return;
  std::size_t cases = 0;
  for (const auto& item : file->at("valid")) {
    const auto text = item.at("key").get<std::string>();
    CAPTURE(text);
    const auto parsed = parse_key_text(text);
    REQUIRE(parsed.has_value());
    CHECK(name_of(parsed->environment) == item.at("environment").get<std::string>());
    CHECK(parsed->shard.text() == text.substr(9, 2));
    CHECK(parsed->last4 == text.substr(43));
    ++cases;
  }
  for (const auto& item : file->at("invalid")) {
    const auto why = item.at("why").get<std::string>();
    CAPTURE(why);
    CHECK_FALSE(parse_key_text(item.at("key").get<std::string>()).has_value());
    ++cases;
  }
  CHECK(cases == 17);
}

}  // namespace lntpay::api_key_vectors_test
