#include "edge/pages/qr.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>
#include <utility>

namespace qr_test {
using namespace lntpay;

namespace {

/// The dark modules of the drawing: "M4 4h7v1h-7z…"
std::set<std::pair<long, long>> modules(const std::string& svg) {
  std::set<std::pair<long, long>> dark;
  const auto path = svg.rfind(" d=\"") + 4;
  const char* at = svg.c_str() + path;
  while (*at == 'M') {
    char* end = nullptr;
    const long x = std::strtol(at + 1, &end, 10);
    const long y = std::strtol(end + 1, &end, 10);
    const long length = std::strtol(end + 1, &end, 10);
    for (long i = 0; i < length; ++i) dark.insert({x + i, y});
    while (*end != 'z') ++end;
    at = end + 1;
  }
  return dark;
}

}  // namespace

TEST_CASE("a code has its three finder patterns and an empty quiet zone") {
  const auto svg = qr_svg("LIGHTNING:LNBC1", "Invoice").value();
  CHECK(
      svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 29 29\""));  // version 1: 21 modules and 8 of white
  CHECK(svg.contains("aria-label=\"Invoice\""));
  const auto dark = modules(svg);
  for (const auto& [left, top] : {std::pair{4L, 4L}, {18L, 4L}, {4L, 18L}}) {
    for (long y = 0; y < 7; ++y) {
      for (long x = 0; x < 7; ++x) {
        const bool ring = x == 0 || x == 6 || y == 0 || y == 6;
        const bool heart = x >= 2 && x <= 4 && y >= 2 && y <= 4;
        CHECK(dark.contains({left + x, top + y}) == (ring || heart));
      }
    }
  }
  for (const auto& [x, y] : dark) CHECK((x >= 4 && x < 25 && y >= 4 && y < 25));
}

TEST_CASE("upper case makes smaller codes; a text too long for a code is nullopt") {
  const auto side = [](const std::string& text) {
    const auto svg = qr_svg(text, "").value();
    const auto at = svg.find("0 0 ") + 4;
    return std::atoi(svg.c_str() + at);
  };
  CHECK(side(std::string(300, 'A')) < side(std::string(300, 'a')));
  CHECK(qr_svg(std::string(4'296, 'A'), "").has_value());
  CHECK_FALSE(qr_svg(std::string(4'297, 'A'), "").has_value());
}

}  // namespace qr_test
