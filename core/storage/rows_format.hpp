// Which rows this version reads: one number for the forms of all rows and keys (docs/formats.md). A host that keeps a store asks
// for it before it serves, so that rows of another version are refused in one sentence and not met one by one.
#pragma once
#include <string_view>

namespace lntpay {

/// Grows by one whenever a `row_version` or the form of a key changes. Rows without a number were written before there was one.
inline constexpr int rows_format = 4;
inline constexpr std::string_view rows_format_key = "00/format";

}  // namespace lntpay
