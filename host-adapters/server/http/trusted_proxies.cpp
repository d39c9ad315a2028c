// Parses networks, and compares addresses with their first bits.
#include "host-adapters/server/http/trusted_proxies.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <optional>
#include <ranges>

#include "core/base/ascii.hpp"
#include "core/base/integer.hpp"
#include "core/storage/row.hpp"
#include "host-adapters/server/http/address_text.hpp"

namespace lntpay::host {
namespace {

/// The bytes of an address, without its port; a mapped one as IPv4.
std::optional<std::vector<unsigned char>> bytes_of_address(std::string_view text) {
  boost::system::error_code error;
  const auto read = boost::asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  const auto plain = boost::asio::ip::make_address(address_text(read), error);
  if (error) return std::nullopt;
  if (plain.is_v4()) {
    const auto bytes = plain.to_v4().to_bytes();
    return std::vector<unsigned char>(bytes.begin(), bytes.end());
  }
  const auto bytes = plain.to_v6().to_bytes();
  return std::vector<unsigned char>(bytes.begin(), bytes.end());
}

bool is_in(const std::vector<unsigned char>& address, const std::vector<unsigned char>& network, unsigned prefix) {
  constexpr unsigned bits = 8;
  if (address.size() != network.size()) return false;
  for (unsigned bit = 0; bit < prefix; ++bit) {
    const auto differs = static_cast<unsigned>(address[bit / bits] ^ network[bit / bits]);
    if (((differs >> (bits - 1 - bit % bits)) & 1U) != 0) return false;
  }
  return true;
}

}  // namespace

std::expected<TrustedProxies, std::string> TrustedProxies::parse(const std::string& text) {
  TrustedProxies trusted;
  for (std::string_view rest = text; !trimmed(rest).empty();) {
    const auto each = trimmed(row::cut(rest, ','));
    const auto slash = each.find('/');
    auto bytes = bytes_of_address(each.substr(0, slash));
    Network network;
    bool good = bytes.has_value();
    if (good) {
      constexpr unsigned bits = 8;
      network.bytes = std::move(*bytes);
      const auto longest = static_cast<unsigned>(network.bytes.size()) * bits;
      network.prefix = longest;
      if (slash != std::string_view::npos) {
        const auto prefix = parse_integer<unsigned>(each.substr(slash + 1), longest);
        good = prefix.has_value();
        network.prefix = prefix.value_or(longest);
      }
    }
    if (!good)
      return std::unexpected("\"" + std::string(each) + "\" is no address or network: 10.0.0.7, 10.0.0.0/8, 2001:db8::/32");
    trusted.networks_.push_back(std::move(network));
  }
  return trusted;
}

bool TrustedProxies::contains(std::string_view address) const {
  const auto bytes = networks_.empty() ? std::nullopt : bytes_of_address(address);
  return bytes && std::ranges::any_of(networks_, [&](const Network& each) { return is_in(*bytes, each.bytes, each.prefix); });
}

std::string TrustedProxies::client_of(const std::string& peer, const std::vector<Header>& headers) const {
  if (!contains(peer)) return peer;
  std::string client = peer;
  // Several lines are one list, in the order received.
  for (const auto& [name, value] : headers | std::views::reverse) {
    if (name != "x-forwarded-for") continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto comma = rest.rfind(',');
      const auto last = trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(0, comma);
      if (!bytes_of_address(last)) return client;  // anything before it is not from a trusted proxy
      client = std::string(last);
      if (!contains(last)) return client;
    }
  }
  return client;
}

}  // namespace lntpay::host
