// The writer: the inverse of the reader, field by field.
#include "core/lightning/bolt11/encode.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "core/lightning/bolt11/amount.hpp"
#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/encodable.hpp"
#include "core/lightning/bolt11/tagged_field.hpp"

namespace lntpay::bolt11 {
namespace {

constexpr std::string_view canonical_order = "spdhmnxcfr9";

// Builds the data part. Groups that do not fit set `overflow`, which is checked at the end.
class Writer {
 public:
  void group(std::uint64_t value) {
    if (size_ == groups_.size()) {
      overflow_ = true;
      return;
    }
    groups_[size_++] = static_cast<std::uint8_t>(value & 31);
  }
  void number(std::uint64_t value, std::size_t groups) {
    while (groups-- > 0) group(value >> (5 * groups));
  }
  void head(char type, std::size_t groups) {
    group(group_of(type));
    number(groups, 2);
  }
  void bytes(ByteView bytes) {
    std::uint32_t pending = 0;
    unsigned pending_bits = 0;
    for (const auto byte : bytes) {
      pending = pending << 8 | byte;
      pending_bits += 8;
      while (pending_bits >= 5) group(pending >> (pending_bits -= 5));
    }
    if (pending_bits > 0) group(pending << (5 - pending_bits));
  }
  void field(char type, ByteView value) {
    head(type, groups_for(value.size()));
    bytes(value);
  }
  void field(char type, std::uint64_t value) {
    const std::size_t groups = value == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 4) / 5;
    head(type, groups);
    number(value, groups);
  }
  void raw(const RawField& field) {
    head(field.type, field.data.size());
    for (const char c : field.data) group(group_of(c));
  }

  static constexpr std::size_t groups_for(std::size_t bytes) { return (bytes * 8 + 4) / 5; }
  [[nodiscard]] Groups groups() const { return Groups{groups_.data(), size_}; }
  [[nodiscard]] bool overflow() const { return overflow_; }

 private:
  std::array<std::uint8_t, length_max> groups_;
  std::size_t size_ = 0;
  bool overflow_ = false;
};

void write_features(Writer& out, const std::vector<std::uint16_t>& features) {
  const std::size_t groups = features.back() / 5U + 1;
  out.head('9', groups);
  auto bit = features.rbegin();
  for (std::size_t i = groups; i-- > 0;) {
    std::uint64_t group = 0;
    for (; bit != features.rend() && *bit / 5U == i; ++bit) group |= 1U << (*bit % 5U);
    out.group(group);
  }
}

void write_route(Writer& out, const RouteHint& hint) {
  std::array<std::uint8_t, description_bytes_max> bytes;
  std::size_t size = 0;
  const auto put = [&](std::uint64_t value, std::size_t width) {
    while (width-- > 0) bytes[size++] = static_cast<std::uint8_t>(value >> (8 * width));
  };
  for (const auto& hop : hint) {
    std::ranges::copy(hop.node.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(size));
    size += hop.node.bytes.size();
    put(hop.short_channel_id, 8);
    put(hop.fee_base_msat, 4);
    put(hop.fee_proportional_millionths, 4);
    put(hop.cltv_expiry_delta, 2);
  }
  out.field('r', ByteView{bytes}.first(size));
}

void write_fallback(Writer& out, const Fallback& fallback) {
  out.head('f', 1 + Writer::groups_for(fallback.program.size()));
  out.group(fallback.version);
  out.bytes(fallback.program);
}

// Writes the fields of an invoice, each once, by their letters in `field_order`.
class Fields {
 public:
  Fields(const Invoice& invoice, const PublicKey& payee) : invoice_(invoice), payee_(payee) {}

  /// Writes the next field of this letter; false if there is none left.
  bool write(Writer& out, char letter) {
    if (letter >= 'A' && letter <= 'Z')
      return write_raw(out, invoice_.ignored_fields, ignored_, static_cast<char>(letter - 'A' + 'a'));
    if (!is_known_field(letter)) return write_raw(out, invoice_.unknown_fields, unknown_, letter);
    const auto index = written_[group_of(letter)];
    if (!write_known(out, letter, index)) return false;
    ++written_[group_of(letter)];
    return true;
  }

  void write_rest(Writer& out) {
    for (const char letter : canonical_order) {
      while (write(out, letter)) {
      }
    }
    while (unknown_ < invoice_.unknown_fields.size()) out.raw(invoice_.unknown_fields[unknown_++]);
    while (ignored_ < invoice_.ignored_fields.size()) out.raw(invoice_.ignored_fields[ignored_++]);
  }

 private:
  // Raw fields are listed in the order of the text.
  static bool write_raw(Writer& out, const std::vector<RawField>& fields, std::size_t& next, char type) {
    if (next == fields.size() || fields[next].type != type) return false;
    out.raw(fields[next++]);
    return true;
  }

  bool write_known(Writer& out, char letter, std::size_t index) const {
    if (letter == 'f' || letter == 'r') {
      if (index >= (letter == 'f' ? invoice_.fallbacks.size() : invoice_.routes.size())) return false;
      if (letter == 'f') write_fallback(out, invoice_.fallbacks[index]);
      if (letter == 'r') write_route(out, invoice_.routes[index]);
      return true;
    }
    return index == 0 && write_single(out, letter);
  }

  bool write_single(Writer& out, char letter) const {
    const auto* const text = std::get_if<std::string>(&invoice_.description);
    switch (letter) {
      case 's': return out.field('s', ByteView{invoice_.payment_secret}), true;
      case 'p': return out.field('p', ByteView{invoice_.payment_hash}), true;
      case 'd':
        if (text != nullptr) out.field('d', bytes_of(*text));
        return text != nullptr;
      case 'h':
        if (text == nullptr) out.field('h', ByteView{std::get<DescriptionHash>(invoice_.description).sha256});
        return text == nullptr;
      case 'm':
        if (invoice_.metadata) out.field('m', ByteView{*invoice_.metadata});
        return invoice_.metadata.has_value();
      case 'n':
        if (invoice_.payee_stated) out.field('n', ByteView{payee_.bytes});
        return invoice_.payee_stated;
      case 'x':
        if (invoice_.expiry_s) out.field('x', *invoice_.expiry_s);
        return invoice_.expiry_s.has_value();
      case 'c':
        if (invoice_.min_final_cltv) out.field('c', std::uint64_t{*invoice_.min_final_cltv});
        return invoice_.min_final_cltv.has_value();
      case '9':
        if (!invoice_.features.empty()) write_features(out, invoice_.features);
        return !invoice_.features.empty();
      default: return false;
    }
  }

  const Invoice& invoice_;
  const PublicKey& payee_;
  std::array<std::size_t, 32> written_{};
  std::size_t unknown_ = 0;
  std::size_t ignored_ = 0;
};

}  // namespace

std::expected<std::string, EncodeError> encode(const Invoice& invoice, const SecretKey& key) {
  if (const auto checked = check_encodable(invoice); !checked) return std::unexpected{checked.error()};
  std::string prefix = "ln";
  prefix += currency(invoice.network);
  if (invoice.amount) prefix += write_amount(*invoice.amount);

  Writer data;
  data.number(invoice.timestamp_s, timestamp_groups);
  const PublicKey payee = invoice.payee_stated ? public_key(key) : PublicKey{};
  Fields fields{invoice, payee};
  for (const char letter : invoice.field_order) {
    if (!fields.write(data, letter)) return std::unexpected{EncodeError::field_order_invalid};
  }
  fields.write_rest(data);
  if (data.overflow() || prefix.size() + 1 + data.groups().size() + signature_groups + checksum_groups > length_max) {
    return std::unexpected{EncodeError::too_long};
  }

  const auto signature = sign_recoverable(key, signed_hash(prefix, data.groups()));
  std::array<std::uint8_t, 65> bytes;
  std::ranges::copy(signature.compact, bytes.begin());
  bytes[64] = signature.recovery_id;
  data.bytes(bytes);
  return bech32(prefix, data.groups());
}

}  // namespace lntpay::bolt11
