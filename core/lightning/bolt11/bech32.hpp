// Bech32 as BOLT 11 uses it (BIP 173): the checksum constant is 1 (not bech32m's), and there is no limit of 90 characters.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "core/lightning/bolt11/errors.hpp"

namespace lntpay::bolt11 {

/// The longest invoice that lnd and LDK read and write. Longer texts are rejected unread.
inline constexpr std::size_t length_max = 7'089;

/// Six characters at the end of every bech32 string.
inline constexpr std::size_t checksum_groups = 6;

inline constexpr std::string_view bech32_alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// A group is five bits in a byte.
using Groups = std::span<const std::uint8_t>;

/// A parsed bech32 string, without allocation: the spans point into the object.
class Bech32 {
 public:
  /// Fails with: too_long, character_invalid, case_mixed, separator_missing, prefix_empty, checksum_missing, checksum_wrong.
  static std::expected<void, Rejection> read(std::string_view text, Bech32& into);

  /// The part before the last '1', in lower case.
  [[nodiscard]] std::string_view prefix() const { return {prefix_.data(), prefix_size_}; }
  /// The groups after it, without the checksum.
  [[nodiscard]] Groups data() const { return Groups{groups_.data(), data_size_}; }
  /// The position of group `index` in the text.
  [[nodiscard]] std::size_t offset_of(std::size_t index) const { return prefix_size_ + 1 + index; }

 private:
  std::array<char, length_max> prefix_;
  std::array<std::uint8_t, length_max> groups_;
  std::size_t prefix_size_ = 0;
  std::size_t data_size_ = 0;
};

/// `prefix` (lower case), '1', the groups and their checksum. Every group is below 32.
std::string bech32(std::string_view prefix, Groups groups);

/// The value of a bech32 character in either case; 255 for any other byte.
std::uint8_t group_of(char character);

/// Whether the low bits beyond the last whole byte of `groups` are all zero and fewer than five.
bool padding_is_zero(Groups groups);

/// Packs the groups into floor(groups x 5 / 8) bytes and drops the remaining bits. `out` must have that size or more.
void pack(Groups groups, std::span<std::uint8_t> out);

}  // namespace lntpay::bolt11
