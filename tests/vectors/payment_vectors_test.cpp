// The "Payment" scheme as in aperture: aperture_mpp_vectors.json, all 79 vectors.
#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/base/time.hpp"
#include "core/gate/canonical_json.hpp"
#include "core/gate/payment_scheme.hpp"
#include "tests/vectors/vectors.hpp"

namespace lntpay::payment_vectors_test {
namespace {

using nlohmann::json;

std::string text_in(const json& object, const char* name) { return object.value(name, ""); }

PaymentChallenge challenge_in(const json& params) {
  return {text_in(params, "id"),     text_in(params, "realm"),       text_in(params, "method"),
          text_in(params, "intent"), text_in(params, "request"),     text_in(params, "expires"),
          text_in(params, "digest"), text_in(params, "description"), text_in(params, "opaque")};
}

/// Checks every item of one list; returns their number.
std::size_t each(const json& file, const char* list, auto&& check) {
  for (const auto& item : file.at(list)) {
    CAPTURE(item.at("name").get<std::string>());
    check(item, item.value("error", false));
  }
  return file.at(list).size();
}

}  // namespace

TEST_CASE("the Payment scheme's published vectors") {
  const auto file = vectors::load("aperture_mpp_vectors.json");
  if (!file) return;
  std::size_t count = 0;

  count += each(*file, "canonicalization", [](const json& item, bool error) {
    const auto canonical = canonical_json(text_in(item, "input"));
    REQUIRE(canonical.has_value() == !error);
    if (canonical) CHECK(*canonical == text_in(item, "canonical"));
  });

  count += each(*file, "base64url", [](const json& item, bool error) {
    const auto decoded = payment_decode(text_in(item, "encoded"));
    REQUIRE(decoded.has_value() == !error);
    if (!decoded) return;
    CHECK(hex(*decoded) == text_in(item, "decodedHex"));
    CHECK((base64(Base64::url_unpadded, *decoded) == text_in(item, "encoded")) == item.at("canonical").get<bool>());
  });

  count += each(*file, "challengeHeaders", [](const json& item, bool) {
    const auto challenge = challenge_in(item.at("params"));
    CHECK(challenge_header(challenge) == text_in(item, "header"));
    const auto read = read_challenges(text_in(item, "header"));
    REQUIRE(read.size() == 1);
    CHECK(read.front() == challenge_in(item.at("parsed")));
  });

  count += each(*file, "challengeLists", [](const json& item, bool) {
    std::vector<PaymentChallenge> expected;
    for (const auto& challenge : item.value("challenges", json::array())) expected.push_back(challenge_in(challenge));
    CHECK(read_challenges(text_in(item, "header")) == expected);
  });

  const auto key = hex_decode(text_in(*file, "hmacSecretHex"));
  REQUIRE(key.has_value());
  count += each(*file, "challengeIds", [&key](const json& item, bool) {
    const auto challenge = challenge_in(item.at("params"));
    CHECK(challenge_id(*key, challenge) == challenge.id);
    // What has a `|` in a slot shares its id with another: as a credential it is refused.
    const bool ambiguous = (challenge.realm + challenge.method).contains('|');
    CHECK(is_issued(*key, challenge) == !ambiguous);
  });

  count += each(*file, "credentials", [](const json& item, bool error) {
    auto header = text_in(item, "header");
    const bool scheme = header.starts_with("Payment ") || header.starts_with("payment ");
    const auto credential = scheme ? read_payment_credential(header.substr(8)) : fail(ErrorCode::unauthenticated);
    REQUIRE(credential.has_value() == !error);
    if (!credential) return;
    const auto text = text_in(item, "credentialJson");
    CHECK(base64(Base64::url_unpadded, bytes_of(text)) == header.substr(8));
    const auto expected = json::parse(text);
    CHECK(credential->challenge == challenge_in(expected.at("challenge")));
    CHECK(credential->source == text_in(expected, "source"));
    CHECK(credential->preimage() == text_in(expected.at("payload"), "preimage"));
    CHECK(json::parse(credential->payload.text) == expected.at("payload"));
  });

  count += each(*file, "receipts", [](const json& item, bool) {
    const auto text = text_in(item, "receiptJson");
    const auto decoded = payment_decode(text_in(item, "header"));
    REQUIRE(decoded.has_value());
    CHECK(text_of(*decoded) == text);
    CHECK(base64(Base64::url_unpadded, bytes_of(text)) == text_in(item, "header"));
    const auto claim = json::parse(text);
    if (claim.contains("refundStatus") || claim.contains("sessionId")) return;  // of sessions: texts that we never write
    const auto at = parse_rfc3339(text_in(claim, "timestamp"));
    REQUIRE(at.has_value());
    CHECK(payment_receipt(*at, text_in(claim, "reference"), text_in(claim, "challengeId")) == text_in(item, "header"));
  });

  CHECK(count == 79);
}

}  // namespace lntpay::payment_vectors_test
