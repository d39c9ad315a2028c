// Intervals of keys, byte by byte, including bytes that no row has because rows are UTF-8.
#include "host-adapters/stores/rules/key_span.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace std::string_literals;

namespace lntpay::host {

TEST_CASE("the end of a prefix is the least string after all that begin with it") {
  struct Row {
    std::string prefix;
    std::optional<std::string> end;
  };
  const Row rows[] = {
      {"", std::nullopt},     {"a", "b"},
      {"az", "a{"},           {"a/", "a0"},
      {"~", "\x7f"},          {"\x7f", "\x80"},
      {"a\xff", "b"},         {"a\xff\xff", "b"},
      {"\xff", std::nullopt}, {"\xff\xff", std::nullopt},
      {"\xfe\xff", "\xff"},   {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xc0"},
      {"a\0"s, "a\x01"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.prefix);
    CHECK(prefix_end(row.prefix) == row.end);
  }
}

TEST_CASE("prefix and after give one interval wherever after lies") {
  struct Row {
    Range asked;
    KeySpan span;
  };
  constexpr bool ascending = false;
  constexpr bool descending = true;
  const Row rows[] = {
      {{"m", "", 1, ascending}, {"m", "n"}},        {{"m", "m5", 1, ascending}, {"m5\0"s, "n"}},
      {{"m", "m", 1, ascending}, {"m\0"s, "n"}},    {{"m", "a", 1, ascending}, {"m", "n"}},
      {{"m", "z", 1, ascending}, {"z\0"s, "n"}},    {{"m", "", 1, descending}, {"m", "n"}},
      {{"m", "m5", 1, descending}, {"m", "m5"}},    {{"m", "m", 1, descending}, {"m", "m"}},
      {{"m", "a", 1, descending}, {"m", "a"}},      {{"m", "z", 1, descending}, {"m", "n"}},
      {{"", "", 1, ascending}, {"", std::nullopt}}, {{"", "k", 1, descending}, {"", "k"}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.asked.prefix);
    CAPTURE(row.asked.after);
    CAPTURE(row.asked.reverse);
    CHECK(span_of(row.asked) == row.span);
  }
}

}  // namespace lntpay::host
