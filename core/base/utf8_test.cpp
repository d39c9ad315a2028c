// UTF-8: the boundaries of every row of table 3-7, and replacement by maximal parts.
#include "core/base/utf8.hpp"

#include <doctest/doctest.h>

namespace utf8_test {
using namespace lntpay;
using namespace std::string_literals;

TEST_CASE("well-formed text is accepted up to the last code point") {
  for (const std::string& text :
       {""s, "plain ascii, longer than eight bytes"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s, "\xEE\x80\x80"s,
        "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s, "\xE3\x83\x8A\xE3\x83\xB3"s, "a\0b"s}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
    CHECK(replace_ill_formed(text) == text);
  }
}

TEST_CASE("overlong forms, surrogates, truncated and too large sequences are rejected") {
  for (const std::string& text : {"\x80"s,
                                  "\xBF"s,
                                  "\xC0\x80"s,
                                  "\xC1\xBF"s,
                                  "\xC2"s,
                                  "\xC2\x41"s,
                                  "\xE0\x9F\xBF"s,
                                  "\xE1\x80"s,
                                  "\xE1\x80\x41"s,
                                  "\xED\xA0\x80"s,
                                  "\xED\xBF\xBF"s,
                                  "\xF0\x8F\xBF\xBF"s,
                                  "\xF0\x90\x80"s,
                                  "\xF4\x90\x80\x80"s,
                                  "\xF5\x80\x80\x80"s,
                                  "\xFF"s,
                                  "abcdefgh\xC3"s,
                                  "\xE2\x82"s,
                                  "\xE2\x28\xA1"s,
                                  "a\xE1\x80\x80\x80"s}) {
    CHECK_FALSE(is_utf8(text));
    CHECK(is_utf8(replace_ill_formed(text)));
  }
}

TEST_CASE("each maximal ill-formed part becomes one replacement character") {
  CHECK(replace_ill_formed("a\xE2\x82z") == "a\xEF\xBF\xBDz");
  CHECK(replace_ill_formed("\xFF\xFF") == "\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(replace_ill_formed("gr\xC3\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F");
  CHECK(replace_ill_formed("\xF0\x9F\x92 \xC3") == "\xEF\xBF\xBD \xEF\xBF\xBD");
}

}  // namespace utf8_test
