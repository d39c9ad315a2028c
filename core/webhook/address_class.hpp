// IP addresses, parsed and classified for the egress rules.
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

/// `internal`: any other address that is not globally reachable.
enum class AddressClass : std::uint8_t { global, loopback, internal };

/// By the IANA special-purpose address registries, with all IPv6 outside 2000::/3 internal. Prefixes that embed an IPv4
/// address (NAT64, 6to4, Teredo, compatible, translated) are internal; mapped addresses are classified as IPv4.
AddressClass classify(const IpAddress& address);

}  // namespace lntpay
