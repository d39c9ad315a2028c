// The object `audit_note` of the API: its fields and how they are read; audit_note_json (audit_trail.hpp) writes it.
#pragma once
#include "core/base/object.hpp"
#include "core/request/audit_trail.hpp"

namespace lntpay {

inline constexpr auto audit_note_object = object_of<AuditNote>(
    kind_member<"audit_note">(), member("created_at", "When it was done.", [](const auto& v) { return v.at; }),
    member("actor", "\"operator\", or the id of an API key.", [](const auto& v) { return std::string_view(v.actor); }),
    member("action", "What was done, as \"withdrawal.resolve\".", [](const auto& v) { return std::string_view(v.action); }),
    member("subject", "The id of the object that it concerns.", [](const auto& v) { return std::string_view(v.subject); }),
    member({.name = "detail", .description = "What was decided, and the evidence for it.", .min = 0},
           [](const auto& v) { return std::string_view(v.detail); }),
    member({.name = "request_id", .description = "The Request-Id of the request.", .min = 0},
           [](const auto& v) { return std::string_view(v.request_id); }),
    member({.name = "address", .description = "The address of the client.", .min = 0},
           [](const auto& v) { return std::string_view(v.address); }));

inline constexpr auto audit_note_fields = audit_note_object.fields();

}  // namespace lntpay
