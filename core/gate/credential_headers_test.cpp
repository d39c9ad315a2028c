// Lines with credentials and without: what is read, and what is left for the service.
#include "core/gate/credential_headers.hpp"

#include <doctest/doctest.h>

#include <string>

#include "core/base/encoding.hpp"
#include "core/gate/credential.hpp"

namespace lntpay::credential_headers_test {
namespace {

/// "l402(a:b) payment(c) | name: value"
std::string read(const std::vector<Header>& headers) {
  constexpr std::string_view forms[] = {"l402", "payment", "macaroon"};
  const auto found = read_credential_headers(headers);
  std::string out;
  for (const auto& [form, text] : found.credentials)
    out.append(forms[static_cast<std::size_t>(form)]).append("(").append(text).append(") ");
  for (const auto& [name, value] : found.rest) out.append("| ").append(name).append(": ").append(value).append(" ");
  return out.empty() ? out : out.substr(0, out.size() - 1);
}

}  // namespace

TEST_CASE("a credential is read from its scheme on, in any case, once if it is sent twice") {
  CHECK(read({{"authorization", "L402 a:b"}}) == "l402(a:b)");
  CHECK(read({{"authorization", "lsat   a:b "}}) == "l402(a:b)");
  CHECK(read({{"authorization", "L402"}}) == "l402()");
  CHECK(read({{"authorization", "Payment c"}}) == "payment(c)");
  CHECK(read({{"authorization", "L402 a:b"}, {"authorization", "LSAT a:b"}}) == "l402(a:b)");
  CHECK(read({{"authorization", "L402 L402 a:b"}}) == "l402(L402 a:b)");
  CHECK(read({}).empty());
}

TEST_CASE("a comma splits only before the word of a known scheme and a space") {
  CHECK(read({{"authorization", "L402 a:b, Payment c,LSAT d:e"}}) == "l402(a:b) payment(c) l402(d:e)");
  CHECK(read({{"authorization", "L402 a,c:b"}}) == "l402(a,c:b)");
  CHECK(read({{"authorization", "L402 a:b, unknown c"}}) == "l402(a:b, unknown c)");
  CHECK(read({{"authorization", "L402 a:b,payment"}}) == "l402(a:b,payment)");
  CHECK(read({{"authorization", "L402 a:b,payments c"}}) == "l402(a:b,payments c)");
}

TEST_CASE("other schemes are forwarded, a line without credentials as it came") {
  for (const auto* line : {"Bearer key", "Basic  dTpw", "", "Bearer a, Bearer b", R"(Digest username="a", uri="/,x")", "L402x a:b"})
    CHECK(read({{"authorization", line}}) == std::string("| authorization: ") + line);
  CHECK(read({{"authorization", "Bearer key, L402 a:b"}}) == "l402(a:b) | authorization: Bearer key");
  CHECK(read({{"authorization", "L402 a:b, Bearer key"}}) == "l402(a:b) | authorization: Bearer key");
  CHECK(read({{"authorization", "Basic x, L402 a:b,Bearer y"}}) == "l402(a:b) | authorization: Basic x, Bearer y");
  CHECK(read({{"accept", "x"}, {"payment-receipt", "mine"}}).empty());  // not of these names; never forwarded
}

TEST_CASE("with Payment-Authorization, Authorization is the service's, whatever it is") {
  CHECK(read({{"authorization", "L402 a:b"}, {"payment-authorization", "Payment c"}}) == "payment(c) | authorization: L402 a:b");
  CHECK(read({{"payment-authorization", "c"}}) == "payment(c)");
  CHECK(read({{"payment-authorization", "L402 a:b, Payment c"}}) == "l402(a:b) payment(c)");
}

TEST_CASE("a macaroon header is a credential if it is a token of a gate") {
  const auto token = hex(bytes_of(Macaroon::mint(bytes_of("k"), "lntpay", token_identifier(Bytes32{1}, Bytes32{2})).binary()));
  CHECK(read({{"macaroon", token}}) == "macaroon(" + token + ")");
  CHECK(read({{"macaroon", token}, {"grpc-metadata-macaroon", token}}) == "macaroon(" + token + ")");
  const auto lnd = hex(bytes_of(Macaroon::mint(bytes_of("k"), "lnd", "0").binary()));
  for (const auto& other : {lnd, std::string("0201"), std::string("not hex"), std::string()})
    CHECK(read({{"grpc-metadata-macaroon", other}}) == "| grpc-metadata-macaroon: " + other);
}

TEST_CASE("a gate's cookies are cut out of a line, and an empty line is dropped") {
  CHECK(read({{"cookie", "a=1; lntpay_gate_x=2; b=3"}}) == "| cookie: a=1; b=3");
  CHECK(read({{"cookie", "lntpay_gate_x=2"}}).empty());
  CHECK(read({{"cookie", "lntpay_gate=2"}, {"cookie", "b=3"}}) == "| cookie: lntpay_gate=2 | cookie: b=3");
}

}  // namespace lntpay::credential_headers_test
