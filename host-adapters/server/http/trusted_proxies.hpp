// Proxies on other machines whose X-Forwarded-For is trusted. (One on this machine always is: edge/http/request.hpp, client_of.)
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ip_address.hpp"
#include "edge/contract/contract.hpp"

namespace lntpay::host {

class TrustedProxies {
 public:
  TrustedProxies() = default;
  /// "10.0.0.0/8, 2001:db8::7": addresses and networks, with commas between. The error is for the operator.
  static std::expected<TrustedProxies, std::string> parse(const std::string& text);

  /// The client's address: the peer's or, if that is a trusted proxy, the last address in X-Forwarded-For that is not one.
  [[nodiscard]] std::string client_of(const std::string& peer, const std::vector<Header>& headers) const;

  /// The address is a trusted proxy's.
  [[nodiscard]] bool contains(std::string_view address) const;

 private:
  std::vector<Network> networks_;
};

}  // namespace lntpay::host
