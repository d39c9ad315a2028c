// UTF-8 checks: the boundary of every row of table 3-7, and replacement by maximal parts.
#include "host-adapters/common/utf8.hpp"

#include <doctest/doctest.h>

using namespace lntpay;
using namespace lntpay::host;
using namespace std::string_literals;

TEST_CASE("well-formed text is accepted up to the last code point") {
  for (const std::string& text :
       {""s, "plain ascii, longer than eight bytes"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s,
        "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s, "a\0b"s})
    CHECK(is_utf8(text));
}

TEST_CASE("overlong forms, surrogates, cut sequences and code points beyond the last are refused") {
  for (const std::string& text : {"\x80"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s, "\xF0\x8F\xBF\xBF"s,
                                  "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s, "abcdefgh\xC3"s, "\xE2\x82"s, "\xE2\x28\xA1"s})
    CHECK_FALSE(is_utf8(text));
}

TEST_CASE("each maximal ill-formed part becomes one replacement character") {
  CHECK(replace_ill_formed("a\xE2\x82z") == "a\xEF\xBF\xBDz");
  CHECK(replace_ill_formed("\xFF\xFF") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(replace_ill_formed("gr\xC3\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F");
  CHECK(is_utf8(replace_ill_formed("\xF0\x9F\x92 \xC3")));
}

TEST_CASE("a request is UTF-8 only when each of its strings is") {
  Request request{"GET", "/", {{"x", "y"}}, "body", "127.0.0.1"};
  CHECK(is_utf8(request));
  request.headers[0].value = "\xFF";
  CHECK_FALSE(is_utf8(request));
}
