// Responses: JSON, the error object, and the headers of every response.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error_json.hpp"
#include "core/request/gcra.hpp"
#include "core/tenant/api_version.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay {

/// Sets a header, replacing one with the same name. The name is lower case.
void set_header(Response& response, std::string_view name, std::string_view value);

Response json_answer(std::uint16_t status, std::string json);
Response empty_answer(std::uint16_t status = 204);

/// The error object with its status and Retry-After.
Response error_answer(const Error& error, std::string_view request_id, bool for_wallet = false);

/// The error of a request that the host refused.
Error error_of(Refusal why);

/// The response to a CORS preflight request.
Response preflight_answer(std::string_view methods);

/// Idempotent-Replayed: true
void mark_replayed(Response& response);

/// RateLimit-Policy and RateLimit.
void add_rate_limit(Response& response, std::string_view policy, const RateLimit& limit, const ratelimit::RateState& state);

/// Adds the headers of every response: Request-Id, LNTPay-Version, Cache-Control: no-store (unless it is set), nosniff, and CORS.
/// Any origin may read responses: browsers never send tokens by themselves.
void finish(Response& response, std::string_view request_id, std::string_view version = api_version_newest);

}  // namespace lntpay
