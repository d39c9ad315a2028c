// Names of the networks.
#include "core/lightning/bolt11/invoice.hpp"

#include <algorithm>
#include <array>

namespace lntpay::bolt11 {
namespace {

struct Names {
  std::string_view currency;
  std::string_view name;
};

// In the order of `Network`.
constexpr std::array<Names, 5> networks{
    {{"bc", "bitcoin"}, {"tb", "testnet"}, {"tbs", "signet"}, {"bcrt", "regtest"}, {"sb", "simnet"}}};

std::optional<Network> find(std::string_view text, std::string_view Names::* column) {
  const auto row = std::ranges::find(networks, text, column);
  if (row == networks.end()) return std::nullopt;
  return static_cast<Network>(row - networks.begin());
}

}  // namespace

std::string_view currency(Network network) { return networks[static_cast<std::size_t>(network)].currency; }
std::string_view name(Network network) { return networks[static_cast<std::size_t>(network)].name; }
std::optional<Network> network_of_currency(std::string_view currency) { return find(currency, &Names::currency); }
std::optional<Network> network_of_name(std::string_view name) { return find(name, &Names::name); }

}  // namespace lntpay::bolt11
