// The stricter rules of other implementations.
#include "core/lightning/bolt11/warnings.hpp"

#include <algorithm>

namespace lntpay::bolt11 {
namespace {

bool announces(const Invoice& invoice, std::uint16_t required_bit) {
  return std::ranges::any_of(invoice.features, [&](std::uint16_t bit) { return bit == required_bit || bit == required_bit + 1; });
}

bool requires_a_new_feature(const Invoice& invoice) {
  return std::ranges::any_of(invoice.features, [](std::uint16_t bit) { return bit == 24 || bit == 36; });
}

// BOLT 9: an origin node MUST NOT set both the even and the odd bit of a feature.
bool sets_a_feature_pair(const Invoice& invoice) {
  return std::ranges::any_of(invoice.features, [&](std::uint16_t bit) {
    return bit % 2 == 0 && std::ranges::contains(invoice.features, static_cast<std::uint16_t>(bit + 1));
  });
}

// BOLT 11 (2025-06) fails p, h, s and n of a wrong length, which earlier versions skip; f of an unknown version is still skipped.
bool ignores_wrong_length(const Invoice& invoice) {
  return std::ranges::any_of(invoice.ignored_fields, [](const RawField& field) { return field.type != 'f'; });
}

}  // namespace

std::string_view name(Warning warning) {
  switch (warning) {
    case Warning::onion_feature_missing: return "onion_feature_missing";
    case Warning::payment_secret_feature_missing: return "payment_secret_feature_missing";
    case Warning::signature_high_s: return "signature_high_s";
    case Warning::feature_required: return "feature_required";
    case Warning::fields_ignored: return "fields_ignored";
    case Warning::feature_pair: return "feature_pair";
  }
  __builtin_unreachable();
}

std::string_view sentence(Warning warning) {
  switch (warning) {
    case Warning::onion_feature_missing: return "Some wallets reject an invoice without the feature var_onion_optin.";
    case Warning::payment_secret_feature_missing: return "Some wallets reject an invoice without the feature payment_secret.";
    case Warning::signature_high_s: return "Some wallets reject a signature with an S above half the group order.";
    case Warning::feature_required: return "Some wallets do not support a feature that the invoice requires.";
    case Warning::fields_ignored: return "A field has a wrong length; the newer specification requires readers to reject it.";
    case Warning::feature_pair: return "Some nodes refuse an invoice that sets both bits of a feature.";
  }
  __builtin_unreachable();
}

std::vector<Warning> warnings(const Invoice& invoice) {
  std::vector<Warning> found;
  if (!announces(invoice, 8)) found.push_back(Warning::onion_feature_missing);
  if (!announces(invoice, 14)) found.push_back(Warning::payment_secret_feature_missing);
  if (has_high_s(invoice.signature.compact)) found.push_back(Warning::signature_high_s);
  if (requires_a_new_feature(invoice)) found.push_back(Warning::feature_required);
  if (ignores_wrong_length(invoice)) found.push_back(Warning::fields_ignored);
  if (sets_a_feature_pair(invoice)) found.push_back(Warning::feature_pair);
  return found;
}

}  // namespace lntpay::bolt11
