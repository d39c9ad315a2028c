// Times as text.
#include "core/base/time.hpp"

#include <doctest/doctest.h>

namespace lntpay {

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

TEST_CASE("an HTTP date is parsed, near misses are rejected") {
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == UnixMillis{784'111'777'000});
  for (const auto* text : {"", "Sun, 06 Nov 1994 08:49:37", "06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text).has_value());
  }
}

}  // namespace lntpay
