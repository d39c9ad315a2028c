// What other implementations would refuse in an invoice that `decode` accepts: for a payer who wonders why a payment finds
// no way, and for a payee who wants to be paid by everyone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/lightning/bolt11/invoice.hpp"

namespace lntpay::bolt11 {

enum class Warning : std::uint8_t {
  onion_feature_missing,           // lightning-kmp wants bit 8 or 9
  payment_secret_feature_missing,  // LDK wants bit 14 or 15
  signature_high_s,                // LDK up to 0.1 refuses it; with n everyone should, and `decode` does
  feature_required,                // route_blinding and attribution_data are not known to every released reader
  fields_ignored,                  // a reader by the letter of the newer specification fails where others skip
};

inline constexpr std::size_t warning_count = static_cast<std::size_t>(Warning::fields_ignored) + 1;

/// The value's own name, and a sentence for people.
std::string_view name(Warning warning);
std::string_view sentence(Warning warning);

/// In the order of the enumeration, each at most once.
std::vector<Warning> warnings(const Invoice& invoice);

}  // namespace lntpay::bolt11
