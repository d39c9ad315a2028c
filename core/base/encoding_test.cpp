// Encodings: known texts, round trips, and every kind of text that a strict decoder must reject.
#include "core/base/encoding.hpp"

#include <doctest/doctest.h>

#include <array>

namespace encoding_test {
using namespace lntpay;

namespace {

Bytes counting(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 73 + 200);
  return bytes;
}

}  // namespace

TEST_CASE("hex is lower case only") {
  CHECK(hex({}) == "");
  CHECK(hex(Bytes{0x00, 0x0f, 0xa0, 0xff}) == "000fa0ff");
  CHECK(hex_decode("000fa0ff") == Bytes{0x00, 0x0f, 0xa0, 0xff});
  CHECK(hex_decode("") == Bytes{});
  for (const auto bad : {"0", "000", "0A", "FF", "0g", " 00", "00 ", "0x00", "\xc3\xa9"}) {
    CAPTURE(bad);
    CHECK_FALSE(hex_decode(bad).has_value());
  }
  CHECK_FALSE(hex_decode(std::string_view{"0\0", 2}).has_value());
}

TEST_CASE("a 32-byte hex value has exactly 64 digits") {
  const std::string text = "0001020304050607080900010203040506070809000102030405060708090102";
  REQUIRE(hex_decode32(text).has_value());
  CHECK(hex(*hex_decode32(text)) == text);
  CHECK_FALSE(hex_decode32(text.substr(2)).has_value());
  CHECK_FALSE(hex_decode32(text + "00").has_value());
  CHECK_FALSE(hex_decode32("").has_value());
}

TEST_CASE("base64 gives the examples of RFC 4648") {
  const struct {
    std::string_view plain, padded, unpadded;
  } cases[] = {{"", "", ""},
               {"f", "Zg==", "Zg"},
               {"fo", "Zm8=", "Zm8"},
               {"foo", "Zm9v", "Zm9v"},
               {"foob", "Zm9vYg==", "Zm9vYg"},
               {"fooba", "Zm9vYmE=", "Zm9vYmE"},
               {"foobar", "Zm9vYmFy", "Zm9vYmFy"}};
  for (const auto& [plain, padded, unpadded] : cases) {
    CAPTURE(plain);
    CHECK(base64(Base64::standard, bytes_of(plain)) == padded);
    CHECK(base64(Base64::url_unpadded, bytes_of(plain)) == unpadded);
    CHECK(text_of(*base64_decode(Base64::url, padded)) == plain);
    CHECK(text_of(*base64_decode(Base64::standard_unpadded, unpadded)) == plain);
  }
  CHECK(base64(Base64::standard, Bytes{0xfb, 0xff}) == "+/8=");
  CHECK(base64(Base64::url, Bytes{0xfb, 0xff}) == "-_8=");
}

TEST_CASE("a base64 value has one text in each form") {
  for (const auto bad :
       {"Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Z===", "Zm9v=", "Zm 9v", "Zm9v\n", "Zg==Zg==", "-_8=", "Z=g="}) {
    CAPTURE(bad);
    CHECK_FALSE(base64_decode(Base64::standard, bad).has_value());
  }
  for (const auto bad : {"Z", "Zg==", "Zh", "Zm9", "+/8", "Zm9vY"}) {  // Zh, Zm9: the last digit's low bits are not zero
    CAPTURE(bad);
    CHECK_FALSE(base64_decode(Base64::url_unpadded, bad).has_value());
  }
}

TEST_CASE("base64 round-trips in every form and length") {
  for (const auto form : {Base64::standard, Base64::standard_unpadded, Base64::url, Base64::url_unpadded}) {
    for (std::size_t size = 0; size < 70; ++size) CHECK(base64_decode(form, base64(form, counting(size))) == counting(size));
  }
}

TEST_CASE("base62 has a fixed width and sorts like the numbers") {
  CHECK(base62(0, 2) == "00");
  CHECK(base62(61, 2) == "0z");
  CHECK(base62(3843, 2) == "zz");
  CHECK(base62(UINT32_MAX, base62_width_u32) == "4gfFC3");
  CHECK(base62(UINT64_MAX, 11) == "LygHa16AHYF");
  CHECK(base62(35, 2) < base62(36, 2));
  for (std::uint64_t value : {0ULL, 1ULL, 61ULL, 62ULL, 3843ULL, 4294967295ULL, 18446744073709551615ULL})
    CHECK(base62_decode(base62(value, 11)) == value);
  CHECK_FALSE(base62_decode("LygHa16AHYG").has_value());
  CHECK_FALSE(base62_decode("zzzzzzzzzzzzzzz").has_value());
  for (const auto bad : {"", "-1", "a b", "a_"}) CHECK_FALSE(base62_decode(bad).has_value());
}

TEST_CASE("an id's 26 Crockford digits are the first 130 bits") {
  const Bytes zeros(17, 0);
  const Bytes ones(17, 0xff);
  CHECK(crockford(zeros, 26) == "00000000000000000000000000");
  CHECK(crockford(ones, 26) == "ZZZZZZZZZZZZZZZZZZZZZZZZZZ");
  CHECK(crockford(Bytes{0x08, 0x86, 0x42, 0x98, 0xe8}, 8) == "12345678");
  for (std::size_t digits = 0; digits <= 26; ++digits) {
    const auto text = crockford(counting(17), digits);
    CHECK(text.size() == digits);
    const auto back = crockford_decode(text);
    REQUIRE(back.has_value());
    CHECK(crockford(*back, digits) == text);
  }
  CHECK_FALSE(crockford_decode("000000000000000000000000000").has_value());
  for (const auto bad : {"a", "I", "L", "O", "U", "0 ", "-", "i"}) CHECK_FALSE(crockford_decode(bad).has_value());
}

TEST_CASE("times in Crockford digits sort as numbers") {
  CHECK(crockford(1469918176385ULL, 10) == "01ARYZ6S41");  // the example of the ULID specification
  CHECK(crockford_number("01ARYZ6S41") == 1469918176385ULL);
  CHECK(crockford(999ULL, 10) < crockford(1000ULL, 10));
  CHECK_FALSE(crockford_number("").has_value());
  CHECK_FALSE(crockford_number("0000000000000").has_value());
  CHECK_FALSE(crockford_number("01aryz6s41").has_value());
}

TEST_CASE("CRC-32 is the one of zip and PNG") {
  CHECK(crc32({}) == 0);
  CHECK(crc32(bytes_of("123456789")) == 0xCBF43926U);
  CHECK(crc32(bytes_of("The quick brown fox jumps over the lazy dog")) == 0x414FA339U);
}

}  // namespace encoding_test
