// The list of networks, and the walk along X-Forwarded-For.
#include "host-adapters/server/http/trusted_proxies.hpp"

#include <algorithm>
#include <ranges>

#include "core/base/ascii.hpp"
#include "core/storage/row.hpp"

namespace lntpay::host {

std::expected<TrustedProxies, std::string> TrustedProxies::parse(const std::string& text) {
  TrustedProxies trusted;
  for (std::string_view rest = text; !trimmed(rest).empty();) {
    const auto each = trimmed(row::cut(rest, ','));
    const auto network = Network::parse(each);
    if (!network)
      return std::unexpected("\"" + std::string(each) + "\" is no address or network: 10.0.0.7, 10.0.0.0/8, 2001:db8::/32");
    trusted.networks_.push_back(*network);
  }
  return trusted;
}

bool TrustedProxies::contains(std::string_view address) const {
  const auto without_zone = address.substr(0, address.find('%'));  // of a link-local peer: fe80::1%eth0
  const auto parsed = networks_.empty() ? std::nullopt : parse_ip(without_zone);
  return parsed && std::ranges::any_of(networks_, [&](const Network& each) { return each.contains(*parsed); });
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
      if (!parse_ip(last)) return client;  // anything before it is not from a trusted proxy
      client = std::string(last);
      if (!contains(last)) return client;
    }
  }
  return client;
}

}  // namespace lntpay::host
