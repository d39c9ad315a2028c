// JSON in its one canonical form (RFC 8785): members by their UTF-16 code units, numbers as ECMAScript writes them, no space.
//
// The "Payment" scheme signs texts of this form. What the engine signs it writes in that form in the first place (JsonObject, names
// in order), so the component has no part of this; clients and tests canonicalise what others wrote.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace lntpay {

/// nullopt for what is not JSON.
std::optional<std::string> canonical_json(std::string_view text);

}  // namespace lntpay
