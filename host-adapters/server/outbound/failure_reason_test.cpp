// The words for failures that a test cannot provoke on the loopback device; the others: fetcher_test.cpp, hostile_servers_test.cpp.
#include "host-adapters/server/outbound/failure_reason.hpp"

#include <doctest/doctest.h>

#include <cerrno>

namespace failure_reason_test {
using namespace lntpay::host;

TEST_CASE("a failure to connect names the cause") {
  const auto reason = [](int os_error) { return failure_reason({.code = CURLE_COULDNT_CONNECT, .os_error = os_error}); };
  CHECK(reason(ECONNREFUSED) == "connection refused");
  CHECK(reason(ETIMEDOUT) == "timed out while connecting");
  CHECK(reason(EHOSTUNREACH) == "no route to the address");
  CHECK(reason(ENETUNREACH) == "no route to the address");
  CHECK(reason(0) == "no connection");
}

TEST_CASE("a TLS failure names OpenSSL's reason without its codes") {
  const auto reason = [](CURLcode code, std::string_view detail, Progress progress) {
    return failure_reason({.code = code, .detail = detail, .progress = progress});
  };
  CHECK(reason(CURLE_SSL_CONNECT_ERROR, "OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number",
               Progress::in_handshake) == "TLS handshake failed: wrong version number");
  CHECK(reason(CURLE_SSL_CONNECT_ERROR, "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to 192.0.2.1:443 ",
               Progress::in_handshake) == "TLS handshake failed: connection closed");
  CHECK(reason(CURLE_RECV_ERROR, "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0",
               Progress::awaiting_head) == "TLS failed: tlsv13 alert certificate required");
  CHECK(reason(CURLE_RECV_ERROR, "OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof while reading, errno 0",
               Progress::receiving_body) == "connection closed");
}

TEST_CASE("a code without words of its own has libcurl's") {
  CHECK(failure_reason({.code = CURLE_TOO_MANY_REDIRECTS}) == curl_easy_strerror(CURLE_TOO_MANY_REDIRECTS));
}

}  // namespace failure_reason_test
