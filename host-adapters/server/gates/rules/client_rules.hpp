// Which clients pass without a price, and which requests present a credential.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ip_address.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay::host {

/// A rule of an allowlist. It fits a client whose address is in one of `addresses` and whose User-Agent fits one of `user_agents`;
/// an empty list fits every client. A client can send any User-Agent, so `user_agents` alone protects nothing.
struct ClientRule {
  std::vector<Network> addresses;
  std::vector<std::string> user_agents;

  [[nodiscard]] bool fits(const std::optional<IpAddress>& address, std::string_view user_agent) const;
};

/// Whether the whole text fits the pattern, in which `*` is any text. The case of letters does not matter.
bool fits_pattern(std::string_view pattern, std::string_view text);

/// Whether a header field presents what a gate may read as a credential: the gate then decides, and no free request is taken. Not a
/// cookie, which a browser sends by itself.
bool presents_credential(const std::vector<Header>& headers);

}  // namespace lntpay::host
