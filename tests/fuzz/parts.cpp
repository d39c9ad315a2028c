// Splits leniently, joins exactly.
#include "tests/fuzz/parts.hpp"

#include <algorithm>
#include <array>

#include "core/base/encoding.hpp"
#include "core/lightning/bolt11/tagged_field.hpp"

namespace lntpay::fuzz {
namespace {

using bolt11::Groups;

void append(GroupList& list, Groups groups) { list.insert(list.end(), groups.begin(), groups.end()); }

GroupList of(Groups groups) { return {groups.begin(), groups.end()}; }

GroupList unsigned_data(const Parts& parts) {
  GroupList data = parts.timestamp;
  for (const auto& field : parts.fields) {
    data.push_back(field.type);
    data.push_back(static_cast<std::uint8_t>(field.claimed / 32 % 32));
    data.push_back(static_cast<std::uint8_t>(field.claimed % 32));
    append(data, field.data);
  }
  append(data, parts.rest);
  return data;
}

}  // namespace

Parts take_apart(std::string_view text) {
  Parts parts;
  const auto separator = text.rfind('1');
  const auto prefix = separator == std::string_view::npos ? std::string_view{} : text.substr(0, separator);
  for (const char c : prefix) parts.prefix += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  GroupList groups;
  for (const char c : text.substr(separator == std::string_view::npos ? 0 : separator + 1))
    groups.push_back(bolt11::group_of(c) & 31);
  groups.resize(groups.size() - std::min(groups.size(), bolt11::checksum_groups));
  groups.resize(std::max(groups.size(), bolt11::timestamp_groups + bolt11::signature_groups));

  Groups data = Groups{groups}.first(groups.size() - bolt11::signature_groups);
  parts.signature = of(Groups{groups}.last(bolt11::signature_groups));
  parts.timestamp = of(data.first(bolt11::timestamp_groups));
  data = data.subspan(bolt11::timestamp_groups);
  while (data.size() >= bolt11::field_head_groups) {
    const std::size_t size = data[1] * 32U + data[2];
    if (data.size() - bolt11::field_head_groups < size) break;
    parts.fields.push_back({data[0], size, of(data.subspan(bolt11::field_head_groups, size))});
    data = data.subspan(bolt11::field_head_groups + size);
  }
  parts.rest = of(data);
  return parts;
}

std::string put_together(const Parts& parts) {
  auto groups = unsigned_data(parts);
  append(groups, parts.signature);
  return bolt11::bech32(parts.prefix, groups);
}

void sign(Parts& parts) {
  const auto data = unsigned_data(parts);
  if (parts.prefix.size() + data.size() > bolt11::length_max) return;
  const auto signature = sign_recoverable(known_key(), bolt11::signed_hash(parts.prefix, data));
  std::array<std::uint8_t, 65> bytes;
  std::ranges::copy(signature.compact, bytes.begin());
  bytes[64] = signature.recovery_id;
  parts.signature = to_groups(bytes);
}

const SecretKey& known_key() {
  static const auto key = SecretKey::from(*hex_decode32("e126f68f7eafcc8b74f54d269fe206be715000f94dac067d1c04a8ca3b2db734"));
  return *key;
}

GroupList to_groups(ByteView bytes) {
  GroupList groups;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 5) {
    unsigned group = 0;
    for (std::size_t k = bit; k < bit + 5; ++k)
      group = group << 1 | (k / 8 < bytes.size() ? static_cast<unsigned>(bytes[k / 8]) >> (7 - k % 8) & 1U : 0U);
    groups.push_back(static_cast<std::uint8_t>(group));
  }
  return groups;
}

}  // namespace lntpay::fuzz
