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

constexpr std::string_view hex_alphabet = "0123456789abcdef";
constexpr std::string_view base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base62_alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view crockford_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

constexpr DigitTable hex_digits = inverse_of(hex_alphabet);
constexpr DigitTable base64_digits = inverse_of(base64_alphabet);
constexpr DigitTable base64url_digits = inverse_of(base64url_alphabet);
constexpr DigitTable base62_digits = inverse_of(base62_alphabet);
constexpr DigitTable crockford_digits = inverse_of(crockford_alphabet);

constexpr std::size_t crockford_id_digits_max = 26;

std::uint8_t digit(const DigitTable& table, char character) { return table[static_cast<std::uint8_t>(character)]; }

// A caller that asks for what a width cannot hold has a defect that must not become a wrong id.
void must(bool holds) {
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
  must(value == 0);
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

std::string base64(Base64 form, ByteView bytes) {
  const auto alphabet = is_url(form) ? base64url_alphabet : base64_alphabet;
  std::string text((bytes.size() * 8 + 5) / 6, '\0');
  auto out = text.begin();
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const auto byte : bytes) {
    pending = pending << 8 | byte;
    pending_bits += 8;
    while (pending_bits >= 6) *out++ = alphabet[pending >> (pending_bits -= 6) & 63];
  }
  if (pending_bits > 0) *out = alphabet[pending << (6 - pending_bits) & 63];
  if (is_padded(form)) text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<Bytes> base64_decode(Base64 form, std::string_view text) {
  if (is_padded(form)) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  const auto& digits = is_url(form) ? base64url_digits : base64_digits;
  Bytes bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char character : text) {
    const auto value = digit(digits, character);
    if (value == no_digit) return std::nullopt;
    pending = pending << 6 | value;
    pending_bits += 6;
    if (pending_bits >= 8) bytes.push_back(static_cast<std::uint8_t>(pending >> (pending_bits -= 8)));
  }
  if ((pending & ((1U << pending_bits) - 1)) != 0) return std::nullopt;
  return bytes;
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
  must(bytes.size() * 8 >= digits * 5);
  std::string text;
  text.reserve(digits);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (std::size_t i = 0; text.size() < digits;) {
    if (pending_bits < 5) {
      pending = pending << 8 | bytes[i++];
      pending_bits += 8;
    }
    text += crockford_alphabet[pending >> (pending_bits -= 5) & 31];
  }
  return text;
}

std::string crockford(std::uint64_t value, std::size_t digits) { return number(value, digits, crockford_alphabet); }

std::optional<Bytes> crockford_decode(std::string_view text) {
  if (text.size() > crockford_id_digits_max) return std::nullopt;
  Bytes bytes;
  bytes.reserve((text.size() * 5 + 7) / 8);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char character : text) {
    const auto value = digit(crockford_digits, character);
    if (value == no_digit) return std::nullopt;
    pending = pending << 5 | value;
    pending_bits += 5;
    if (pending_bits >= 8) bytes.push_back(static_cast<std::uint8_t>(pending >> (pending_bits -= 8)));
  }
  if (pending_bits > 0) bytes.push_back(static_cast<std::uint8_t>(pending << (8 - pending_bits)));
  return bytes;
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

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || text.size() - i < size) return false;
    // The second byte alone rules out longer forms (E0, F0), surrogates (ED) and what is above U+10FFFF (F4).
    const std::uint8_t lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(i + 1) < lowest || byte(i + 1) > highest) return false;
    for (std::size_t k = 2; k < size; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    }
    i += size;
  }
  return true;
}

std::uint32_t crc32(ByteView bytes) {
  std::uint32_t remainder = 0xFFFFFFFFU;
  for (const auto byte : bytes) remainder = remainder >> 8 ^ crc_table[(remainder ^ byte) & 0xff];
  return ~remainder;
}

}  // namespace lntpay
