// Making answers: JSON, the error object, and the headers that every answer carries.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error_json.hpp"
#include "core/request/gcra.hpp"
#include "edge/engine/contract.hpp"

namespace lntpay {

/// Sets a header, in place of one that has the name already. The name is lower case.
void set_header(Response& response, std::string_view name, std::string_view value);

Response json_answer(std::uint16_t status, std::string json);
Response empty_answer(std::uint16_t status = 204);

/// The error object with its status and Retry-After.
Response error_answer(const Error& error, std::string_view request_id);

/// The error behind a request that the host turned away.
Error error_of(Refusal why);

/// For the answer to a preflight request.
Response preflight_answer(std::string_view methods);

/// Idempotent-Replayed: true
void mark_replayed(Response& response);

/// RateLimit-Policy and RateLimit.
void add_rate_limit(Response& response, const RateLimit& limit, const ratelimit::RateState& state);

/// What every answer carries: Request-Id, Cache-Control: no-store (unless it says something else), nosniff, and what scripts of
/// other origins may read. Tokens come in a header that a browser never adds by itself, so any origin may ask.
void finish(Response& response, std::string_view request_id);

}  // namespace lntpay
