// The fields of the data part, each with its own rules.
#include <algorithm>
#include <bit>

#include "core/base/encoding.hpp"
#include "core/base/utf8.hpp"
#include "core/lightning/bolt11/features.hpp"
#include "core/lightning/bolt11/invoice_reader.hpp"
#include "core/lightning/bolt11/tagged_field.hpp"

namespace lntpay::bolt11 {
namespace {

RawField raw(char type, Groups data) {
  RawField field{type, std::string(data.size(), 'q')};
  for (std::size_t i = 0; i < data.size(); ++i) field.data[i] = bech32_alphabet[data[i]];
  return field;
}

// Bytes of a field; nullopt if its padding is wrong.
std::optional<Bytes> unpack(Groups data) {
  if (!padding_is_zero(data)) return std::nullopt;
  Bytes bytes(data.size() * 5 / 8);
  pack(data, bytes);
  return bytes;
}

}  // namespace

Check InvoiceReader::read_field(char type, Groups data) {
  switch (type) {
    case 'p': return read_hash(type, data, invoice_.payment_hash);
    case 's': return read_hash(type, data, invoice_.payment_secret);
    case 'h': return read_description_hash(data);
    case 'd': return read_description(data);
    case 'n': return read_payee(data);
    case 'x': return read_number(data, invoice_.expiry_s, expiry_s_max, Reason::expiry_not_minimal, Reason::expiry_too_large);
    case 'c':
      return read_number(data, invoice_.min_final_cltv, UINT32_MAX, Reason::final_cltv_not_minimal, Reason::final_cltv_too_large);
    case '9': return read_features(data);
    case 'm': return read_metadata(data);
    case 'f': return read_fallback(data);
    case 'r': return read_route(data);
    default:
      seen_[group_of(type)] = true;
      invoice_.unknown_fields.push_back(raw(type, data));
      return {};
  }
}

void InvoiceReader::ignore(char type, Groups data) {
  invoice_.ignored_fields.push_back(raw(type, data));
  invoice_.field_order.back() = static_cast<char>(type - 'a' + 'A');
}

// p, s, h: 52 groups. One of another length is skipped (see the header).
Check InvoiceReader::read_hash(char type, Groups data, Bytes32& into) {
  if (data.size() != hash_groups) {
    ignore(type, data);
    return {};
  }
  if (!is_first(type)) return reject(Reason::field_repeated);
  if (!padding_is_zero(data)) return reject(Reason::padding_not_zero);
  pack(data, into);
  return {};
}

Check InvoiceReader::read_description(Groups data) {
  if (!is_first('d')) return reject(Reason::field_repeated);
  if (has('h')) return reject(Reason::description_and_hash);
  if (!padding_is_zero(data)) return reject(Reason::padding_not_zero);
  auto& text = invoice_.description.emplace<std::string>(data.size() * 5 / 8, '\0');
  pack(data, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (!is_utf8(text)) return reject(Reason::description_not_utf8);
  return {};
}

Check InvoiceReader::read_description_hash(Groups data) {
  if (data.size() == hash_groups && has('d')) return reject(Reason::description_and_hash);
  DescriptionHash hash;
  const bool fresh = !has('h');
  auto check = read_hash('h', data, hash.sha256);
  if (check && fresh && has('h')) invoice_.description = hash;
  return check;
}

Check InvoiceReader::read_payee(Groups data) {
  if (data.size() != node_groups) {
    ignore('n', data);
    return {};
  }
  if (!is_first('n')) return reject(Reason::field_repeated);
  if (!padding_is_zero(data)) return reject(Reason::padding_not_zero);
  pack(data, invoice_.payee.bytes);
  invoice_.payee_stated = true;
  payee_at_ = text_.offset_of(field_);
  return {};  // whether it is a key follows from the signature, or is checked by check_payee
}

// x and c. BOLT 11 (2025-04): a leading zero group SHOULD be treated as invalid. The number 0 itself is one zero group.
template <class Number>
Check InvoiceReader::read_number(Groups data, std::optional<Number>& into, Number max, Reason not_minimal, Reason too_large) {
  if (into.has_value()) return reject(Reason::field_repeated);
  if (data.empty() || (data.size() > 1 && data.front() == 0)) return reject(not_minimal);
  std::uint64_t value = 0;
  for (const auto group : data) {
    value = value << 5 | group;
    if (value > max) return reject(too_large);
  }
  into = static_cast<Number>(value);
  return {};
}

Check InvoiceReader::read_features(Groups data) {
  if (!is_first('9')) return reject(Reason::field_repeated);
  if (data.empty() || data.front() == 0) return reject(Reason::features_not_minimal);
  std::size_t count = 0;
  for (const auto group : data) count += static_cast<std::size_t>(std::popcount(group));
  invoice_.features.reserve(count);
  for (std::size_t i = 0; i < data.size(); ++i) {  // bit 0 is the lowest of the last group
    const auto index = data.size() - 1 - i;
    for (std::size_t k = 0; k < 5; ++k) {
      if ((data[index] >> k & 1) == 0) continue;
      const auto bit = static_cast<std::uint16_t>(5 * i + k);
      if (!is_supported_feature(bit))
        return reject_at(Reason::feature_unknown, text_.offset_of(field_ + field_head_groups + index));
      invoice_.features.push_back(bit);
    }
  }
  return {};
}

Check InvoiceReader::read_metadata(Groups data) {
  if (!is_first('m')) return reject(Reason::field_repeated);
  invoice_.metadata = unpack(data);
  if (!invoice_.metadata) return reject(Reason::padding_not_zero);
  return {};
}

Check InvoiceReader::read_fallback(Groups data) {
  if (data.empty()) return reject(Reason::fallback_empty);
  const auto version = data.front();
  if (version > fallback_p2sh) {  // "MUST skip over unknown fields, OR an `f` field with unknown `version`"
    ignore('f', data);
    return {};
  }
  auto program = unpack(data.subspan(1));
  if (!program) return reject(Reason::padding_not_zero);
  if (!fallback_length_is_valid(version, program->size())) return reject(Reason::fallback_program_length);
  invoice_.fallbacks.push_back({version, std::move(*program)});
  return {};
}

Check InvoiceReader::read_route(Groups data) {
  const auto size = data.size() * 5 / 8;
  if (size == 0) return reject(Reason::route_empty);
  if (size % hop_bytes != 0) return reject(Reason::route_truncated);
  if (!padding_is_zero(data)) return reject(Reason::padding_not_zero);
  std::array<std::uint8_t, description_bytes_max> bytes;
  pack(data, bytes);
  auto& hint = invoice_.routes.emplace_back();
  hint.reserve(size / hop_bytes);
  for (std::size_t at = 0; at < size; at += hop_bytes) {
    const auto hop = ByteView{bytes}.subspan(at, hop_bytes);
    auto& read = hint.emplace_back();
    std::ranges::copy(hop.first(33), read.node.bytes.begin());
    if (!is_valid(read.node)) return reject(Reason::route_node_not_a_key);
    read.short_channel_id = from_big_endian(hop.subspan(33, 8));
    read.fee_base_msat = static_cast<std::uint32_t>(from_big_endian(hop.subspan(41, 4)));
    read.fee_proportional_millionths = static_cast<std::uint32_t>(from_big_endian(hop.subspan(45, 4)));
    read.cltv_expiry_delta = static_cast<std::uint16_t>(from_big_endian(hop.subspan(49, 2)));
  }
  return {};
}

}  // namespace lntpay::bolt11
