// The decoder's complete result as one line of text, for comparing results.
#pragma once
#include <string>
#include <string_view>

#include "core/lightning/bolt11/decode.hpp"

namespace lntpay::fuzz {

using Reading = std::expected<bolt11::Invoice, bolt11::Rejection>;

/// The whole invoice, including signature and payee.
std::string line_of(const bolt11::Invoice& invoice);

/// "checksum_wrong at 0"
std::string line_of(const bolt11::Rejection& rejection);

/// The invoice or the error.
std::string line_of(const Reading& reading);

/// The lines of `decode` and `decode_unverified`, with " | " between them.
std::string verdict(std::string_view text);

}  // namespace lntpay::fuzz
