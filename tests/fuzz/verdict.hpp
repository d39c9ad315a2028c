// The reader's answer as one line of text, everything that it says in it: for comparing readings with each other.
#pragma once
#include <string>
#include <string_view>

#include "core/lightning/bolt11/decode.hpp"

namespace lntpay::fuzz {

using Reading = std::expected<bolt11::Invoice, bolt11::Rejection>;

/// All of the invoice, the signature and the payee included.
std::string line_of(const bolt11::Invoice& invoice);

/// "checksum_wrong at 0"
std::string line_of(const bolt11::Rejection& rejection);

/// Either of them.
std::string line_of(const Reading& reading);

/// The lines of `decode` and `decode_unverified`, with " | " between them.
std::string verdict(std::string_view text);

}  // namespace lntpay::fuzz
