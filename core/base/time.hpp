// Text forms of times: RFC 3339 and HTTP dates.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/base/units.hpp"

namespace lntpay {

/// RFC 3339 in UTC with milliseconds: "2026-02-03T04:05:06.789Z".
std::string rfc3339(UnixMillis at);
/// Accepts `Z` or an offset, and 0 to 9 digits of fraction (cut to milliseconds).
std::optional<UnixMillis> parse_rfc3339(std::string_view text);
/// RFC 9110 IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<UnixMillis> parse_http_date(std::string_view text);

}  // namespace lntpay
