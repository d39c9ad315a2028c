// Answers: the error object, and the headers of every answer.
#include "edge/http/answer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace lntpay::answer_test {
namespace {

std::string value_of(const Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &Header::name);
  return found != response.headers.end() ? found->value : "(none)";
}

}  // namespace

TEST_CASE("an error has code, message and request id; param and details if any") {
  CHECK(
      error_json({.code = ErrorCode::not_found}, "req_1") ==
      R"({"error":{"code":"not_found","message":"There is no resource with this id or path. Check it, and the workspace and environment of the API key.","request_id":"req_1"}})");
  CHECK(error_json({.code = ErrorCode::invalid_request, .message = "No \"x\".", .param = "x", .details = R"({"a":1})"}, "req_1") ==
        R"({"error":{"code":"invalid_request","message":"No \"x\".","request_id":"req_1","param":"x","details":{"a":1}}})");
}

TEST_CASE("an internal error does not reveal its cause") {
  for (const auto code : {ErrorCode::internal_error, ErrorCode::conflict, ErrorCode::lease_elsewhere}) {
    const auto answer = error_answer({.code = code, .message = "I2 broken"}, "req_1");
    CHECK(answer.status == 500);
    CHECK(answer.body.starts_with(R"({"error":{"code":"internal_error","message":"An internal error occurred)"));
    CHECK_FALSE(answer.body.contains("I2"));
  }
  CHECK_FALSE(error_answer({.code = ErrorCode::storage_unavailable, .message = "disk 7"}, "req_1").body.contains("disk"));
}

TEST_CASE("an error response has its status and Retry-After") {
  const auto answer = error_answer({.code = ErrorCode::rate_limit_exceeded, .retry_after_s = 3}, "req_1");
  CHECK(answer.status == 429);
  CHECK(value_of(answer, "retry-after") == "3");
  CHECK(value_of(answer, "content-type") == "application/json");
  CHECK(value_of(error_answer({.code = ErrorCode::not_found}, "req_1"), "retry-after") == "(none)");
}

TEST_CASE("each refusal by the host has its error") {
  struct Row {
    Refusal why;
    std::uint16_t status;
    std::string_view code;
  };
  for (const auto& row :
       {Row{Refusal::malformed, 400, "invalid_request"}, Row{Refusal::not_utf8, 400, "invalid_request"},
        Row{Refusal::timed_out, 408, "request_timeout"}, Row{Refusal::body_too_large, 413, "payload_too_large"},
        Row{Refusal::target_too_long, 414, "uri_too_long"}, Row{Refusal::headers_too_large, 431, "headers_too_large"},
        Row{Refusal::coding, 415, "unsupported_media_type"}, Row{Refusal::overloaded, 503, "overloaded"},
        Row{Refusal::storage_down, 503, "storage_unavailable"}, Row{Refusal::engine_lost, 500, "internal_error"}}) {
    CAPTURE(row.code);
    CHECK(info(error_of(row.why).code).status == row.status);
    CHECK(info(error_of(row.why).code).name == row.code);
  }
}

TEST_CASE("every response has Request-Id, no-store and the CORS headers") {
  auto answer = json_answer(200, "{}");
  finish(answer, "req_1");
  CHECK(value_of(answer, "request-id") == "req_1");
  CHECK(value_of(answer, "lntpay-version") == api_version_newest);
  CHECK(value_of(answer, "cache-control") == "no-store");
  CHECK(value_of(answer, "access-control-expose-headers") ==
        "WWW-Authenticate, Payment-Receipt, Request-Id, LNTPay-Version, Idempotent-Replayed, RateLimit, RateLimit-Policy, "
        "Retry-After, "
        "Link");
  auto page = empty_answer(200);
  set_header(page, "cache-control", "max-age=60");
  finish(page, "req_1");
  CHECK(value_of(page, "cache-control") == "max-age=60");
}

TEST_CASE("rate limit headers carry policy and state") {
  auto answer = json_answer(200, "{}");
  add_rate_limit(answer, "default", {.quota = 100, .window_s = 60},
                 {.allowed = true, .remaining = 42, .reset = {16'001}, .retry_after = {}});
  CHECK(value_of(answer, "ratelimit-policy") == "\"default\";q=100;w=60");
  CHECK(value_of(answer, "ratelimit") == "\"default\";r=42;t=17");
}

}  // namespace lntpay::answer_test
