// Invoices assembled field by field, valid or not, which the encoder would not produce.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/encoding.hpp"
#include "core/lightning/bolt11/bech32.hpp"
#include "core/lightning/bolt11/invoice.hpp"
#include "core/lightning/bolt11/tagged_field.hpp"

namespace lntpay::bolt11::handmade {

/// The key of BOLT 11's examples.
inline const SecretKey& bolt_key() {
  static const auto key = SecretKey::from(*hex_decode32("e126f68f7eafcc8b74f54d269fe206be715000f94dac067d1c04a8ca3b2db734"));
  return *key;
}
/// Its public key in bech32 characters, from field n of a published example.
inline const std::string bolt_node = "q0n326hr8v9zprg8gsvezcch06gfaqqhde2aj730yg0durunfhv66";

inline std::vector<std::uint8_t> groups_of(ByteView bytes) {
  std::vector<std::uint8_t> groups;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 5) {
    unsigned group = 0;
    for (std::size_t k = bit; k < bit + 5; ++k) group = group << 1 | (k / 8 < bytes.size() ? bytes[k / 8] >> (7 - k % 8) & 1U : 0U);
    groups.push_back(static_cast<std::uint8_t>(group));
  }
  return groups;
}

inline std::string text_of_groups(Groups groups) {
  std::string text;
  for (const auto group : groups) text += bech32_alphabet[group];
  return text;
}

inline std::string field(char type, std::string_view data) {
  return std::string{type, bech32_alphabet[data.size() / 32], bech32_alphabet[data.size() % 32]}.append(data);
}
inline std::string zeros(std::size_t count) { return std::string(count, 'q'); }

inline const std::string p = field('p', zeros(52));
inline const std::string s = field('s', zeros(52));
inline const std::string d = field('d', "");
inline const std::string h = field('h', zeros(52));

/// The offset of the first field after this prefix.
constexpr std::size_t fields_at(std::string_view prefix) { return prefix.size() + 1 + timestamp_groups; }

inline std::vector<std::uint8_t> unsigned_groups(std::string_view fields) {
  std::vector<std::uint8_t> groups;
  for (const char c : std::string{"pvjluez"}.append(fields)) groups.push_back(group_of(c));
  return groups;
}

/// Any fields in bech32 characters, signed; `spoil` changes the 65 bytes of the signature.
inline std::string signed_text(std::string_view prefix, std::string_view fields, const std::function<void(Bytes&)>& spoil = {}) {
  auto groups = unsigned_groups(fields);
  const auto signature = sign_recoverable(bolt_key(), signed_hash(prefix, groups));
  Bytes bytes(signature.compact.begin(), signature.compact.end());
  bytes.push_back(signature.recovery_id);
  if (spoil) spoil(bytes);
  groups.append_range(groups_of(bytes));
  return bech32(prefix, groups);
}

/// The same with a signature of zeros, for `decode_unverified`: forty times as fast.
inline std::string unsigned_text(std::string_view prefix, std::string_view fields) {
  auto groups = unsigned_groups(fields);
  groups.resize(groups.size() + signature_groups);
  return bech32(prefix, groups);
}

/// Replaces s by n - s, which is an equally valid signature.
inline void raise_s(Bytes& signature) {
  const auto order = *hex_decode32("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = order[i] - signature[32 + i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    signature[32 + i] = static_cast<std::uint8_t>(difference);
  }
  signature[64] ^= 1;
}

}  // namespace lntpay::bolt11::handmade
