// Reads a BOLT 11 invoice, strictly: the guard of every withdrawal. It judges form only; whether an invoice should be paid
// now, by this node, is `payable`'s question.
//
// Refused: everything that the specification says a reader MUST fail; and, stricter than it, single fields that stand twice
// (which of two payment hashes is meant?), an amount of 0, with a leading zero or above 21 million bitcoin, x above 35 bits
// or c above 32, x, c or 9 not in their shortest form, padding bits that are not zero, and a recovery id that does not lead
// to the key in n.
// Not refused, although the specification's newer wording would: p, h, s, n of a wrong length are skipped and listed in
// `ignored_fields`, as every node does and as the specification's own valid example needs.
#pragma once
#include <expected>
#include <string_view>

#include "core/lightning/bolt11/errors.hpp"
#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

/// The invoice, signature checked and payee known. Any bytes are answered in time linear in their number, and more than
/// 7,089 of them at once. Upper or lower case; no "lightning:" prefix: that is taken off where a user's text comes in.
[[nodiscard]] std::expected<Invoice, Rejection> decode(std::string_view text);

/// As `decode`, but the signature is not checked and `payee` is all zero unless n states it: for listings, never for paying.
[[nodiscard]] std::expected<Invoice, Rejection> decode_unverified(std::string_view text);

}  // namespace lntpay::bolt11
