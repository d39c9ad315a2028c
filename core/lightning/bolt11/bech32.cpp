// Bech32 with BIP 173's constant, for strings of any length up to an invoice's.
#include "core/lightning/bolt11/bech32.hpp"

#include <algorithm>

namespace lntpay::bolt11 {
namespace {

constexpr std::uint8_t no_group = 255;

constexpr std::array<std::uint8_t, 256> group_table = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_group);
  for (std::size_t i = 0; i < bech32_alphabet.size(); ++i) {
    const char lower = bech32_alphabet[i];
    table[static_cast<std::uint8_t>(lower)] = static_cast<std::uint8_t>(i);
    if (lower >= 'a') table[static_cast<std::uint8_t>(lower - 'a' + 'A')] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// The kind of a byte, as bits: a string has no `foreign` byte, and letters of one case only.
constexpr std::uint8_t lower = 1;
constexpr std::uint8_t upper = 2;
constexpr std::uint8_t foreign = 4;
constexpr std::array<std::uint8_t, 256> kind_table = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    const bool printable = c >= 33 && c <= 126;
    table[c] = !printable ? foreign : c >= 'a' && c <= 'z' ? lower : c >= 'A' && c <= 'Z' ? upper : 0;
  }
  return table;
}();

// BIP 173: the generator's five multiples, combined for every value of the top five bits.
constexpr std::array<std::uint32_t, 32> generator = [] {
  constexpr std::array<std::uint32_t, 5> rows{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  std::array<std::uint32_t, 32> table{};
  for (std::size_t top = 0; top < 32; ++top) {
    for (std::size_t bit = 0; bit < 5; ++bit) table[top] ^= (top >> bit & 1) != 0 ? rows[bit] : 0;
  }
  return table;
}();

class Checksum {
 public:
  void add(std::uint8_t group) { state_ = (state_ & 0x1ffffff) << 5 ^ group ^ generator[state_ >> 25]; }
  void add_prefix(std::string_view prefix) {
    for (const char c : prefix) add(static_cast<std::uint8_t>(c) >> 5);
    add(0);
    for (const char c : prefix) add(static_cast<std::uint8_t>(c) & 31);
  }
  [[nodiscard]] std::uint32_t value() const { return state_; }

 private:
  std::uint32_t state_ = 1;
};

}  // namespace

std::uint8_t group_of(char character) { return group_table[static_cast<std::uint8_t>(character)]; }

std::expected<void, Rejection> Bech32::read(std::string_view text, Bech32& into) {
  if (text.size() > length_max) return reject(Reason::too_long);
  std::uint8_t kinds = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    kinds |= kind_table[static_cast<std::uint8_t>(text[i])];
    if (kinds <= upper) continue;
    return reject(kinds < foreign ? Reason::case_mixed : Reason::character_invalid, i);
  }
  const auto separator = text.rfind('1');
  if (separator == std::string_view::npos) return reject(Reason::separator_missing);
  if (separator == 0) return reject(Reason::prefix_empty);
  const auto data = text.substr(separator + 1);
  if (data.size() < checksum_groups) return reject(Reason::checksum_missing, text.size());

  for (std::size_t i = 0; i < separator; ++i)
    into.prefix_[i] = is_upper(text[i]) ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
  into.prefix_size_ = separator;
  Checksum checksum;
  checksum.add_prefix(into.prefix());
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto group = group_of(data[i]);
    if (group == no_group) return reject(Reason::character_invalid, separator + 1 + i);
    into.groups_[i] = group;
    checksum.add(group);
  }
  if (checksum.value() != 1) return reject(Reason::checksum_wrong);
  into.data_size_ = data.size() - checksum_groups;
  return {};
}

std::string bech32(std::string_view prefix, Groups groups) {
  std::string text(prefix.size() + 1 + groups.size() + checksum_groups, '1');
  Checksum checksum;
  checksum.add_prefix(prefix);
  auto out = std::ranges::copy(prefix, text.begin()).out + 1;
  for (const auto group : groups) {
    checksum.add(group);
    *out++ = bech32_alphabet[group];
  }
  for (std::size_t i = 0; i < checksum_groups; ++i) checksum.add(0);
  for (std::size_t i = 0; i < checksum_groups; ++i) *out++ = bech32_alphabet[(checksum.value() ^ 1) >> (25 - 5 * i) & 31];
  return text;
}

bool padding_is_zero(Groups groups) {
  const auto unused = groups.size() * 5 % 8;
  if (unused == 0) return true;
  return unused < 5 && (groups.back() & ((1U << unused) - 1)) == 0;
}

void pack(Groups groups, std::span<std::uint8_t> out) {
  std::size_t at = 0;
  while (groups.size() >= 8) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i) bits = bits << 5 | groups[i];
    for (std::size_t i = 0; i < 5; ++i) out[at++] = static_cast<std::uint8_t>(bits >> (32 - 8 * i));
    groups = groups.subspan(8);
  }
  std::uint64_t bits = 0;
  for (const auto group : groups) bits = bits << 5 | group;
  std::size_t left = groups.size() * 5;
  while (left >= 8) out[at++] = static_cast<std::uint8_t>(bits >> (left -= 8));
}

}  // namespace lntpay::bolt11
