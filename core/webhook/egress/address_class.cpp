// The blocks of the IANA special-purpose registries.
#include "core/webhook/egress/address_class.hpp"

#include <algorithm>
#include <array>

namespace lntpay {
namespace {

constexpr Network v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, unsigned bits) {
  return {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, 0}}, 96 + bits};
}
constexpr Network v6(std::uint16_t a, std::uint16_t b, std::uint16_t c, std::uint16_t d, unsigned bits) {
  const auto high = [](std::uint16_t group) { return static_cast<std::uint8_t>(group >> 8); };
  const auto low = [](std::uint16_t group) { return static_cast<std::uint8_t>(group & 0xff); };
  return {{{high(a), low(a), high(b), low(b), high(c), low(c), high(d), low(d)}}, bits};
}

constexpr Network mapped = v4(0, 0, 0, 0);
constexpr Network loopback_v4 = v4(127, 0, 0, 8);
constexpr Network global_unicast_v6 = v6(0x2000, 0, 0, 0, 3);

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

bool inside_any(const IpAddress& address, const auto& blocks) {
  return std::ranges::any_of(blocks, [&](const Network& block) { return block.contains(address); });
}

}  // namespace

AddressClass classify(const IpAddress& address) {
  constexpr IpAddress loopback_v6{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  if (address == loopback_v6 || loopback_v4.contains(address)) return AddressClass::loopback;
  const bool global = mapped.contains(address) ? !inside_any(address, denied_v4)
                                               : global_unicast_v6.contains(address) && !inside_any(address, denied_v6);
  return global ? AddressClass::global : AddressClass::internal;
}

}  // namespace lntpay
