// The object `request` of the API: its fields and how they are read.
#pragma once
#include "core/base/object.hpp"
#include "core/request/request_log.hpp"

namespace lntpay {

inline constexpr auto request_object = object_of<LoggedRequest>(
    member("id", "req_…, as the Request-Id of the response.", [](const auto& v) { return std::string_view(v.id.text()); }),
    kind_member<"request">(), member("created_at", "When the request began.", [](const auto& v) { return v.at; }),
    member("method", "Its method.", [](const auto& v) { return std::string_view(v.method); }),
    member("path", "Its path, without the query; at most 255 bytes.", [](const auto& v) { return std::string_view(v.path); }),
    member("status", "The status of the response.", [](const auto& v) { return v.status; }),
    member("api_key", "The id of the API key that made it.", [](const auto& v) { return std::string_view(v.api_key); }),
    member("error_code", "The code of the error; null: it succeeded.", [](const auto& v) { return null_if_empty(v.error); }),
    member("idempotency_key", "Its Idempotency-Key; null: none.", [](const auto& v) { return null_if_empty(v.idempotency_key); }),
    member("idempotent_replayed", "Whether the response was the stored one of an earlier request.",
           [](const auto& v) { return v.replayed; }));

inline constexpr auto request_fields = request_object.fields();

}  // namespace lntpay
