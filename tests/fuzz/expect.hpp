// Checks of fuzz targets: a violated property aborts the process, and libFuzzer keeps the input.
#pragma once
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace lntpay::fuzz {

inline void expect(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "BROKEN: %s\n", property);
  __builtin_trap();
}

inline void expect_equal(std::string_view left, std::string_view right, const char* property) {
  if (left == right) return;
  std::fprintf(stderr, "BROKEN: %s\n  %.*s\n  %.*s\n", property, static_cast<int>(left.size()), left.data(),
               static_cast<int>(right.size()), right.data());
  __builtin_trap();
}

}  // namespace lntpay::fuzz
