// The rules of the writer: everything that the reader would reject or read differently.
#include "core/lightning/bolt11/encodable.hpp"

#include <algorithm>
#include <functional>

#include "core/base/encoding.hpp"
#include "core/base/utf8.hpp"
#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/features.hpp"
#include "core/lightning/bolt11/tagged_field.hpp"

namespace lntpay::bolt11 {
namespace {

using EncodableCheck = std::expected<void, EncodeError>;

EncodableCheck refuse(EncodeError reason) { return std::unexpected{reason}; }

std::uint8_t group_or_none(char c) { return c >= 'A' && c <= 'Z' ? 255 : group_of(c); }

bool is_raw(const RawField& field) {
  return group_or_none(field.type) < 32 && field.data.size() <= field_groups_max &&
         std::ranges::all_of(field.data, [](char c) { return group_or_none(c) < 32; });
}

// Whether the reader would skip the field; otherwise it would not be read back as an ignored field.
bool is_ignored_by_reader(const RawField& field) {
  switch (field.type) {
    case 'p':
    case 's':
    case 'h': return field.data.size() != hash_groups;
    case 'n': return field.data.size() != node_groups;
    case 'f': return !field.data.empty() && group_of(field.data.front()) > fallback_p2sh;
    default: return false;
  }
}

EncodableCheck check_features(const std::vector<std::uint16_t>& features) {
  if (std::ranges::adjacent_find(features, std::greater_equal{}) != features.end())
    return refuse(EncodeError::features_not_ascending);
  if (!features.empty() && features.back() > feature_bit_max) return refuse(EncodeError::features_not_ascending);
  if (!std::ranges::all_of(features, is_supported_feature)) return refuse(EncodeError::features_refused);
  return {};
}

}  // namespace

std::expected<void, EncodeError> check_encodable(const Invoice& invoice) {
  if (invoice.amount && (*invoice.amount == Msat{0} || *invoice.amount > msat_max)) return refuse(EncodeError::amount_out_of_range);
  if (invoice.timestamp_s > timestamp_s_max) return refuse(EncodeError::timestamp_out_of_range);
  if (invoice.expiry_s.value_or(0) > expiry_s_max) return refuse(EncodeError::expiry_out_of_range);
  if (const auto* text = std::get_if<std::string>(&invoice.description)) {
    if (text->size() > description_bytes_max) return refuse(EncodeError::description_too_long);
    if (!is_utf8(*text)) return refuse(EncodeError::description_not_utf8);
  }
  if (auto checked = check_features(invoice.features); !checked) return checked;
  for (const auto& hint : invoice.routes) {
    if (hint.empty() || hint.size() > description_bytes_max / hop_bytes) return refuse(EncodeError::route_invalid);
    if (!std::ranges::all_of(hint, [](const RouteHop& hop) { return is_valid(hop.node); }))
      return refuse(EncodeError::route_invalid);
  }
  for (const auto& fallback : invoice.fallbacks) {
    if (!fallback_length_is_valid(fallback.version, fallback.program.size())) return refuse(EncodeError::fallback_invalid);
  }
  if (invoice.metadata && invoice.metadata->size() > description_bytes_max) return refuse(EncodeError::metadata_too_long);
  for (const auto& field : invoice.unknown_fields) {
    if (!is_raw(field) || is_known_field(field.type)) return refuse(EncodeError::raw_field_invalid);
  }
  for (const auto& field : invoice.ignored_fields) {
    if (!is_raw(field) || !is_ignored_by_reader(field)) return refuse(EncodeError::raw_field_invalid);
  }
  return {};
}

std::string_view sentence(EncodeError reason) {
  switch (reason) {
    case EncodeError::amount_out_of_range: return "The amount must be at least 1 millisatoshi and at most 21 million bitcoin.";
    case EncodeError::timestamp_out_of_range: return "The timestamp does not fit in 35 bits.";
    case EncodeError::expiry_out_of_range: return "The expiry does not fit in 35 bits.";
    case EncodeError::description_too_long: return "A description has at most 639 bytes. Use a description hash for a longer one.";
    case EncodeError::description_not_utf8: return "The description is not UTF-8.";
    case EncodeError::features_not_ascending: return "The feature bits must ascend, up to 5114.";
    case EncodeError::features_refused: return "An even feature bit is unknown, so readers would reject the invoice.";
    case EncodeError::route_invalid: return "A route hint has 1 to 12 hops, each with a valid public key.";
    case EncodeError::fallback_invalid: return "A fallback address needs a version up to 18 and the length of that version.";
    case EncodeError::metadata_too_long: return "Metadata has at most 639 bytes.";
    case EncodeError::raw_field_invalid: return "A raw field would be parsed by a reader.";
    case EncodeError::field_order_invalid: return "The field order names a field that the invoice does not have.";
    case EncodeError::too_long: return "The invoice would have more than 7089 characters.";
  }
  __builtin_unreachable();
}

}  // namespace lntpay::bolt11
