// Explanations of a webhook's signature: which header, which secret, and why not.
#include "host-adapters/server/cli/webhook_check.hpp"

#include <doctest/doctest.h>

namespace webhook_check_test {
using namespace lntpay;
using namespace lntpay::host;

namespace {

constexpr std::string_view old_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view new_secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
constexpr std::string_view body = R"({"id":"evt_1","type":"charge.paid"})";
constexpr UnixMillis sent{1'700'000'000'000};

std::vector<Secret> secrets_of(std::initializer_list<std::string_view> texts) {
  std::vector<Secret> secrets;
  for (const auto text : texts) secrets.push_back(Secret::copy_of(text));
  return secrets;
}

/// As it arrives during a rotation: the old secret is the active one.
std::vector<Header> rotated() { return signed_headers(secrets_of({new_secret, old_secret}), 1, "evt_1", sent, body); }

std::string text_of_check(const WebhookCheck& checked) {
  std::string text(checked.is_valid() ? "good" : "bad");
  for (const auto& [header, result, secret, detail] : checked.headers) {
    text.append(" | ").append(header).append(" ").append(result_name(result));
    if (secret) text.append(" ").append(std::to_string(*secret));
  }
  return text;
}

std::string check(std::initializer_list<std::string_view> secrets, const std::vector<Header>& headers, UnixMillis now = sent,
                  std::string_view of = body) {
  return text_of_check(check_webhook(secrets_of(secrets), headers, of, now));
}

}  // namespace

TEST_CASE("verify names the secret that matches each header in a rotation") {
  CHECK(check({old_secret, new_secret}, rotated()) ==
        "good | webhook-signature valid 1 | x-signature valid 1 | x-lntpay-signature valid 1");
  CHECK(check({new_secret, old_secret}, rotated()) ==
        "good | webhook-signature valid 1 | x-signature valid 2 | x-lntpay-signature valid 2");
  // The hex headers are signed with the active secret only, and webhook-signature decides.
  CHECK(check({new_secret}, rotated()) == "good | webhook-signature valid 1 | x-signature mismatch | x-lntpay-signature mismatch");
}

TEST_CASE("verify distinguishes a stale webhook from one of another secret") {
  const auto all = rotated();
  const std::vector<Header> headers(all.begin(), all.begin() + 3);
  CHECK(check({old_secret}, headers, sent + minutes(5)) == "good | webhook-signature valid 1");
  CHECK(check({old_secret}, headers, sent + seconds(301)) == "bad | webhook-signature stale 1");
  CHECK(check({old_secret}, headers, sent + seconds(-301)) == "bad | webhook-signature future 1");
  CHECK(check({"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, headers, sent + hours(1)) == "bad | webhook-signature mismatch");
  CHECK(check({old_secret}, headers, sent, "{}") == "bad | webhook-signature mismatch");
}

TEST_CASE("verify notices a line feed that was added to the body") {
  const auto checked = check_webhook(secrets_of({old_secret}), rotated(), std::string(body) + "\n", sent);
  REQUIRE(checked.headers.size() == 3);
  for (const auto& each : checked.headers) CHECK(each.detail.starts_with("it matches without the line feed"));
}

TEST_CASE("verify reports missing and malformed headers, and bad secrets") {
  const auto all = rotated();
  CHECK(check({old_secret}, {all[0], all[2]}) == "bad | webhook-signature incomplete");
  CHECK(check({old_secret}, {all[1], all[2]}) == "bad | webhook-signature incomplete");
  CHECK(check({old_secret}, {all[0], {"webhook-timestamp", "0x10"}, all[2]}) == "bad | webhook-signature incomplete");
  CHECK(check({"whsec_?"}, {all[0], all[1], all[2]}) == "bad | webhook-signature incomplete");
  CHECK(check({old_secret}, {all[0], all[1]}) == "bad");
}

TEST_CASE("verify accepts a hex header where it is the only one") {
  const auto all = rotated();
  CHECK(check({old_secret}, {all[3]}) == "good | x-signature valid 1");
  CHECK(check({old_secret}, {all[4]}, sent + days(9)) == "good | x-lntpay-signature valid 1");
  CHECK(check({new_secret}, {all[4]}) == "bad | x-lntpay-signature mismatch");
}

TEST_CASE("a header line is split at its first colon") {
  CHECK(parse_header("Webhook-Id: evt_1") == Header{"webhook-id", "evt_1"});
  CHECK(parse_header("x-signature:\tab:cd \r") == Header{"x-signature", "ab:cd"});
  CHECK_FALSE(parse_header("webhook-id evt_1"));
  CHECK_FALSE(parse_header(": evt_1"));
}

}  // namespace webhook_check_test
