// IP addresses, for one question: is it safe to connect there?
//
// Texts are strict, so that nothing is read here in one way and by a resolver or a socket in another: four decimal numbers
// without leading zeros (127.1, 0x7f000001 and 0177.0.0.1 are no addresses), IPv6 as in RFC 4291 section 2.2, no zone.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lntpay {

/// IPv4 addresses are held in their mapped form, ::ffff:a.b.c.d: both texts name the same place.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  bool operator==(const IpAddress&) const = default;
};

std::optional<IpAddress> parse_ipv4(std::string_view text);
std::optional<IpAddress> parse_ipv6(std::string_view text);
/// Either form, without brackets.
std::optional<IpAddress> parse_ip(std::string_view text);

/// `internal`: any address that is not globally reachable, whatever the reason.
enum class AddressClass : std::uint8_t { global, loopback, internal };

/// By the IANA special-purpose address registries, and IPv6 outside 2000::/3 even where no registry names it. Prefixes that
/// carry an IPv4 address (NAT64, 6to4, Teredo, compatible, translated) are internal; mapped ones are their IPv4 address.
AddressClass classify(const IpAddress& address);

}  // namespace lntpay
