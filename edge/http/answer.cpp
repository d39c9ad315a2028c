// Responses and their headers.
#include "edge/http/answer.hpp"

#include <algorithm>

namespace lntpay {

void set_header(Response& response, std::string_view name, std::string_view value) {
  const auto found = std::ranges::find(response.headers, name, &Header::name);
  if (found != response.headers.end()) {
    found->value = value;
  } else {
    response.headers.push_back({std::string(name), std::string(value)});
  }
}

Response json_answer(std::uint16_t status, std::string json) {
  return {.status = status, .headers = {{"content-type", "application/json"}}, .body = std::move(json)};
}

Response empty_answer(std::uint16_t status) { return {.status = status, .headers = {}, .body = {}}; }

Response error_answer(const Error& error, std::string_view request_id, bool for_wallet) {
  auto response = json_answer(info(public_code(error.code)).status, error_json(error, request_id, for_wallet));
  if (error.retry_after_s > 0) set_header(response, "retry-after", std::to_string(error.retry_after_s));
  // RFC 9110, section 15.5.2: a 401 names an acceptable scheme.
  if (error.code == ErrorCode::unauthenticated) set_header(response, "www-authenticate", "Bearer");
  return response;
}

Error error_of(Refusal why) {
  switch (why) {
    case Refusal::malformed: return {.code = ErrorCode::invalid_request, .message = "The request is not well-formed HTTP."};
    case Refusal::not_utf8: return {.code = ErrorCode::invalid_request, .message = "The request is not UTF-8."};
    case Refusal::timed_out: return {.code = ErrorCode::request_timeout};
    case Refusal::body_too_large: return {.code = ErrorCode::payload_too_large};
    case Refusal::target_too_long: return {.code = ErrorCode::uri_too_long};
    case Refusal::headers_too_large: return {.code = ErrorCode::headers_too_large};
    case Refusal::coding: return {.code = ErrorCode::unsupported_media_type};
    case Refusal::overloaded: return {.code = ErrorCode::overloaded, .retry_after_s = 1};
    case Refusal::storage_down: return {.code = ErrorCode::storage_unavailable, .retry_after_s = 1};
    case Refusal::engine_lost: return {.code = ErrorCode::internal_error};
  }
  return {};
}

Response preflight_answer(std::string_view methods) {
  auto response = empty_answer();
  set_header(response, "access-control-allow-methods", methods);
  set_header(response, "access-control-allow-headers", "Authorization, Content-Type, Idempotency-Key, LNTPay-Version");
  set_header(response, "access-control-max-age", "600");
  return response;
}

void mark_replayed(Response& response) { set_header(response, "idempotent-replayed", "true"); }

void add_rate_limit(Response& response, std::string_view policy, const RateLimit& limit, const ratelimit::RateState& state) {
  set_header(response, "ratelimit-policy", ratelimit::policy_header(policy, limit));
  set_header(response, "ratelimit", ratelimit::state_header(policy, state));
}

void finish(Response& response, std::string_view request_id, std::string_view version) {
  set_header(response, "request-id", request_id);
  set_header(response, "lntpay-version", version);
  if (!std::ranges::contains(response.headers, std::string_view("cache-control"), &Header::name)) {
    set_header(response, "cache-control", "no-store");
  }
  set_header(response, "x-content-type-options", "nosniff");
  set_header(response, "access-control-allow-origin", "*");
  set_header(response, "access-control-expose-headers",
             "WWW-Authenticate, Payment-Receipt, Request-Id, LNTPay-Version, Idempotent-Replayed, RateLimit, RateLimit-Policy, "
             "Retry-After, Link");
}

}  // namespace lntpay
