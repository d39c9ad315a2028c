// For a test case that finds out that it cannot run here.
#pragma once
#include <cstdio>
#include <string>

namespace lntpay {

inline unsigned skipped_test_cases = 0;

/// Counts the running test case as skipped and says why, as tests/run shows it. Once in a test case; it returns then.
inline void skip_test_case(const std::string& why) {
  ++skipped_test_cases;
  std::printf("skipped: %s\n", why.c_str());
}

}  // namespace lntpay
