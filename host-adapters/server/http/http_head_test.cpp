// The head scanner at its limits, whole and byte by byte.
#include "host-adapters/server/http/http_head.hpp"

#include <doctest/doctest.h>

#include <string>

namespace http_head_test {
using namespace lntpay;
using namespace lntpay::host;
using namespace std::string_literals;

namespace {

/// "ok", "more", or the refusal's number.
std::string scanned(const std::string& head) {
  HeadScanner whole{HttpLimits{}};
  HeadScanner bytewise{HttpLimits{}};
  std::optional<Refusal> refused;
  for (std::size_t i = 1; i <= head.size() && !refused; ++i) refused = bytewise.scan(std::string_view(head).substr(0, i));
  CHECK(whole.scan(head) == refused);
  CHECK((refused || whole.head_size() == bytewise.head_size()));
  if (refused) return std::to_string(static_cast<int>(*refused));
  return whole.head_size() ? "ok" : "more";
}

std::string code(Refusal why) { return std::to_string(static_cast<int>(why)); }

std::string with_target(std::size_t bytes) { return "GET /" + std::string(bytes - 1, 'a') + " HTTP/1.1\r\n\r\n"; }

std::string with_fields(std::size_t count) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < count; ++i) head += "a: b\r\n";
  return head + "\r\n";
}

std::string with_size(std::size_t bytes) {
  const std::string start = "GET / HTTP/1.1\r\na: ";
  return start + std::string(bytes - start.size() - 4, 'x') + "\r\n\r\n";
}

}  // namespace

TEST_CASE("a head is complete at its empty line and not before") {
  CHECK(scanned("GET /v1/balance HTTP/1.1\r\nhost: x\r\n\r\n") == "ok");
  CHECK(scanned("GET /v1/balance HTTP/1.1\r\nhost: x\r\n\r") == "more");
  HeadScanner scanner{HttpLimits{}};
  CHECK_FALSE(scanner.scan("GET / HTTP/1.1\r\n\r\nGET /next"));
  CHECK(scanner.head_size() == 18);
}

TEST_CASE("a head that two parsers could read differently is malformed") {
  for (const std::string& head :
       {"GET / HTTP/1.1\nhost: x\n\n"s, "GET / HTTP/1.1\r\nhost: x\n\r\n"s, "GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n"s,
        "GET / HTTP/1.1\r\na : b\r\n\r\n"s, "GET / HTTP/1.1\r\na: b\0c\r\n\r\n"s, "GET / HTTP/1.1\r\na: b\rc\r\n\r\n"s,
        "GET / HTTP/1.1\r\n: b\r\n\r\n"s, "GET / HTTP/1.1\r\nab\r\n\r\n"s, "GET  / HTTP/1.1\r\n\r\n"s, " GET / HTTP/1.1\r\n\r\n"s,
        "GET /\r\n\r\n"s, "GET /\x01 HTTP/1.1\r\n\r\n"s, "\x16\x03\x01\x02"s, "GET / HTTP/1.1\r\na: \x7F\r\n\r\n"s})
    CHECK(scanned(head) == code(Refusal::malformed));
}

TEST_CASE("the target may have 8192 bytes") {
  CHECK(scanned(with_target(8'191)) == "ok");
  CHECK(scanned(with_target(8'192)) == "ok");
  CHECK(scanned(with_target(8'193)) == code(Refusal::target_too_long));
}

TEST_CASE("a head may have 100 fields") {
  CHECK(scanned(with_fields(99)) == "ok");
  CHECK(scanned(with_fields(100)) == "ok");
  CHECK(scanned(with_fields(101)) == code(Refusal::headers_too_large));
}

TEST_CASE("a head may have 16384 bytes") {
  CHECK(scanned(with_size(16'383)) == "ok");
  CHECK(scanned(with_size(16'384)) == "ok");
  CHECK(scanned(with_size(16'385)) == code(Refusal::headers_too_large));
}

TEST_CASE("a body is framed once, by digits or by chunks") {
  const auto refusal = [](auto... set) {
    Framing framing;
    framing.host();
    (set(framing), ...);
    return framing.refusal(true);
  };
  const auto length = [](const char* value) { return [value](Framing& f) { f.content_length(value); }; };
  const auto transfer = [](const char* value) { return [value](Framing& f) { f.transfer_encoding(value); }; };
  CHECK_FALSE(refusal());
  CHECK_FALSE(refusal(length("0")));
  CHECK_FALSE(refusal(transfer("Chunked")));
  for (const char* bad : {"+5", "-5", "5, 5", "0x5", "", "5 ", "9999999999999999999"})
    CHECK(refusal(length(bad)) == Refusal::malformed);
  for (const char* bad : {"gzip", "gzip, chunked", "chunked, chunked", "identity", "xchunked"})
    CHECK(refusal(transfer(bad)) == Refusal::malformed);
  CHECK(refusal(length("5"), length("5")) == Refusal::malformed);
  CHECK(refusal(length("5"), transfer("chunked")) == Refusal::malformed);
  CHECK(refusal([](Framing& f) { f.host(); }) == Refusal::malformed);
  CHECK(Framing{}.refusal(true) == Refusal::malformed);
  CHECK_FALSE(Framing{}.refusal(false));
  CHECK(refusal([](Framing& f) { f.content_encoding("gzip"); }) == Refusal::coding);
  CHECK_FALSE(refusal([](Framing& f) { f.content_encoding("identity"); }));
}

}  // namespace http_head_test
