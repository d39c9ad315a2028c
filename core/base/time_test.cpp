// Times as text.
#include "core/base/time.hpp"

#include <doctest/doctest.h>

#include <string>

namespace lntpay::time_test {

TEST_CASE("times are written in UTC with milliseconds") {
  CHECK(rfc3339({0}) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339({951'782'400'001}) == "2000-02-29T00:00:00.001Z");
  CHECK(rfc3339({4'294'967'296'000}) == "2106-02-07T06:28:16.000Z");
  CHECK(rfc3339(unix_millis_max) == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("RFC 3339 times round-trip; offsets and fractions are accepted") {
  for (const std::uint64_t at : {0ULL, 1ULL, 951'782'400'001ULL, 1'700'000'000'999ULL, 253'402'300'799'999ULL}) {
    CHECK(parse_rfc3339(rfc3339({at})) == UnixMillis{at});
  }
  CHECK(parse_rfc3339("2000-02-29T01:00:00+01:00") == UnixMillis{951'782'400'000});
  CHECK(parse_rfc3339("2000-02-28t23:00:00.0019-01:00") == UnixMillis{951'782'400'001});
}

TEST_CASE("text that is not a time is rejected") {
  for (const auto* text :
       {"", "2000", "2001-02-29T00:00:00Z", "2000-13-01T00:00:00Z", "2000-01-01T24:00:00Z", "2000-01-01T00:60:00Z",
        "2000-01-01T00:00:00", "2000-01-01T00:00:00.Z", "2000-01-01T00:00:00.0000000000Z", "2000-01-01 00:00:00Z",
        "2000-01-01T00:00:00+1:00", "2000-01-01T00:00:00Zx", "1969-12-31T23:59:59Z", "-000-01-01T00:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
}

TEST_CASE("an HTTP date is accepted in each of its three forms") {
  constexpr UnixMillis date{784'111'777'000};
  constexpr UnixMillis now{1'796'018'129'000};  // 2026
  for (const auto* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    CAPTURE(text);
    CHECK(parse_http_date(text, now) == date);
  }
  CHECK(parse_http_date("Wed Nov 16 08:49:37 1994", now) == UnixMillis{784'975'777'000});
  CHECK(parse_http_date("Saturday, 31-Dec-16 23:59:60 GMT", now) == UnixMillis{1'483'228'800'000});  // a leap second
  CHECK(parse_imf_fixdate("Sun, 06 Nov 1994 08:49:37 GMT") == date);
  CHECK_FALSE(parse_imf_fixdate("Sunday, 06-Nov-94 08:49:37 GMT").has_value());
  CHECK_FALSE(parse_imf_fixdate("Sun Nov  6 08:49:37 1994").has_value());
}

TEST_CASE("a year of two digits is at most 50 years ahead") {
  const auto year_of = [](std::string date, const char* now) {
    const auto parsed = parse_http_date("Monday, " + std::move(date) + " GMT", *parse_rfc3339(now));
    return parsed ? rfc3339(*parsed).substr(0, 4) : "none";
  };
  constexpr auto* now = "2026-11-30T05:55:29Z";
  CHECK(year_of("30-Nov-26 05:55:30", now) == "2026");
  CHECK(year_of("01-Jan-76 00:00:00", now) == "2076");
  CHECK(year_of("30-Nov-76 05:55:29", now) == "2076");
  CHECK(year_of("30-Nov-76 05:55:30", now) == "1976");
  CHECK(year_of("01-Jan-77 00:00:00", now) == "1977");
  CHECK(year_of("31-Dec-99 23:59:59", now) == "1999");
  CHECK(year_of("01-Jan-00 00:00:00", now) == "2000");
  CHECK(year_of("01-Jan-05 00:00:00", "2099-12-31T23:59:59Z") == "2105");
  CHECK(year_of("01-Jan-99 00:00:00", "2099-12-31T23:59:59Z") == "2099");
  CHECK(year_of("29-Feb-76 00:00:00", "2026-02-28T23:59:59Z") == "1976");
  CHECK(year_of("01-Jan-69 00:00:00", "1970-01-01T00:00:00Z") == "none");  // before 1970
}

TEST_CASE("near misses of an HTTP date are rejected") {
  constexpr UnixMillis now{1'796'018'129'000};
  for (const auto* text : {"",
                           "Sun",
                           "Sun, 06 Nov 1994 08:49:37",
                           "06 Nov 1994 08:49:37 GMT",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun,06 Nov 1994 08:49:37 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 94 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:00:00 GMT",
                           "Sun, 06 Nov 1994 08:49:61 GMT",
                           "Sun, 06 Nov 1994 08:49:37 UTC",
                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                           " Sun, 06 Nov 1994 08:49:37 GMT",
                           "sun, 06 nov 1994 08:49:37 gmt",
                           "Sunday, 06-Nov-1994 08:49:37 GMT",
                           "Sun, 06-Nov-94 08:49:37 GMT",
                           "Sunday, 6-Nov-94 08:49:37 GMT",
                           "Sunday 06-Nov-94 08:49:37 GMT",
                           "Sunday, 06-Nov-94 08:49:37",
                           "Sunday, 31-Feb-94 08:49:37 GMT",
                           "Sunday, 06-Foo-94 08:49:37 GMT",
                           "Sun Nov 6 08:49:37 1994",
                           "Sun Nov 06 08:49:37 94",
                           "Sun Nov   6 08:49:37 1994",
                           "Sun Nov  6 08:49:37 1994 GMT",
                           "Sun, Nov  6 08:49:37 1994",
                           "Sunday Nov  6 08:49:37 1994",
                           "Sun Feb 31 08:49:37 1994"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text, now).has_value());
  }
}

}  // namespace lntpay::time_test
