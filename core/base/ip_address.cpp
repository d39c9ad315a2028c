// Parsing addresses and networks, and comparing their first bits.
#include "core/base/ip_address.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/integer.hpp"

namespace lntpay {
namespace {

constexpr std::array<std::uint8_t, 16> ipv4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned ipv4_bits_before = 96;

/// 1 to 4 hex digits.
std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    const auto digit = hex_digit(c);
    if (!digit) return std::nullopt;
    value = value * 16 + *digit;
  }
  return static_cast<std::uint16_t>(value);
}

/// Groups of one side of "::", the last of which may be an IPv4 address.
struct Groups {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;
};

bool read_groups(std::string_view text, bool at_end, Groups& out) {
  if (text.empty()) return true;
  while (true) {
    const auto colon = text.find(':');
    const auto piece = text.substr(0, colon);
    if (at_end && colon == text.npos && piece.find('.') != piece.npos) {
      const auto embedded = parse_ipv4(piece);
      if (!embedded || out.size > 12) return false;
      std::copy_n(embedded->bytes.begin() + 12, 4, out.bytes.begin() + static_cast<std::ptrdiff_t>(out.size));
      out.size += 4;
      return true;
    }
    const auto group = parse_group(piece);
    if (!group || out.size > 14) return false;
    out.bytes[out.size++] = static_cast<std::uint8_t>(*group >> 8);
    out.bytes[out.size++] = static_cast<std::uint8_t>(*group & 0xff);
    if (colon == text.npos) return true;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

std::optional<IpAddress> parse_ipv4(std::string_view text) {
  IpAddress address{ipv4_mapped};
  for (std::size_t part = 0; part < 4; ++part) {
    std::size_t digits = 0;
    unsigned value = 0;
    while (digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9') {
      value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    }
    // A leading zero is octal to some parsers and decimal to others.
    if (digits == 0 || value > 255 || (digits > 1 && text.front() == '0')) return std::nullopt;
    address.bytes[12 + part] = static_cast<std::uint8_t>(value);
    text.remove_prefix(digits);
    if (part == 3) break;
    if (!text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return address;
}

std::optional<IpAddress> parse_ipv6(std::string_view text) {
  if (text.size() < 2 || text.size() > 45) return std::nullopt;
  const auto gap = text.find("::");
  Groups before;
  if (gap == text.npos) {
    if (!read_groups(text, true, before) || before.size != 16) return std::nullopt;
    return IpAddress{before.bytes};
  }
  Groups after;
  if (!read_groups(text.substr(0, gap), false, before) || !read_groups(text.substr(gap + 2), true, after)) return std::nullopt;
  // RFC 4291, 2.2: "::" stands for one or more groups of zeros.
  if (before.size + after.size > 14) return std::nullopt;
  IpAddress address{before.bytes};
  std::copy_n(after.bytes.begin(), after.size, address.bytes.end() - static_cast<std::ptrdiff_t>(after.size));
  return address;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
  return text.find(':') == text.npos ? parse_ipv4(text) : parse_ipv6(text);
}

std::optional<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) return Network{*address};
  const unsigned before = text.find(':') == text.npos ? ipv4_bits_before : 0;
  const auto bits = parse_integer<unsigned>(text.substr(slash + 1), bits_max - before);
  if (!bits) return std::nullopt;
  return Network{*address, before + *bits};
}

bool Network::contains(const IpAddress& address) const {
  for (unsigned bit = 0; bit < bits; bit += 8) {
    const unsigned left = bits - bit;
    const auto mask = static_cast<std::uint8_t>(left >= 8 ? 0xff : 0xff << (8 - left));
    if (((address.bytes[bit / 8] ^ first.bytes[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

bool Network::contains(const Network& other) const { return bits <= other.bits && contains(other.first); }

}  // namespace lntpay
