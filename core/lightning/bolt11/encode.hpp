// Writes and signs a BOLT 11 invoice, in the shortest form the specification allows.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

/// Why an invoice cannot be encoded.
enum class EncodeError : std::uint8_t {
  amount_out_of_range,     // 0, or above 21 million bitcoin
  timestamp_out_of_range,  // more than 35 bits
  expiry_out_of_range,     // more than 35 bits
  description_too_long,    // above 639 bytes: use its hash
  description_not_utf8,
  features_not_ascending,  // or a bit above 5,114
  features_refused,        // an even bit that `decode` would refuse
  route_invalid,           // no hops, too many for one field, or a node that is not a point of the curve
  fallback_invalid,        // a version above 18, or a program of the wrong length for its version
  metadata_too_long,       // above 639 bytes
  raw_field_invalid,       // a known type, a character outside bech32, or more than 1,023 characters
  field_order_invalid,     // names a field more often than the invoice has it
  too_long,                // above 7,089 characters
};

/// A sentence for people.
std::string_view sentence(EncodeError reason);

/// The text of `invoice`, signed by `key`. Ignores the invoice's own `payee` and `signature`: the signer is the payee, and is
/// written as n if `payee_stated`. Fields are written in the order of `field_order`; the others follow in the order s p d h m n x c
/// f r 9, then the raw ones. `decode` of the result gives the same invoice.
[[nodiscard]] std::expected<std::string, EncodeError> encode(const Invoice& invoice, const SecretKey& key);

}  // namespace lntpay::bolt11
