// Macaroons: the published chain, the binary form byte by byte, rejected inputs.
#include "core/gate/macaroon.hpp"

#include <doctest/doctest.h>

#include "core/base/encoding.hpp"

namespace macaroon_test {
using namespace lntpay;

namespace {

Macaroon example() {
  auto macaroon = Macaroon::mint(bytes_of("root"), "here", "who");
  macaroon.add_caveat("a=1");
  macaroon.add_caveat("b=2");
  return macaroon;
}

std::string why_not(std::string_view binary) {
  const auto parsed = Macaroon::parse(bytes_of(binary));
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == ErrorCode::unauthenticated);
  return parsed.error().message;
}

}  // namespace

TEST_CASE("a macaroon's signature is that of the libmacaroons README, step by step") {
  auto macaroon =
      Macaroon::mint(bytes_of("this is our super secret key; only we should know it"), "http://mybank/", "we used our secret key");
  CHECK(hex(macaroon.signature()) == "e3d9e02908526c4c0039ae15114115d97fdd68bf2ba379b342aaf0f617d0552f");
  macaroon.add_caveat("account = 3735928559");
  CHECK(hex(macaroon.signature()) == "1efe4763f290dbce0c1d08477367e11f4eee456a64933cf662d79772dbb82128");
}

TEST_CASE("the binary form is version 2: tags 1, 2, 6, sections ended by 0") {
  const auto macaroon = example();
  CHECK(hex(bytes_of(macaroon.binary())) ==
        "02"
        "010468657265"
        "020377686f"
        "00"
        "0203613d31"
        "00"
        "0203623d32"
        "00"
        "00"
        "0620" +
            hex(macaroon.signature()));
  const auto parsed = Macaroon::parse(bytes_of(macaroon.binary()));
  REQUIRE(parsed.has_value());
  CHECK(parsed->location() == "here");
  CHECK(parsed->identifier() == "who");
  CHECK(parsed->caveats() == macaroon.caveats());
  CHECK(parsed->binary() == macaroon.binary());
  CHECK(parsed->is_signed_by(bytes_of("root")));
  CHECK_FALSE(parsed->is_signed_by(bytes_of("boot")));
}

TEST_CASE("a macaroon with long fields round-trips") {
  auto macaroon = Macaroon::mint(bytes_of("root"), "", std::string(66, 'i'));
  macaroon.add_caveat("path=/" + std::string(1'000, 'p'));
  const auto parsed = Macaroon::parse(bytes_of(macaroon.binary()));
  REQUIRE(parsed.has_value());
  CHECK(parsed->binary() == macaroon.binary());
  CHECK(parsed->is_signed_by(bytes_of("root")));
}

TEST_CASE("a holder can add a caveat but not remove one") {
  const auto issued = example();
  auto narrowed = *Macaroon::parse(bytes_of(issued.binary()));
  narrowed.add_caveat("c=3");
  CHECK(narrowed.is_signed_by(bytes_of("root")));
  // The signature of the one with two caveats does not sign the one with the first only.
  auto binary = issued.binary();
  const auto at = binary.find("b=2") - 2;
  binary.erase(at, 6);
  const auto widened = Macaroon::parse(bytes_of(binary));
  REQUIRE(widened.has_value());
  CHECK(widened->caveats().size() == 1);
  CHECK_FALSE(widened->is_signed_by(bytes_of("root")));
}

TEST_CASE("every byte of a macaroon but its location is signed") {
  const auto binary = example().binary();
  for (std::size_t i = 0; i < binary.size(); ++i) {
    CAPTURE(i);
    auto changed = binary;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto parsed = Macaroon::parse(bytes_of(changed));
    const bool in_location = i >= 3 && i < 7;
    CHECK((parsed && parsed->is_signed_by(bytes_of("root"))) == in_location);
    CHECK_FALSE(Macaroon::parse(bytes_of(binary.substr(0, i))).has_value());
  }
  CHECK_FALSE(Macaroon::parse(bytes_of(binary + '\0')).has_value());
}

TEST_CASE("anything but a version 2 macaroon is rejected with a reason") {
  CHECK(why_not("0021location http://example.org/\n").find("version 1") != std::string::npos);
  CHECK(why_not(R"({"v":2,"i":"who"})").find("JSON") != std::string::npos);
  CHECK(why_not("").find("no macaroon") != std::string::npos);
  CHECK(why_not(std::string(64 * 1'024, '\x02')).find("4096") != std::string::npos);
  using namespace std::string_literals;
  const std::string signature(32, 's');
  CHECK(why_not("\x02\x02\x01i\x00\x01\x01l\x02\x01k\x04\x01v\x00\x00\x06\x20"s + signature).find("third-party") !=
        std::string::npos);
  // A length in a longer form than it needs, and one beyond the end.
  CHECK(why_not("\x02\x02\x81\x00i\x00\x00\x06\x20"s + signature).find("no macaroon") != std::string::npos);
  CHECK(why_not("\x02\x02\x7fi\x00\x00\x06\x20"s + signature).find("no macaroon") != std::string::npos);
}

}  // namespace macaroon_test
