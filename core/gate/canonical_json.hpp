// Canonical JSON (RFC 8785): members ordered by UTF-16 code units, numbers as in ECMAScript, no whitespace.
//
// The "Payment" scheme signs this form. The engine writes its own texts canonically (JsonObject, names in order), so this code is
// not part of the component; clients and tests use it for texts of others.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lntpay {

/// nullopt if the text is not JSON.
std::optional<std::string> canonical_json(std::string_view text);

}  // namespace lntpay
