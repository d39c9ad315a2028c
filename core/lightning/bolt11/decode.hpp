// Strict reader of BOLT 11 invoices, for every withdrawal. It checks the form only; `payable` decides whether this node should pay
// an invoice now.
//
// Rejected: everything that a reader MUST fail by the specification; and, beyond it, repeated single fields (which of two payment
// hashes counts?), an amount of 0, with a leading zero or above 21 million bitcoin, x above 35 bits or c above 32, x, c or 9 not
// in their shortest form, padding bits other than zero, and a recovery id that does not lead to the key in n.
// Accepted, against the specification's newer wording: p, h, s, n of a wrong length are skipped and listed in `ignored_fields`, as
// every node does and as the specification's own valid example needs.
#pragma once
#include <expected>
#include <string_view>

#include "core/lightning/bolt11/errors.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

/// The invoice, with its signature checked and its payee set. Takes time linear in the size of the text, and constant time above
/// 7,089 bytes. Upper or lower case; no "lightning:" prefix (see pasted.hpp).
[[nodiscard]] std::expected<Invoice, Rejection> decode(std::string_view text);

/// As `decode`, but the signature is not checked and `payee` is all zero unless n states it: for display, never for paying.
[[nodiscard]] std::expected<Invoice, Rejection> decode_unverified(std::string_view text);

}  // namespace lntpay::bolt11
