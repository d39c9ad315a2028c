// Shared by the reader and the writer of the data part: field types, fixed lengths, and the signed hash.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/crypto/sha256.hpp"
#include "core/lightning/bolt11/bech32.hpp"

namespace lntpay::bolt11 {

inline constexpr std::size_t timestamp_groups = 7;
inline constexpr std::size_t signature_groups = 104;  // r | s | recovery id: 65 bytes
inline constexpr std::size_t field_head_groups = 3;   // type, length (10 bits)
inline constexpr std::size_t hash_groups = 52;        // 32 bytes: p, h, s
inline constexpr std::size_t node_groups = 53;        // 33 bytes: n
inline constexpr std::size_t hop_bytes = 51;          // 33 node, 8 channel, 4 base fee, 4 proportional fee, 2 CLTV delta
inline constexpr std::uint8_t fallback_p2pkh = 17;
inline constexpr std::uint8_t fallback_p2sh = 18;

/// Whether the reader knows the field of this bech32 character.
constexpr bool is_known_field(char type) { return std::string_view{"pshndxc9fmr"}.find(type) != std::string_view::npos; }

/// P2PKH and P2SH have hashes of 20 bytes; a witness program (BIP 141) has 2 to 40 bytes, for version 0 exactly 20 or 32.
constexpr bool fallback_length_is_valid(std::uint8_t version, std::size_t bytes) {
  if (version == fallback_p2pkh || version == fallback_p2sh) return bytes == 20;
  if (version == 0) return bytes == 20 || bytes == 32;
  return version <= 16 && bytes >= 2 && bytes <= 40;
}

/// The "SHA2 256-bit hash of the human-readable part, represented as UTF-8 bytes, concatenated with the data part (excluding the
/// signature) with 0 bits appended to pad the data to the next byte boundary".
inline Bytes32 signed_hash(std::string_view prefix, Groups unsigned_data) {
  std::array<std::uint8_t, (length_max * 5 + 7) / 8> bytes;
  const auto whole = unsigned_data.size() / 8 * 8;
  pack(unsigned_data.first(whole), bytes);
  std::array<std::uint8_t, 8> rest{};
  const auto rest_groups = unsigned_data.subspan(whole);
  for (std::size_t i = 0; i < rest_groups.size(); ++i) rest[i] = rest_groups[i];
  const auto size = (unsigned_data.size() * 5 + 7) / 8;
  std::array<std::uint8_t, 5> tail;
  pack(rest, tail);
  for (std::size_t i = whole / 8 * 5; i < size; ++i) bytes[i] = tail[i - whole / 8 * 5];
  return Sha256{}.update(bytes_of(prefix)).update(ByteView{bytes}.first(size)).finish();
}

}  // namespace lntpay::bolt11
