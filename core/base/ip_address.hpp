// IP addresses and networks.
//
// Parsing is strict, so that a resolver or socket cannot read a text differently: four decimal numbers without leading zeros
// (127.1, 0x7f000001 and 0177.0.0.1 are rejected), IPv6 as in RFC 4291 section 2.2, no zone.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lntpay {

/// IPv4 addresses are stored in their mapped form, ::ffff:a.b.c.d, so both texts compare equal.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool operator==(const IpAddress&) const = default;
};

std::optional<IpAddress> parse_ipv4(std::string_view text);
std::optional<IpAddress> parse_ipv6(std::string_view text);
/// Either form, without brackets.
std::optional<IpAddress> parse_ip(std::string_view text);

/// The addresses that share the first bits of one.
struct Network {
  static constexpr unsigned bits_max = 128;
  IpAddress first;
  unsigned bits = bits_max;

  /// "10.0.0.0/8", "2001:db8::/32", or one address.
  static std::optional<Network> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] bool contains(const Network& other) const;
};

}  // namespace lntpay
