// The reasons why a text is not a valid invoice, each with a sentence.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

#include "core/base/error.hpp"

namespace lntpay::bolt11 {

enum class Reason : std::uint8_t {
  // the kind of text (pasted.hpp)
  offer_not_invoice,
  lnurl_not_invoice,
  lightning_address_not_invoice,
  bitcoin_address_not_invoice,
  // the string
  too_long,
  character_invalid,
  case_mixed,
  separator_missing,
  prefix_empty,
  checksum_missing,
  checksum_wrong,
  // the prefix
  prefix_not_lightning,
  currency_unknown,
  amount_malformed,
  amount_multiplier_unknown,
  amount_leading_zero,
  amount_zero,
  amount_below_one_msat,
  amount_too_large,
  // the data
  data_too_short,
  field_truncated,
  field_repeated,
  padding_not_zero,
  payment_hash_missing,
  payment_secret_missing,
  description_missing,
  description_and_hash,
  description_not_utf8,
  expiry_not_minimal,
  expiry_too_large,
  final_cltv_not_minimal,
  final_cltv_too_large,
  features_not_minimal,
  feature_unknown,
  payee_not_a_key,
  route_empty,
  route_truncated,
  route_node_not_a_key,
  fallback_empty,
  fallback_program_length,
  blinded_path_unsupported,
  // the signature
  recovery_id_invalid,
  signature_invalid,
  signature_high_s,
  payee_mismatch,
};

inline constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::payee_mismatch) + 1;

/// The value's name ("checksum_wrong"): `details.reason` of the public code `bolt11_invalid`.
std::string_view name(Reason reason);

/// A sentence for people.
std::string_view sentence(Reason reason);

/// Whether the reason applies to a position, and not to the whole text.
bool has_position(Reason reason);

struct Rejection {
  Reason reason;
  std::uint32_t at = 0;  // the byte of the text, or the first of the field; 0 if it applies to the whole text
  bool operator==(const Rejection&) const = default;
};

inline std::unexpected<Rejection> reject(Reason reason, std::size_t at = 0) {
  return std::unexpected{Rejection{reason, static_cast<std::uint32_t>(at)}};
}

/// The error of a request with this `bolt11`: bolt11_invalid, details {reason, sentence, at}; `at` is null without a position.
Error public_error(const Rejection& rejection);

}  // namespace lntpay::bolt11
