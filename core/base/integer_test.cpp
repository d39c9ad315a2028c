// Decimal integers: the whole text or nothing, at every boundary of the type and of the caller's maximum.
#include "core/base/integer.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace integer_test {
using namespace lntpay;

TEST_CASE("an integer is parsed up to the largest value of its type") {
  CHECK(parse_integer<std::uint64_t>("0") == 0);
  CHECK(parse_integer<std::uint64_t>("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(parse_integer<std::uint64_t>("18446744073709551616"));
  CHECK(parse_integer<std::uint16_t>("65535") == 65'535);
  CHECK_FALSE(parse_integer<std::uint16_t>("65536"));
  CHECK(parse_integer<std::int64_t>("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(parse_integer<std::int64_t>("9223372036854775808"));
}

TEST_CASE("an integer above the caller's maximum is rejected") {
  CHECK(parse_integer<unsigned>("32", 32) == 32U);
  CHECK_FALSE(parse_integer<unsigned>("33", 32));
}

TEST_CASE("leading zeros do not change an integer") { CHECK(parse_integer<unsigned>("007") == 7U); }

TEST_CASE("text that is not only an integer is rejected") {
  for (const auto* text : {"", " ", "-", "+1", " 1", "1 ", "1a", "a", "1.0", "1e3", "0x1", "1,000", "--1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_integer<std::uint64_t>(text));
    CHECK_FALSE(parse_integer<std::int64_t>(text));
  }
  CHECK_FALSE(parse_integer<std::uint64_t>("-1"));
  CHECK_FALSE(parse_integer<std::uint64_t>({"1\0", 2}));
}

}  // namespace integer_test
