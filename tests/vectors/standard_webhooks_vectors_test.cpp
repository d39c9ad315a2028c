// Every case of standard-webhooks-vectors.json that concerns symmetric signatures.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/webhook/secret/signature.hpp"
#include "tests/vectors/vectors.hpp"

namespace lntpay::standard_webhooks_vectors_test {
namespace {

std::optional<nlohmann::json> cases() { return vectors::load("standard-webhooks-vectors.json"); }

std::string body_of(const nlohmann::json& each) {
  if (each.contains("body")) return each["body"];
  if (each.contains("body_hex")) {
    const auto bytes = hex_decode(each["body_hex"].get<std::string>());
    REQUIRE(bytes.has_value());
    return std::string(text_of(*bytes));
  }
  const auto byte = hex_decode(each.at("body_repeat").at("byte").get<std::string>());
  REQUIRE(byte.has_value());
  return std::string(each["body_repeat"]["count"].get<std::size_t>(), static_cast<char>(byte->front()));
}

}  // namespace

TEST_CASE("every published and derived signature is reproduced") {
  const auto file = cases();
  if (!file) return;
  std::size_t signed_cases = 0;
  for (const auto* list : {"published", "derived_sign"}) {
    for (const auto& each : file->at(list)) {
      const auto secret = each.at("secret").get<std::string>();
      if (!secret.starts_with("whsec_")) continue;  // ed25519
      const auto made = webhook_signature(secret, each.at("webhook_id").get<std::string>(),
                                          each.at("webhook_timestamp").get<std::uint64_t>(), body_of(each));
      CHECK_MESSAGE(made == each.at("signature").get<std::string>(), each.at("name").get<std::string>());
      ++signed_cases;
    }
  }
  CHECK(signed_cases == 13);
}

TEST_CASE("every published verification has the stated result") {
  const auto file = cases();
  if (!file) return;
  for (const auto& each : file->at("verify")) {
    std::vector<Header> headers;
    for (const auto& [name, value] : each.at("headers").items()) headers.push_back({name, value.get<std::string>()});
    const auto verified = verify_webhook(each.at("secret").get<std::string>(), headers, body_of(each),
                                         UnixMillis{each.at("now").get<std::uint64_t>() * 1'000},
                                         seconds(each.at("tolerance_s").get<std::int64_t>()));
    CHECK_MESSAGE(verified.has_value() == each.at("valid").get<bool>(), each.at("name").get<std::string>());
  }
  CHECK(file->at("verify").size() == 25);
}

}  // namespace lntpay::standard_webhooks_vectors_test
