// Encoders and their strict inverses.
#include "core/base/encoding.hpp"

#include <algorithm>
#include <array>

namespace lntpay {
namespace {

constexpr std::uint8_t no_digit = 0xff;
using DigitTable = std::array<std::uint8_t, 256>;

constexpr DigitTable inverse_of(std::string_view alphabet) {
  DigitTable table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}

constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr DigitTable hex_digits = inverse_of(hex_alphabet);
constexpr DigitTable base64_digits = inverse_of(base64_alphabet);
constexpr DigitTable base64url_digits = inverse_of(base64url_alphabet);
constexpr DigitTable base62_digits = inverse_of(base62_alphabet);
constexpr DigitTable crockford_digits = inverse_of(crockford_alphabet);

constexpr std::size_t crockford_id_digits_max = 26;

std::uint8_t digit(const DigitTable& table, char character) { return table[static_cast<std::uint8_t>(character)]; }

// A value that does not fit the width is a defect of the caller and must not become a wrong id.
void require(bool holds) {
  if (!holds) __builtin_trap();
}

bool hex_into(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = digit(hex_digits, text[2 * i]);
    const auto low = digit(hex_digits, text[2 * i + 1]);
    if ((high | low) > 15) return false;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

/// Writes the first `digits` digits of the bytes, `bits` each, high bits first. Missing bits at the end are 0.
std::string digits_of(ByteView bytes, std::size_t digits, unsigned bits, std::string_view alphabet) {
  std::string text(digits, '\0');
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  auto byte = bytes.begin();
  for (auto& character : text) {
    if (pending_bits < bits) {
      pending = pending << 8 | (byte == bytes.end() ? 0U : *byte++);
      pending_bits += 8;
    }
    character = alphabet[pending >> (pending_bits -= bits) & ((1U << bits) - 1)];
  }
  return text;
}

/// What `digits_of` wrote: the whole bytes, and the bits after them.
struct ReadDigits {
  Bytes bytes;
  std::uint32_t rest = 0;
  unsigned rest_bits = 0;
};
std::optional<ReadDigits> read_digits(std::string_view text, unsigned bits, const DigitTable& table) {
  ReadDigits read;
  read.bytes.reserve((text.size() * bits + 7) / 8);
  std::uint32_t pending = 0;
  for (const char character : text) {
    const auto value = digit(table, character);
    if (value == no_digit) return std::nullopt;
    pending = pending << bits | value;
    read.rest_bits += bits;
    if (read.rest_bits >= 8) read.bytes.push_back(static_cast<std::uint8_t>(pending >> (read.rest_bits -= 8)));
  }
  read.rest = pending & ((1U << read.rest_bits) - 1);
  return read;
}

bool is_url(Base64 form) { return form == Base64::url || form == Base64::url_unpadded; }
bool is_padded(Base64 form) { return form == Base64::standard || form == Base64::url; }

constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t remainder = i;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0xEDB88320U : 0U);
    table[i] = remainder;
  }
  return table;
}();

std::string number(std::uint64_t value, std::size_t width, std::string_view alphabet) {
  std::string text(width, '0');
  for (std::size_t i = width; i-- > 0;) {
    text[i] = alphabet[value % alphabet.size()];
    value /= alphabet.size();
  }
  require(value == 0);
  return text;
}

}  // namespace

std::string hex(ByteView bytes) {
  std::string text(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[2 * i] = hex_alphabet[bytes[i] >> 4];
    text[2 * i + 1] = hex_alphabet[bytes[i] & 15];
  }
  return text;
}

std::optional<Bytes> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes(text.size() / 2);
  if (!hex_into(text, bytes)) return std::nullopt;
  return bytes;
}

std::optional<Bytes32> hex_decode32(std::string_view text) {
  Bytes32 bytes;
  if (!hex_into(text, bytes)) return std::nullopt;
  return bytes;
}

std::optional<Bytes32> base64_decode32(Base64 form, std::string_view text) {
  const auto decoded = base64_decode(form, text);
  Bytes32 bytes;
  if (!decoded || decoded->size() != bytes.size()) return std::nullopt;
  std::ranges::copy(*decoded, bytes.begin());
  return bytes;
}

std::string base64(Base64 form, ByteView bytes) {
  auto text = digits_of(bytes, (bytes.size() * 8 + 5) / 6, 6, is_url(form) ? base64url_alphabet : base64_alphabet);
  if (is_padded(form)) text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<Bytes> base64_decode(Base64 form, std::string_view text) {
  if (is_padded(form)) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  auto read = read_digits(text, 6, is_url(form) ? base64url_digits : base64_digits);
  if (!read || read->rest != 0) return std::nullopt;
  return std::move(read->bytes);
}

std::string base62(std::uint64_t value, std::size_t width) { return number(value, width, base62_alphabet); }

std::optional<std::uint64_t> base62_decode(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char character : text) {
    const auto next = digit(base62_digits, character);
    if (next == no_digit || value > (UINT64_MAX - next) / 62) return std::nullopt;
    value = value * 62 + next;
  }
  return value;
}

std::string crockford(ByteView bytes, std::size_t digits) {
  require(bytes.size() * 8 >= digits * 5);
  return digits_of(bytes, digits, 5, crockford_alphabet);
}

std::string crockford(std::uint64_t value, std::size_t digits) { return number(value, digits, crockford_alphabet); }

std::optional<Bytes> crockford_decode(std::string_view text) {
  if (text.size() > crockford_id_digits_max) return std::nullopt;
  auto read = read_digits(text, 5, crockford_digits);
  if (!read) return std::nullopt;
  if (read->rest_bits > 0) read->bytes.push_back(static_cast<std::uint8_t>(read->rest << (8 - read->rest_bits)));
  return std::move(read->bytes);
}

std::optional<std::uint64_t> crockford_number(std::string_view text) {
  if (text.empty() || text.size() > 12) return std::nullopt;
  std::uint64_t value = 0;
  for (const char character : text) {
    const auto next = digit(crockford_digits, character);
    if (next == no_digit) return std::nullopt;
    value = value << 5 | next;
  }
  return value;
}

std::uint32_t crc32(ByteView bytes) {
  std::uint32_t remainder = 0xFFFFFFFFU;
  for (const auto byte : bytes) remainder = remainder >> 8 ^ crc_table[(remainder ^ byte) & 0xff];
  return ~remainder;
}

}  // namespace lntpay
