// Macaroons of other implementations: macaroon_vectors.json.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/gate/macaroon.hpp"
#include "tests/vectors/vectors.hpp"

namespace lntpay::macaroon_vectors_test {

TEST_CASE("published macaroons: version 2 verifies, version 1 is rejected") {
  const auto file = vectors::load("macaroon_vectors.json");
  if (!file) return;
  std::size_t version_1 = 0, version_2 = 0;
  for (const auto& item : file->at("vectors")) {
    CAPTURE(item.at("source").get<std::string>());
    const auto raw = hex_decode(item.at("raw_hex").get<std::string>());
    REQUIRE(raw.has_value());
    const auto parsed = Macaroon::parse(*raw);
    if (item.at("format") == "v1") {
      REQUIRE_FALSE(parsed.has_value());
      CHECK(parsed.error().message.find("version 1") != std::string::npos);
      ++version_1;
      continue;
    }
    ++version_2;
    REQUIRE(parsed.has_value());
    CHECK(parsed->location() == item.at("location").get<std::string>());
    CHECK(parsed->identifier() == item.at("identifier").get<std::string>());
    CHECK(parsed->caveats() == item.at("caveats").get<std::vector<std::string>>());
    CHECK(hex(parsed->signature()) == item.at("signature").get<std::string>());
    CHECK(parsed->binary() == text_of(*raw));
    const auto satisfied = item.at("exact_caveats_satisfied").get<std::vector<std::string>>();
    const bool authorized = parsed->is_signed_by(bytes_of(item.at("root_key").get<std::string>())) &&
                            std::ranges::all_of(parsed->caveats(), [&](const auto& caveat) {
                              return std::ranges::find(satisfied, caveat) != satisfied.end();
                            });
    CHECK(authorized == (item.at("expect") == "authorized"));
  }
  CHECK(version_1 == 8);
  CHECK(version_2 == 8);
}

TEST_CASE("the libmacaroons README's chain, all four steps") {
  const auto file = vectors::load("macaroon_vectors.json");
  if (!file) return;
  const auto& chain = file->at("readme_chain");
  const auto text = [&chain](const char* name) { return chain.at(name).get<std::string>(); };
  auto macaroon = Macaroon::mint(bytes_of(text("root_key")), text("location"), text("identifier"));
  std::size_t steps = 0;
  for (const auto& step : chain.at("steps")) {
    if (!step.at("caveat").is_null()) macaroon.add_caveat(step.at("caveat").get<std::string>());
    CHECK(hex(macaroon.signature()) == step.at("signature").get<std::string>());
    ++steps;
  }
  CHECK(steps == 4);
}

}  // namespace lntpay::macaroon_vectors_test
