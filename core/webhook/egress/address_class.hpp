// Classes of IP addresses for the egress rules.
#pragma once
#include <cstdint>

#include "core/base/ip_address.hpp"

namespace lntpay {

/// `internal`: any other address that is not globally reachable.
enum class AddressClass : std::uint8_t { global, loopback, internal };

/// By the IANA special-purpose address registries, with all IPv6 outside 2000::/3 internal. Prefixes that embed an IPv4
/// address (NAT64, 6to4, Teredo, compatible, translated) are internal; mapped addresses are classified as IPv4.
AddressClass classify(const IpAddress& address);

}  // namespace lntpay
