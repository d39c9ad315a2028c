// Credentials in every form: valid, forged, changed, narrowed and expired.
#include "core/gate/credential.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/crypto/sha256.hpp"
#include "core/gate/canonical_json.hpp"
#include "tests/support/payment_answer.hpp"

namespace credential_test {
using namespace lntpay;

namespace {

constexpr UnixMillis now{1'790'000'000'000};
const auto secret = bytes_of("the secret of a gate, random");
const Bytes32 preimage{1, 2, 3};
const Bytes32 token_id{9};

Terms terms() {
  return {.environment = Environment::test,
          .gate = *GateId::parse("gate_Ab0123456789ABCDEFGHJKMNPQRS"),
          .match = {"GET", "/reports/7"},
          .price = Msat{21'000},
          .mode = GateMode::per_request,
          .valid_until = now + hours(2)};
}

Macaroon macaroon() { return issue_macaroon(secret, sha256(preimage), token_id, terms()); }

std::string l402(const Macaroon& token, const Bytes32& proof = preimage, std::string_view scheme = "L402 ") {
  return std::string(scheme) + base64(Base64::standard, bytes_of(token.binary())) + ":" + hex(proof);
}

PaymentChallenge challenge() {
  return issue_payment_challenge(secret, "api.example.com", {sha256(preimage), "lnbcrt210n1…", "regtest", now + minutes(10)},
                                 terms());
}

std::string payment(const PaymentChallenge& of, std::string_view proof = hex(preimage)) { return test::payment_answer(of, proof); }

/// A credential that is opened and paid; the error if it is not this gate's.
Result<IssuedCredential> present(std::string_view authorization, ByteView under = secret) {
  const std::vector<Header> headers{{"authorization", std::string(authorization)}};
  const auto shown = read_credential_headers(headers).credentials;
  REQUIRE(shown.size() == 1);
  return read_credential(shown.front()).and_then([under](const Credential& credential) {
    return open_credential(credential, under);
  });
}

std::string refusal(std::string_view authorization, ByteView under = secret) {
  const auto proof = present(authorization, under);
  REQUIRE_FALSE(proof.has_value());
  CHECK(proof.error().code == ErrorCode::unauthenticated);
  return proof.error().message;
}

}  // namespace

TEST_CASE("a paid token proves its hash and its terms, in every form") {
  const auto token = macaroon();
  const auto text = token.binary();
  const auto binary = bytes_of(text);
  for (const auto& form : {l402(token), l402(token, preimage, "LSAT "), l402(token, preimage, "l402  "),
                           l402(token, preimage, "L402 L402 "), "L402 " + base64(Base64::url, binary) + ":" + hex(preimage),
                           "L402 " + base64(Base64::standard_unpadded, binary) + ":" + hex(preimage),
                           "L402 " + base64(Base64::standard, binary) + ":" + std::string("010203") + std::string(58, '0')}) {
    CAPTURE(form);
    const auto proof = present(form);
    REQUIRE(proof.has_value());
    CHECK(proof->proof.payment_hash == sha256(preimage));
    CHECK(proof->proof.terms == terms());
    CHECK(is_paid(*proof));
  }
  const auto proof = present(payment(challenge()));
  REQUIRE(proof.has_value());
  CHECK(proof->proof.payment_hash == sha256(preimage));
  CHECK(proof->proof.terms == terms());
  CHECK(proof->proof.challenge_id == challenge().id);
  CHECK(is_paid(*proof));
}

TEST_CASE("a credential names its gate in its terms") {
  const auto gate = terms().gate.text();
  const auto names = [&](const std::string& authorization, std::string_view other) {
    const std::vector<Header> headers{{"authorization", authorization}};
    return names_gate(*read_credential(read_credential_headers(headers).credentials.front()), other);
  };
  CHECK(names(l402(macaroon()), gate));
  CHECK(names(payment(challenge()), gate));
  CHECK_FALSE(names(l402(macaroon()), "gate_Ab0123456789ABCDEFGHJKMNPQRT"));
  CHECK_FALSE(names(payment(challenge()), "gate_Ab0123456789ABCDEFGHJKMNPQRT"));
  CHECK_FALSE(names(l402(Macaroon::mint(secret, "", "short")), gate));
}

TEST_CASE("a malformed credential is rejected with what to send instead") {
  CHECK(refusal("L402").find("preimage is missing") != std::string::npos);
  CHECK(refusal("L402 abc").find("preimage is missing") != std::string::npos);
  CHECK(refusal("L402 a,b:" + hex(preimage)).find("several tokens") != std::string::npos);
  CHECK(refusal("L402 AgJ:12").find("64 hex digits") != std::string::npos);
  CHECK(refusal("L402 !!:" + hex(preimage)).find("base64") != std::string::npos);
  CHECK(refusal("L402 MDAyMWxvY2F0aW9u:" + hex(preimage)).find("version 1") != std::string::npos);
  CHECK(refusal("Payment !!").find("base64url") != std::string::npos);
}

TEST_CASE("a forged, swapped or changed credential is rejected, and one without its preimage unpaid") {
  const Bytes32 other_preimage{4};
  CHECK_FALSE(is_paid(*present(l402(macaroon(), other_preimage))));
  CHECK_FALSE(is_paid(*present(payment(challenge(), hex(other_preimage)))));
  CHECK_FALSE(is_paid(*present(payment(challenge(), ""))));
  CHECK(refusal(l402(macaroon()), bytes_of("the secret of another gate")).find("not issued") != std::string::npos);
  CHECK(refusal(payment(challenge()), bytes_of("the secret of another gate")).find("not issued") != std::string::npos);

  // One's own preimage under a token that was issued for another hash: the hash is signed.
  auto identifier = token_identifier(sha256(other_preimage), token_id);
  const auto forged = Macaroon::mint(bytes_of("a guess"), "lntpay", identifier);
  CHECK(refusal(l402(forged, other_preimage)).find("not issued") != std::string::npos);
  CHECK(refusal(l402(Macaroon::mint(hmac_sha256(secret, bytes_of("short")), "", "short"))).find("not issued") != std::string::npos);

  auto dearer = terms();
  dearer.match.path = "/reports/8";
  auto swapped = challenge();
  swapped.request =
      issue_payment_challenge(secret, "api.example.com", {sha256(preimage), "lnbcrt210n1…", "regtest", now + minutes(10)}, dearer)
          .request;
  CHECK(refusal(payment(swapped)).find("not issued") != std::string::npos);
  swapped = challenge();
  swapped.opaque = base64(Base64::url_unpadded, bytes_of(terms_json(dearer)));
  CHECK(refusal(payment(swapped)).find("not issued") != std::string::npos);
}

TEST_CASE("a holder can narrow a token but not widen it again") {
  auto token = macaroon();
  token.add_caveat("valid_until=" + std::to_string((now + hours(1)).value / 1'000));
  CHECK(present(l402(token))->proof.terms.valid_until == now + hours(1));
  token.add_caveat("valid_until=" + std::to_string((now + hours(2)).value / 1'000));
  CHECK(refusal(l402(token)).find("widens") != std::string::npos);
}

TEST_CASE("a Payment challenge's request is canonical JSON with the invoice") {
  const auto request = payment_decode(challenge().request);
  REQUIRE(request.has_value());
  CHECK(text_of(*request) ==
        R"({"amount":"21","currency":"sat","methodDetails":{"invoice":"lnbcrt210n1…","network":"regtest","paymentHash":")" +
            hex(sha256(preimage)) + R"(","terms":)" + terms_json(terms()) + "}}");
  CHECK(canonical_json(text_of(*request)) == text_of(*request));
  CHECK(read_challenges(challenge_header(challenge())) == std::vector{challenge()});
}

}  // namespace credential_test
