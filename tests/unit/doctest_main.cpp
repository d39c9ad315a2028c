// The main of every doctest program. Its last line has the counts for tests/run.
#ifdef __wasi__
#include "tests/unit/no_files.hpp"
#endif

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "tests/unit/skipped.hpp"

namespace {

unsigned passed = 0;
unsigned failed = 0;
unsigned skipped = 0;

/// Counts test cases, in addition to doctest's reporter.
struct Counts : doctest::IReporter {
  explicit Counts(const doctest::ContextOptions&) {}

  void test_run_end(const doctest::TestRunStats& stats) override {
    failed = stats.numTestCasesFailed;
    passed = stats.numTestCasesPassingFilters - failed - lntpay::skipped_test_cases;
    skipped += lntpay::skipped_test_cases;
  }
  void test_case_skipped(const doctest::TestCaseData& test) override {
    if (test.m_skip) ++skipped;
  }

  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
};

REGISTER_LISTENER("counts", 1, Counts);

}  // namespace

int main(int argc, char** argv) {
  doctest::Context context{argc, argv};
  const int code = context.run();
  if (!context.shouldExit()) std::printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
  return code;
}
