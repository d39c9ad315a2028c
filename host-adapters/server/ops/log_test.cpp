// Log lines: escaping of text, and redaction of paths.
#include "host-adapters/server/ops/log.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>

namespace log_test {
using namespace lntpay::host;

namespace {

std::string logged(std::string_view text) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  Log(LogLevel::info, ends[1]).info("event", {{"text", text}});
  close(ends[1]);
  std::string line(4'096, '\0');
  line.resize(static_cast<std::size_t>(read(ends[0], line.data(), line.size())));
  close(ends[0]);
  return line.substr(line.find("\"text\":") + 7);
}

}  // namespace

TEST_CASE("text is logged with quotes and control characters escaped") {
  CHECK(logged("caf\u00e9 \u20bf \U0001f600") == "\"caf\u00e9 \u20bf \U0001f600\"}\n");
  CHECK(logged("a\"b\\c\x1b[31m\x7f\n") == R"("a\"b\\c\u001b[31m\u007f\u000a"})"
                                           "\n");
  CHECK(logged("\u009b31m\u00a0") == "\"\\u009b31m\u00a0\"}\n");
  CHECK(logged("\xff\xc2") == "\"\ufffd\ufffd\"}\n");
}

TEST_CASE("a path is logged without query, keys, secrets and checkout tokens") {
  CHECK(loggable_path("/v1/charges?key=lnt_test_1") == "/v1/charges");
  CHECK(loggable_path("/v1/lnt_test_abc/lnt_live_def/x") == "/v1/lnt_test_*/lnt_live_*/x");
  CHECK(loggable_path("/v1/lnt_operator_/whsec_a+b/c/d=") == "/v1/lnt_operator_*/whsec_*");
  CHECK(loggable_path("/pay/token/status") == "/pay/*/status");
  CHECK(loggable_path("/pay/token") == "/pay/*");
  CHECK(loggable_path("/" + std::string(1'000, 'a')).size() == 512);
}

}  // namespace log_test
