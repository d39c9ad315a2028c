// An invoice, or why a text is none, as people and as programs read it: what `lntpay decode` prints.
#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "core/lightning/bolt11/errors.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::host {

/// A field a line, with a line's rest below it where it is wider than `width` columns. Characters that a terminal would obey are
/// shown as \u0000.
std::string invoice_table(const bolt11::Invoice& invoice, UnixMillis now, std::size_t width);

/// The sentence, and where there is a place: the part of the text around it, with a caret below.
std::string rejection_text(std::string_view text, const bolt11::Rejection& rejection, std::size_t width);

/// The same as one JSON object without a newline: the members of `bolt11::invoice_json`, or {reason, sentence, at}; and `valid` and
/// the text (`bolt11`).
std::string invoice_line(std::string_view text, const std::expected<bolt11::Invoice, bolt11::Rejection>& read);

}  // namespace lntpay::host
