// Warnings about an invoice that `decode` accepts and other implementations reject: for a payer whose payment fails elsewhere, and
// for a payee who wants every wallet to be able to pay.
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
  signature_high_s,                // LDK up to 0.1 rejects it; with n all must, and `decode` does
  feature_required,                // not every released reader knows route_blinding and attribution_data
  fields_ignored,                  // the newer specification fails fields that most readers skip
  feature_pair,                    // BOLT 9: never both bits of a pair; lnd refuses to pay
};

inline constexpr std::size_t warning_count = static_cast<std::size_t>(Warning::feature_pair) + 1;

/// The value's name, and a sentence for people.
std::string_view name(Warning warning);
std::string_view sentence(Warning warning);

/// In the order of the enumeration, each at most once.
std::vector<Warning> warnings(const Invoice& invoice);

}  // namespace lntpay::bolt11
