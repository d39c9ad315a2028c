// The reader: the string, the prefix, the fields one by one, the required fields, the signature.
#include "core/lightning/bolt11/decode.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/base/encoding.hpp"
#include "core/base/utf8.hpp"
#include "core/lightning/bolt11/amount.hpp"
#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/features.hpp"
#include "core/lightning/bolt11/tagged_field.hpp"

namespace lntpay::bolt11 {
namespace {

using Check = std::expected<void, Rejection>;

constexpr char blinded_path = '5';  // bLIP 39's type 20

class Reader {
 public:
  Reader(const Bech32& text, Invoice& invoice) : text_(text), invoice_(invoice) {}

  Check read_prefix();
  Check read_data();
  Check check_payee();
  Check check_signature();

 private:
  [[nodiscard]] std::unexpected<Rejection> reject(Reason reason) const { return reject_at(reason, text_.offset_of(field_)); }
  [[nodiscard]] static std::unexpected<Rejection> reject_at(Reason reason, std::size_t at) {
    return std::unexpected{Rejection{reason, static_cast<std::uint32_t>(at)}};
  }

  Check read_field(char type, Groups data);
  Check read_hash(char type, Groups data, Bytes32& into);
  Check read_description(Groups data);
  Check read_description_hash(Groups data);
  Check read_payee(Groups data);
  template <class Number>
  Check read_number(Groups data, std::optional<Number>& into, Number max, Reason not_minimal, Reason too_large);
  Check read_features(Groups data);
  Check read_metadata(Groups data);
  Check read_fallback(Groups data);
  Check read_route(Groups data);
  Check check_presence();
  void ignore(char type, Groups data);

  /// The specification does not define which of two fields of a type counts; this reader rejects the second.
  bool is_first(char type) { return !std::exchange(seen_[group_of(type)], true); }
  [[nodiscard]] bool has(char type) const { return seen_[group_of(type)]; }

  const Bech32& text_;
  Invoice& invoice_;
  std::size_t field_ = 0;  // the first group of the current field
  std::size_t payee_at_ = 0;
  std::array<bool, 32> seen_{};
};

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

Check Reader::read_prefix() {
  const auto prefix = text_.prefix();
  if (!prefix.starts_with("ln")) return reject_at(Reason::prefix_not_lightning, 0);
  // The whole currency up to the first digit: "lnbcrt" also starts with "lnbc".
  const auto end = std::min(prefix.find_first_of("0123456789", 2), prefix.size());
  const auto network = network_of_currency(prefix.substr(2, end - 2));
  if (!network) return reject_at(Reason::currency_unknown, 2);
  invoice_.network = *network;
  if (end == prefix.size()) return {};
  const auto amount = read_amount(prefix.substr(end));
  if (!amount) return reject_at(amount.error().reason, end + amount.error().at);
  invoice_.amount = *amount;
  return {};
}

Check Reader::read_data() {
  const auto data = text_.data();
  if (data.size() < timestamp_groups + signature_groups) return reject_at(Reason::data_too_short, text_.offset_of(data.size()));
  for (std::size_t i = 0; i < timestamp_groups; ++i) invoice_.timestamp_s = invoice_.timestamp_s << 5 | data[i];
  const auto end = data.size() - signature_groups;
  for (field_ = timestamp_groups; field_ < end;) {
    if (end - field_ < field_head_groups) return reject(Reason::field_truncated);
    const std::size_t size = data[field_ + 1] * 32U + data[field_ + 2];
    if (end - field_ - field_head_groups < size) return reject(Reason::field_truncated);
    const char type = bech32_alphabet[data[field_]];
    invoice_.field_order += type;
    if (auto check = read_field(type, data.subspan(field_ + field_head_groups, size)); !check) return check;
    field_ += field_head_groups + size;
  }
  return check_presence();
}

Check Reader::read_field(char type, Groups data) {
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

void Reader::ignore(char type, Groups data) {
  invoice_.ignored_fields.push_back(raw(type, data));
  invoice_.field_order.back() = static_cast<char>(type - 'a' + 'A');
}

// p, s, h: 52 groups. One of another length is skipped (see the header).
Check Reader::read_hash(char type, Groups data, Bytes32& into) {
  if (data.size() != hash_groups) {
    ignore(type, data);
    return {};
  }
  if (!is_first(type)) return reject(Reason::field_repeated);
  if (!padding_is_zero(data)) return reject(Reason::padding_not_zero);
  pack(data, into);
  return {};
}

Check Reader::read_description(Groups data) {
  if (!is_first('d')) return reject(Reason::field_repeated);
  if (has('h')) return reject(Reason::description_and_hash);
  if (!padding_is_zero(data)) return reject(Reason::padding_not_zero);
  auto& text = invoice_.description.emplace<std::string>(data.size() * 5 / 8, '\0');
  pack(data, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (!is_utf8(text)) return reject(Reason::description_not_utf8);
  return {};
}

Check Reader::read_description_hash(Groups data) {
  if (data.size() == hash_groups && has('d')) return reject(Reason::description_and_hash);
  DescriptionHash hash;
  const bool fresh = !has('h');
  auto check = read_hash('h', data, hash.sha256);
  if (check && fresh && has('h')) invoice_.description = hash;
  return check;
}

Check Reader::read_payee(Groups data) {
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
Check Reader::read_number(Groups data, std::optional<Number>& into, Number max, Reason not_minimal, Reason too_large) {
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

Check Reader::read_features(Groups data) {
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

Check Reader::read_metadata(Groups data) {
  if (!is_first('m')) return reject(Reason::field_repeated);
  invoice_.metadata = unpack(data);
  if (!invoice_.metadata) return reject(Reason::padding_not_zero);
  return {};
}

Check Reader::read_fallback(Groups data) {
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

Check Reader::read_route(Groups data) {
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

Check Reader::check_presence() {
  if (!has('p')) return reject_at(Reason::payment_hash_missing, 0);
  if (!has('s')) return reject_at(has(blinded_path) ? Reason::blinded_path_unsupported : Reason::payment_secret_missing, 0);
  if (!has('d') && !has('h')) return reject_at(Reason::description_missing, 0);
  return {};
}

Check Reader::check_payee() {
  if (invoice_.payee_stated && !is_valid(invoice_.payee)) return reject_at(Reason::payee_not_a_key, payee_at_);
  return {};
}

Check Reader::check_signature() {
  const auto data = text_.data();
  const auto unsigned_data = data.first(data.size() - signature_groups);
  const auto at = text_.offset_of(unsigned_data.size());
  std::array<std::uint8_t, 65> bytes;
  pack(data.last(signature_groups), bytes);
  auto& signature = invoice_.signature;
  std::ranges::copy(ByteView{bytes}.first(64), signature.compact.begin());
  signature.recovery_id = bytes[64];
  if (signature.recovery_id > 3) return reject_at(Reason::recovery_id_invalid, text_.offset_of(data.size() - 2));
  // "if a valid `n` field is provided: MUST use the `n` field to validate the signature instead of performing signature
  // recovery", and since 2025-11 a high S fails with it; without n both are accepted. Recovering the key and comparing it is
  // stricter: the recovery id must lead to the same key.
  if (invoice_.payee_stated && has_high_s(signature.compact)) return reject_at(Reason::signature_high_s, at);
  const auto signer = recover(signature, signed_hash(text_.prefix(), unsigned_data));
  if (!signer) return reject_at(Reason::signature_invalid, at);
  if (invoice_.payee_stated && *signer != invoice_.payee) {
    if (auto check = check_payee(); !check) return check;
    return reject_at(Reason::payee_mismatch, at);
  }
  invoice_.payee = *signer;
  return {};
}

enum class Signature : std::uint8_t { checked, unchecked };

std::expected<Invoice, Rejection> read(std::string_view text, Signature signature) {
  std::expected<Invoice, Rejection> result;
  Bech32 bech32;
  auto check = Bech32::read(text, bech32);
  Reader reader{bech32, *result};
  if (check) check = reader.read_prefix();
  if (check) check = reader.read_data();
  if (check) check = signature == Signature::checked ? reader.check_signature() : reader.check_payee();
  if (!check) result = std::unexpected{check.error()};
  return result;
}

}  // namespace

std::expected<Invoice, Rejection> decode(std::string_view text) { return read(text, Signature::checked); }
std::expected<Invoice, Rejection> decode_unverified(std::string_view text) { return read(text, Signature::unchecked); }

}  // namespace lntpay::bolt11
