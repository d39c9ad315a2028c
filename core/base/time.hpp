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
/// The form that senders of HTTP dates must use: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
std::optional<UnixMillis> parse_imf_fixdate(std::string_view text);
/// Any of the three forms that recipients must accept (RFC 9110, section 5.6.7): an IMF-fixdate,
/// "Sunday, 06-Nov-94 08:49:37 GMT", whose year is the latest that is at most 50 years after `now`, or "Sun Nov  6 08:49:37 1994".
std::optional<UnixMillis> parse_http_date(std::string_view text, UnixMillis now);

}  // namespace lntpay
