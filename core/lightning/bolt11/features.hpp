// The feature bits of an invoice (field 9): BOLT 9, context "9".
#pragma once
#include <cstdint>
#include <string_view>

namespace lntpay::bolt11 {

/// The highest bit that a field can hold: 1,023 groups of five.
inline constexpr std::uint16_t feature_bit_max = 5'114;

/// Whether a payer may pay an invoice with this bit. "if the `9` field contains unknown _odd_ bits that are non-zero: MUST ignore
/// the bit. if [it] contains unknown _even_ bits that are non-zero: MUST fail the payment." Known even bits: 8 var_onion_optin, 14
/// payment_secret, 16 basic_mpp, 24 route_blinding, 36 attribution_data, 48 payment_metadata. Their dependencies (8 and 14) are
/// ASSUMED today, so none can be missing.
constexpr bool is_supported_feature(std::uint16_t bit) {
  if (bit % 2 == 1) return true;
  return bit == 8 || bit == 14 || bit == 16 || bit == 24 || bit == 36 || bit == 48;
}

/// The name of a feature, the same for its required (even) and optional (odd) bit; empty if unknown. AMP and the blinded paths of
/// BOLT 11 are lnd's.
constexpr std::string_view feature_name(std::uint16_t bit) {
  switch (bit / 2 * 2) {
    case 8: return "var_onion_optin";
    case 14: return "payment_secret";
    case 16: return "basic_mpp";
    case 24: return "route_blinding";
    case 30: return "amp";
    case 36: return "attribution_data";
    case 48: return "payment_metadata";
    case 262: return "bolt11_blinded_paths";
    default: return {};
  }
}

}  // namespace lntpay::bolt11
