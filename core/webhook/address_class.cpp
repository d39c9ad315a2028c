// Address parsing, and the blocks of the IANA special-purpose registries.
#include "core/webhook/address.hpp"

#include "core/base/ascii.hpp"

#include <algorithm>

namespace lntpay {
namespace {

struct Block {
  std::array<std::uint8_t, 16> prefix;
  unsigned bits;
};

constexpr Block v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, unsigned bits) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, 0}, 96 + bits};
}
constexpr Block v6(std::uint16_t a, std::uint16_t b, std::uint16_t c, std::uint16_t d, unsigned bits) {
  const auto high = [](std::uint16_t group) { return static_cast<std::uint8_t>(group >> 8); };
  const auto low = [](std::uint16_t group) { return static_cast<std::uint8_t>(group & 0xff); };
  return {{high(a), low(a), high(b), low(b), high(c), low(c), high(d), low(d)}, bits};
}

constexpr Block mapped = v4(0, 0, 0, 0);
constexpr Block loopback_v4 = v4(127, 0, 0, 8);
constexpr Block global_unicast_v6 = v6(0x2000, 0, 0, 0, 3);

constexpr std::array denied_v4{
    v4(0, 0, 0, 8),        // this network
    v4(10, 0, 0, 8),       // private
    v4(100, 64, 0, 10),    // shared, carrier-grade NAT
    v4(127, 0, 0, 8),      // loopback
    v4(169, 254, 0, 16),   // link local, cloud metadata
    v4(172, 16, 0, 12),    // private
    v4(192, 0, 0, 24),     // IETF protocol assignments
    v4(192, 0, 2, 24),     // TEST-NET-1
    v4(192, 31, 196, 24),  // AS112
    v4(192, 52, 193, 24),  // AMT
    v4(192, 88, 99, 24),   // 6to4 relay
    v4(192, 168, 0, 16),   // private
    v4(192, 175, 48, 24),  // AS112
    v4(198, 18, 0, 15),    // benchmarks
    v4(198, 51, 100, 24),  // TEST-NET-2
    v4(203, 0, 113, 24),   // TEST-NET-3
    v4(224, 0, 0, 4),      // multicast
    v4(240, 0, 0, 4),      // reserved, broadcast
};

// Blocks inside 2000::/3; everything outside it is denied.
constexpr std::array denied_v6{
    v6(0x2001, 0, 0, 0, 23),          // IETF protocol assignments: Teredo, ORCHID, benchmarks
    v6(0x2001, 0xdb8, 0, 0, 32),      // documentation
    v6(0x2002, 0, 0, 0, 16),          // 6to4
    v6(0x2620, 0x4f, 0x8000, 0, 48),  // AS112
    v6(0x3fff, 0, 0, 0, 20),          // documentation
};

bool inside(const IpAddress& address, const Block& block) {
  for (unsigned bit = 0; bit < block.bits; bit += 8) {
    const unsigned left = block.bits - bit;
    const auto mask = static_cast<std::uint8_t>(left >= 8 ? 0xff : 0xff << (8 - left));
    if (((address.bytes[bit / 8] ^ block.prefix[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

bool inside_any(const IpAddress& address, const auto& blocks) {
  return std::ranges::any_of(blocks, [&](const Block& block) { return inside(address, block); });
}

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
  IpAddress address{mapped.prefix};
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

AddressClass classify(const IpAddress& address) {
  constexpr IpAddress loopback_v6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  if (address == loopback_v6 || inside(address, loopback_v4)) return AddressClass::loopback;
  const bool global = inside(address, mapped) ? !inside_any(address, denied_v4)
                                              : inside(address, global_unicast_v6) && !inside_any(address, denied_v6);
  return global ? AddressClass::global : AddressClass::internal;
}

}  // namespace lntpay
