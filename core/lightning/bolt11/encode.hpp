// Writes and signs a BOLT 11 invoice, in the shortest form the specification allows.
#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

/// Why an invoice cannot be written.
enum class EncodeError : std::uint8_t {
  amount_out_of_range,     // 0, or above 21 million bitcoin
  timestamp_out_of_range,  // more than 35 bits
  expiry_out_of_range,     // more than 35 bits
  description_too_long,    // above 639 bytes: use its hash
  description_not_utf8,
  features_not_ascending,  // or a bit above 5,114
  features_refused,        // an even bit that `decode` would refuse
  route_invalid,           // no hops, too many for one field, or a node that is not a point of the curve
  fallback_invalid,        // a version above 18, or a program whose length does not go with it
  metadata_too_long,       // above 639 bytes
  raw_field_invalid,       // a known type, a character outside bech32, or more than 1,023 of them
  field_order_invalid,     // a field that the invoice does not have, or has less often
  too_long,                // above 7,089 characters
};

/// A sentence for people.
std::string_view sentence(EncodeError reason);

/// The text of `invoice`, signed by `key`. Of the invoice's own `payee` and `signature` nothing is read: the signer is the
/// payee, and with `payee_stated` n says so. Fields stand in the order of `field_order`; those that it does not name follow
/// in the order s p d h m n x c f r 9, then the raw ones. `decode` reads the result, and gives the same invoice.
[[nodiscard]] std::expected<std::string, EncodeError> encode(const Invoice& invoice, const SecretKey& key);

}  // namespace lntpay::bolt11
