// The output of `lntpay decode`: an invoice, or the reason why a text is not one, as a table or as JSON.
#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "core/lightning/bolt11/errors.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::host {

/// One field per line, wrapped at `width` columns. Control and direction characters are escaped as \u0000.
std::string invoice_table(const bolt11::Invoice& invoice, UnixMillis now, std::size_t width);

/// The reason and, where it has a position, the text around it with a caret below.
std::string rejection_text(std::string_view text, const bolt11::Rejection& rejection, std::size_t width);

/// The same as one JSON object without a newline: the members of `bolt11::invoice_json`, or {reason, sentence, at}; and `valid` and
/// the text (`bolt11`).
std::string invoice_line(std::string_view text, const std::expected<bolt11::Invoice, bolt11::Rejection>& read);

}  // namespace lntpay::host
