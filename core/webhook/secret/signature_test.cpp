// Signatures, against the published examples of Standard Webhooks.
#include "core/webhook/secret/signature.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/crypto/sha256.hpp"

namespace lntpay::signature_test {
namespace {

constexpr std::string_view secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view body = R"({"test": 2432232314})";
constexpr std::string_view signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr UnixMillis sent{1'614'265'330'000};

std::vector<Header> headers(std::string timestamp, std::string signatures) {
  return {
      {"webhook-id", std::string(id)}, {"webhook-timestamp", std::move(timestamp)}, {"webhook-signature", std::move(signatures)}};
}

bool verifies(const std::vector<Header>& with, UnixMillis now = sent, std::string_view text = body) {
  return verify_webhook(secret, with, text, now).has_value();
}

}  // namespace

TEST_CASE("the published example of Standard Webhooks has its signature") {
  CHECK(webhook_signature(secret, id, 1'614'265'330, body) == signature);
  CHECK(webhook_signature("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1'649'367'553,
                          R"({"email":"test@example.com","username":"test_user"})") ==
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
}

TEST_CASE("the body signature is an HMAC with the secret as displayed") {
  CHECK(body_signature(secret, body) == hex(hmac_sha256(bytes_of(secret), bytes_of(body))));
  CHECK(body_signature("key", "The quick brown fox jumps over the lazy dog") ==
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}

TEST_CASE("new secrets differ, need no padding and can sign") {
  Random random({1, 2, 3, 4});
  const auto first = generate_signing_secret(random);
  const auto second = generate_signing_secret(random);
  CHECK_FALSE(first == second);
  CHECK(first.size() == 6 + 32);
  CHECK(first.reveal_text().starts_with("whsec_"));
  CHECK(first.reveal_text().find('=') == std::string_view::npos);
  CHECK_FALSE(webhook_signature(first.reveal_text(), id, 1, body).empty());
}

TEST_CASE("during a rotation every secret signs, the active one in hex") {
  std::vector<Secret> secrets;
  secrets.push_back(Secret::copy_of("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"));
  secrets.push_back(Secret::copy_of(secret));
  const auto made = signed_headers(secrets, 1, id, sent, body);
  for (const auto& each : secrets) CHECK(verify_webhook(each.reveal_text(), made, body, sent).has_value());
  CHECK(made[3].name == "x-signature");
  CHECK(made[3].value == body_signature(secrets.back().reveal_text(), body));
  CHECK(made[4].name == "x-lntpay-signature");
  CHECK(made[4].value == made[3].value);
}

TEST_CASE("a webhook verifies within five minutes of its timestamp") {
  const auto good = headers("1614265330", std::string(signature));
  CHECK(verifies(good));
  CHECK(verifies(good, sent + seconds(300)));
  CHECK(verifies(good, sent - seconds(300)));
  CHECK_FALSE(verifies(good, sent + seconds(301)));
  CHECK_FALSE(verifies(good, sent - seconds(301)));
}

TEST_CASE("one valid signature among several is enough") {
  const auto wrong = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
  CHECK(verifies(headers("1614265330", std::string(wrong) + " v2,x garbage  " + std::string(signature))));
  CHECK_FALSE(verifies(headers("1614265330", std::string(wrong) + " " + wrong)));
}

TEST_CASE("missing, malformed or changed headers do not verify") {
  const std::string good(signature);
  for (const auto* timestamp :
       {"", "hello", "1614265330.5", "+1614265330", "01614265330", " 1614265330", "99999999999999999999", "-1"}) {
    CHECK_FALSE(verifies(headers(timestamp, good)));
  }
  for (const auto* signatures :
       {"", "v1,", "v1,g0hM9", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}) {
    CHECK_FALSE(verifies(headers("1614265330", signatures)));
  }
  CHECK_FALSE(verifies(headers("1614265330", good), sent, R"({"test":2432232314})"));
  for (std::size_t i = 0; i < 3; ++i) {
    auto part = headers("1614265330", good);
    part.erase(part.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(verifies(part));
  }
  CHECK_FALSE(verify_webhook("whsec_", headers("1614265330", good), body, sent).has_value());
  CHECK_FALSE(verify_webhook("whsec_!!", headers("1614265330", good), body, sent).has_value());
}

TEST_CASE("the prefix and padding of a secret are optional") {
  const auto padded_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=";
  const auto expected = webhook_signature(padded_secret, id, 1, body);
  CHECK_FALSE(expected.empty());
  CHECK(webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ", id, 1, body) == expected);
  CHECK(webhook_signature("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=", id, 1, body) == expected);
}

}  // namespace lntpay::signature_test
