// The "Payment" scheme: header round trips, ids, credentials, receipts.
#include "core/gate/payment_scheme.hpp"

#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/gate/canonical_json.hpp"

namespace payment_scheme_test {
using namespace lntpay;

namespace {

PaymentChallenge example() {
  return {.id = "the id",
          .realm = "a \"realm\" \\ of, ours",
          .method = "lightning",
          .intent = "charge",
          .request = "eyJhbW91bnQiOiIyMSJ9",
          .expires = "2026-11-27T09:00:00Z",
          .digest = {},
          .description = {},
          .opaque = "e30"};
}

std::string credential(std::string_view json) { return base64(Base64::url_unpadded, bytes_of(json)); }

std::string why_not(std::string_view token) {
  const auto read = read_payment_credential(token);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == ErrorCode::unauthenticated);
  return read.error().message;
}

}  // namespace

TEST_CASE("a challenge round-trips among others, in any spelling") {
  const auto header = challenge_header(example());
  CHECK(header.starts_with(R"(Payment id="the id", realm="a \"realm\" \\ of, ours", method="lightning")"));
  CHECK(read_challenges(header) == std::vector{example()});
  CHECK(read_challenges(R"(L402 macaroon="AgJ=", invoice="lnbc1", )" + header + R"(, Basic realm="x")") == std::vector{example()});
  CHECK(read_challenges(header + ", " + header).size() == 2);
  CHECK(read_challenges("PAYMENT ID=a,Realm = r ,method=m,intent=\"i\",request=q").front().realm == "r");
}

TEST_CASE("malformed headers yield no challenge") {
  for (const auto* text : {"", ",,,", "Payment", "Payment id=", "Payment id=\"a", "Payment id=\"a\\", "=", "\"\"",
                           "Payment id=a, realm=b", "Negotiate YWJj==", "@@@@ Payment"}) {
    CAPTURE(text);
    CHECK(read_challenges(text).empty());
  }
}

TEST_CASE("the id covers every parameter except the description") {
  const auto key = bytes_of("a key");
  auto issued = example();
  issued.id = challenge_id(key, issued);
  CHECK(is_issued(key, issued));
  CHECK_FALSE(is_issued(bytes_of("another key"), issued));
  auto described = issued;
  described.description = "anything";
  CHECK(is_issued(key, described));
  for (const auto slot :
       {&PaymentChallenge::realm, &PaymentChallenge::method, &PaymentChallenge::intent, &PaymentChallenge::request,
        &PaymentChallenge::expires, &PaymentChallenge::digest, &PaymentChallenge::opaque}) {
    auto changed = issued;
    changed.*slot += "x";
    CHECK_FALSE(is_issued(key, changed));
    changed.*slot = "a|b";
    changed.id = challenge_id(key, changed);
    CHECK_FALSE(is_issued(key, changed));
  }
}

TEST_CASE("a credential contains its challenge and preimage") {
  const auto read = read_payment_credential(credential(
      R"({"source":"me","challenge":{"id":"i","realm":"r","method":"m","intent":"charge","request":"q","opaque":"o"},"payload":{"preimage":"00ff"}})"));
  REQUIRE(read.has_value());
  CHECK(read->challenge == PaymentChallenge{"i", "r", "m", "charge", "q", "", "", "", "o"});
  CHECK(read->source == "me");
  CHECK(read->preimage() == "00ff");
}

TEST_CASE("a malformed credential is rejected with a reason") {
  CHECK(why_not("").find("base64url") != std::string::npos);
  CHECK(why_not("a+b/").find("base64url") != std::string::npos);
  CHECK(why_not(base64(Base64::url_unpadded, Bytes{0xff, 0xfe})).find("UTF-8") != std::string::npos);
  CHECK(why_not(credential("[]")).find("JSON object") != std::string::npos);
  CHECK(why_not(credential("{}")).find("no challenge") != std::string::npos);
  CHECK(why_not(credential(R"({"challenge":{}})")).find("no payload") != std::string::npos);
  CHECK(why_not(credential(R"({"challenge":{"id":"i","realm":"r","method":"m","intent":"charge"},"payload":{}})"))
            .find("lacks a part") != std::string::npos);
  CHECK(why_not(credential(std::string(64 * 1'024, '['))).find("JSON") != std::string::npos);
}

TEST_CASE("a receipt contains payment and challenge") {
  const auto receipt = payment_decode(payment_receipt(UnixMillis{1'700'000'000'123}, "ab12", "an id"));
  REQUIRE(receipt.has_value());
  CHECK(text_of(*receipt) ==
        R"({"status":"success","method":"lightning","timestamp":"2023-11-14T22:13:20Z","reference":"ab12","challengeId":"an id"})");
}

TEST_CASE("canonical JSON: members by UTF-16, numbers as ECMAScript writes them") {
  CHECK(canonical_json(R"( { "b" : [ 1.0 , -0.0, 1e21, 1e-7, 0.000001 ] , "a" : "\u0008\f<" } )") ==
        R"({"a":"\b\f<","b":[1,0,1e+21,1e-7,0.000001]})");
  CHECK(canonical_json("{\"\xee\x80\x80\":1,\"\xf0\x90\x80\x80\":2,\"\":3}") ==
        "{\"\":3,\"\xf0\x90\x80\x80\":2,\"\xee\x80\x80\":1}");
  CHECK(canonical_json("123.25") == "123.25");
  CHECK(canonical_json("-12300") == "-12300");
  CHECK_FALSE(canonical_json("{\"a\":}").has_value());
}

}  // namespace payment_scheme_test
