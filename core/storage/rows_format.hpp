// The version of the stored format: one number for the forms of all rows and keys (docs/formats.md). `lntpay serve` checks it at
// start-up (host-adapters/server/ops/store_format.hpp), so that rows of another version are refused in one message. The other hosts
// do not check it: there such rows fail one by one.
#pragma once
#include <string_view>

namespace lntpay {

/// Incremented whenever a `row_version` or the form of a key changes. Rows without a number are older than the number.
inline constexpr int rows_format = 10;
/// The oldest format whose rows this version reads (`earlier_rows`, core/storage/row.hpp).
inline constexpr int rows_format_oldest = 6;
inline constexpr std::string_view rows_format_key = "00/format";

}  // namespace lntpay
